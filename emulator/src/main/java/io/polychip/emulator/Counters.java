package io.polychip.emulator;

import java.util.concurrent.atomic.LongAdder;

/** What a replica did, for tests and tables. Written on its loop, read anywhere. */
final class Counters {
    final LongAdder started = new LongAdder();
    final LongAdder finished = new LongAdder();
    final LongAdder cancelled = new LongAdder();
    final LongAdder refused = new LongAdder();
    final LongAdder promptTokens = new LongAdder();
    final LongAdder cachedTokens = new LongAdder();
    final LongAdder tokens = new LongAdder();
    final Histogram firstToken = new Histogram();
    final Histogram betweenTokens = new Histogram();

    /** Seconds in Prometheus' cumulative buckets. */
    static final class Histogram {
        static final double[] BOUNDS = {0.001, 0.005, 0.01, 0.02, 0.04, 0.08, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30};

        private final LongAdder[] counts = new LongAdder[BOUNDS.length + 1];
        private final LongAdder nanos = new LongAdder();

        Histogram() {
            for (int i = 0; i < counts.length; i++) {
                counts[i] = new LongAdder();
            }
        }

        void add(long valueNanos, int times) {
            int bucket = 0;
            while (bucket < BOUNDS.length && valueNanos > BOUNDS[bucket] * 1e9) {
                bucket++;
            }
            counts[bucket].add(times);
            nanos.add(valueNanos * times);
        }

        void write(StringBuilder out, String name, String labels) {
            out.append("# TYPE ").append(name).append(" histogram\n");
            long sum = 0;
            for (int i = 0; i <= BOUNDS.length; i++) {
                sum += counts[i].sum();
                String bound = i < BOUNDS.length ? Double.toString(BOUNDS[i]) : "+Inf";
                out.append("%s_bucket{%s,le=\"%s\"} %d\n".formatted(name, labels, bound, sum));
            }
            out.append("%s_sum{%s} %s\n".formatted(name, labels, nanos.sum() / 1e9));
            out.append("%s_count{%s} %d\n".formatted(name, labels, sum));
        }
    }
}
