package io.polychip.validation;

import io.polychip.performance.Batching;
import io.polychip.performance.StepTime;
import io.polychip.simulator.Engine;
import io.polychip.simulator.Sink;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Requests of given lengths, as they come at random, over one pool of exact engines; each goes to the replica with the
 * fewest inside. A pool is cut into cells of at most {@link #CELL} replicas with their part of the rate: more replicas
 * than that only smooth.
 */
final class SizingTrial {
    static final int CELL = 8;
    private static final int REQUESTS = 10_000;
    private static final int WARM = REQUESTS / 5;
    private static final double PICOS = 1e12;

    private final Chip chip;
    private final int[] lengths;

    /**
     * A chip by fleet-sim's constants: a step takes {@code W + H x tokens in reach / 8192}, a prompt is read in chunks.
     */
    record Chip(String name, StepTime steps, Batching batching, long kvTokens, double usdPerHour) {}

    /** @param lengths a sample of total lengths; four fifths of each are the prompt */
    SizingTrial(Chip chip, int[] lengths) {
        this.chip = chip;
        this.lengths = lengths;
    }

    /** Share of requests whose first token came in time; what never fits is a miss. */
    double attainment(double perSecond, int replicas, double withinSeconds, long seed) {
        int cell = Math.min(CELL, replicas);
        double rate = perSecond * cell / replicas;
        long limit = Math.round(withinSeconds * PICOS);
        List<Engine> engines = new ArrayList<>();
        for (int i = 0; i < cell; i++) {
            engines.add(new Engine(chip.steps(), chip.batching(), chip.kvTokens()));
        }
        long[] arrived = new long[REQUESTS + WARM];
        long[] met = new long[1];
        Sink sink = new Sink() {
            @Override
            public void firstToken(long id, long atPicos) {
                if (id >= WARM && atPicos - arrived[(int) id] <= limit) {
                    met[0]++;
                }
            }

            @Override
            public void finished(long id, int cachedTokens, long atPicos) {}
        };
        SplittableRandom random = new SplittableRandom(seed);
        double seconds = 0;
        for (int id = 0; id < arrived.length; id++) {
            seconds -= Math.log(1 - random.nextDouble()) / rate;
            arrived[id] = Math.round(seconds * PICOS);
            submit(engines, id, lengths[random.nextInt(lengths.length)], arrived[id], sink);
        }
        for (Engine engine : engines) {
            engine.advance(arrived[arrived.length - 1] + limit, sink);
        }
        return met[0] / (double) REQUESTS;
    }

    private static void submit(List<Engine> engines, int id, int length, long now, Sink sink) {
        Engine emptiest = engines.getFirst();
        for (Engine engine : engines) {
            engine.advance(now, sink);
            if (engine.running() + engine.waiting() < emptiest.running() + emptiest.waiting()) {
                emptiest = engine;
            }
        }
        int prompt = Math.max(1, (int) (length * 0.8));
        emptiest.submit(id, prompt, Math.max(1, length - prompt), new long[0], now);
    }

    /** A sample of lengths above {@code from} up to {@code to}, from a table of (tokens, share at most that long). */
    static int[] sample(double[][] table, int from, int to, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int[] found = new int[40_000];
        int size = 0;
        for (int tries = 0; tries < 4_000_000 && size < found.length; tries++) {
            double at = random.nextDouble();
            int before = 0;
            for (double[] step : table) {
                if (at <= step[1]) {
                    int length = before + 1 + random.nextInt(Math.max(1, (int) step[0] - before));
                    if (length > from && length <= to) {
                        found[size++] = length;
                    }
                    break;
                }
                before = (int) step[0];
            }
        }
        return Arrays.copyOf(found, size);
    }
}
