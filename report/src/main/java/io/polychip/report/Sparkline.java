package io.polychip.report;

/** A row of values as one row of small blocks. */
public final class Sparkline {
    private static final String BLOCKS = "▁▂▃▄▅▆▇█";

    private Sparkline() {}

    /**
     * Each cell shows the greatest value of its part, since a peak is what matters; a cell without a value is a space.
     *
     * @param most the full height; values above it are cut
     * @param cells at most this many characters
     */
    public static String of(double[] values, double most, int cells) {
        int count = Math.min(cells, values.length);
        StringBuilder text = new StringBuilder(count);
        for (int cell = 0; cell < count; cell++) {
            int from = (int) ((long) cell * values.length / count);
            int to = (int) ((cell + 1L) * values.length / count);
            double peak = Double.NEGATIVE_INFINITY;
            for (int i = from; i < to; i++) {
                peak = Double.isNaN(values[i]) ? peak : Math.max(peak, values[i]);
            }
            text.append(peak == Double.NEGATIVE_INFINITY ? ' ' : block(peak, most));
        }
        return text.toString();
    }

    private static char block(double value, double most) {
        double part = most > 0 ? Math.clamp(value / most, 0, 1) : 0;
        return BLOCKS.charAt((int) Math.min(BLOCKS.length() - 1, part * BLOCKS.length()));
    }
}
