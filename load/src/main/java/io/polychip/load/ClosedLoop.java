package io.polychip.load;

import io.polychip.performance.Profile;
import io.polychip.simulator.Engine;
import io.polychip.simulator.Sink;
import java.util.ArrayList;
import java.util.List;

/** A closed load against the simulator's engine: what a profile predicts for a point of a measurement. Pure. */
final class ClosedLoop {
    private static final double PICOS_PER_NANO = 1000;

    private final Engine engine;
    private final Cell cell;
    private final CellTally tally;
    private final List<Integer> finished = new ArrayList<>();
    private final List<Long> sentPicos = new ArrayList<>();
    private final List<Long> firstPicos = new ArrayList<>();
    private long now;

    private ClosedLoop(Profile profile, Cell cell, int wanted) {
        this.engine = new Engine(profile);
        this.cell = cell;
        this.tally = new CellTally(cell, wanted);
    }

    /** @param wanted answers to count, as many as were measured */
    static Result run(Profile profile, Cell cell, int wanted) {
        ClosedLoop loop = new ClosedLoop(profile, cell, wanted);
        loop.run();
        return new Result(loop.tally.timing(), loop.now / PICOS_PER_NANO);
    }

    /** @param wallNanos from the first request until the last answer that counts */
    record Result(CellTally.Timing timing, double wallNanos) {}

    private void run() {
        for (int i = 0; i < cell.concurrency(); i++) {
            send();
        }
        Sink sink = new Sink() {
            @Override
            public void firstToken(long id, long atPicos) {
                firstPicos.set((int) id, atPicos);
                tally.begun((int) id, atPicos);
            }

            @Override
            public void finished(long id, int cachedTokens, long atPicos) {
                finished.add((int) id);
                int output = cell.outputOf((int) id);
                long first = firstPicos.get((int) id);
                tally.answered(
                        sentPicos.get((int) id),
                        (first - sentPicos.get((int) id)) / PICOS_PER_NANO,
                        (atPicos - first) / PICOS_PER_NANO / (output - 1),
                        cell.promptTokens(),
                        output);
            }
        };
        while (!tally.enough()) {
            now = engine.nextChange();
            engine.advance(now, sink);
            finished.forEach(done -> send());
            finished.clear();
        }
    }

    private void send() {
        int index = tally.send();
        sentPicos.add(now);
        firstPicos.add(0L);
        if (!engine.submit(index, cell.promptTokens(), cell.outputOf(index), new long[0], now)) {
            throw new MeasureException("A request with %d prompt and %d answer tokens fits no cache of %d tokens."
                    .formatted(cell.promptTokens(), cell.outputOf(index), engine.kvTokens()));
        }
    }
}
