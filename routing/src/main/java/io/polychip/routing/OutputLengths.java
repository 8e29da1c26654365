package io.polychip.routing;

/**
 * How long answers get: a histogram over quarter octaves that fades, so that it follows a changing workload.
 *
 * <p>Relative error of a quantile at most 19 % (one bucket); a query walks the buckets between the shortest and the
 * longest answer ever seen, at most {@value #BUCKETS}. Starts from a weak prior around 200 tokens.
 */
final class OutputLengths {
    private static final int BUCKETS = 72;
    private static final double FULL = 2048;
    /** Upper edge of a bucket, in tokens. */
    private static final double[] EDGE = new double[BUCKETS];
    /** Mean of what falls into it. */
    private static final double[] MIDDLE = new double[BUCKETS];

    static {
        for (int i = 0; i < BUCKETS; i++) {
            EDGE[i] = StrictMath.pow(2, (i + 1) / 4.0);
            MIDDLE[i] = EDGE[i] * 0.917;
        }
    }

    private final float[] counts = new float[BUCKETS];
    private int lowest = BUCKETS;
    private int highest;
    private double total;
    private long samples;

    OutputLengths() {
        for (int tokens = 50; tokens <= 800; tokens *= 2) {
            counts[widened(bucket(tokens))] += 0.8f;
            total += 0.8;
        }
    }

    void learn(int tokens) {
        if (tokens <= 0) {
            return;
        }
        counts[widened(bucket(tokens))]++;
        total++;
        samples++;
        if (total > FULL) {
            total = 0;
            for (int i = lowest; i <= highest; i++) {
                counts[i] *= 0.5f;
                total += counts[i];
            }
        }
    }

    long samples() {
        return samples;
    }

    /** Mean length of an answer that may not exceed {@code cap}. */
    double mean(int cap) {
        double sum = 0;
        for (int i = lowest; i <= highest; i++) {
            sum += counts[i] * Math.min(MIDDLE[i], cap);
        }
        return Math.max(1, sum / total);
    }

    /** Mean length of one that has produced so many tokens already; survivors are longer. */
    double meanBeyond(int produced, int cap) {
        double sum = 0;
        double weight = 0;
        for (int i = bucket(Math.max(1, produced)); i <= highest; i++) {
            sum += counts[i] * Math.max(produced + 1.0, MIDDLE[i]);
            weight += counts[i];
        }
        double expected = weight < 1 ? produced * 1.5 + 16 : sum / weight;
        return Math.min(cap, Math.max(expected, produced + 1.0));
    }

    /** Length that a share {@code q}, not 0, of answers does not exceed. */
    double quantile(double q, int cap) {
        double wanted = q * total;
        double seen = 0;
        for (int i = lowest; i <= highest; i++) {
            seen += counts[i];
            if (seen >= wanted) {
                return Math.min(cap, EDGE[i]);
            }
        }
        return Math.min(cap, EDGE[BUCKETS - 1]);
    }

    /** The bucket, which queries look at from now on. */
    private int widened(int bucket) {
        lowest = Math.min(lowest, bucket);
        highest = Math.max(highest, bucket);
        return bucket;
    }

    private static int bucket(int tokens) {
        int octave = 31 - Integer.numberOfLeadingZeros(Math.max(1, tokens));
        double base = 1 << octave;
        double over = tokens / base;
        int quarter = over < 1.189207115002721 ? 0 : over < 1.4142135623730951 ? 1 : over < 1.681792830507429 ? 2 : 3;
        return Math.min(BUCKETS - 1, octave * 4 + quarter);
    }
}
