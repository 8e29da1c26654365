package io.polychip.validation;

import io.polychip.performance.Batching;
import io.polychip.performance.StepTime;
import io.polychip.simulator.Engine;
import io.polychip.simulator.Sink;
import java.util.Arrays;
import java.util.List;

/** One engine fed with requests at given times. */
final class Replay {
    /** @param hashes contents of the whole blocks of prompt and answer */
    record Request(long atPicos, int promptTokens, int outputTokens, long[] hashes) {}

    /** By request, in the order given: seconds, and prompt tokens found in the cache. NaN where it did not fit. */
    record Result(double[] ttft, double[] latency, int[] cached, long preemptions) {}

    private Replay() {}

    static Result run(StepTime time, Batching batching, long kvTokens, List<Request> requests) {
        Engine engine = new Engine(time, batching, kvTokens);
        double[] ttft = new double[requests.size()];
        double[] latency = new double[requests.size()];
        int[] cached = new int[requests.size()];
        Arrays.fill(ttft, Double.NaN);
        Arrays.fill(latency, Double.NaN);
        Sink sink = new Sink() {
            @Override
            public void firstToken(long id, long atPicos) {
                ttft[(int) id] = (atPicos - requests.get((int) id).atPicos()) / 1e12;
            }

            @Override
            public void finished(long id, int cachedTokens, long atPicos) {
                latency[(int) id] = (atPicos - requests.get((int) id).atPicos()) / 1e12;
                cached[(int) id] = cachedTokens;
            }
        };
        for (int i = 0; i < requests.size(); i++) {
            Request request = requests.get(i);
            engine.advance(request.atPicos(), sink);
            engine.submit(i, request.promptTokens(), request.outputTokens(), request.hashes(), request.atPicos());
        }
        while (engine.nextChange() != Engine.NEVER) {
            engine.advance(engine.nextChange(), sink);
        }
        return new Result(ttft, latency, cached, engine.preemptions());
    }
}
