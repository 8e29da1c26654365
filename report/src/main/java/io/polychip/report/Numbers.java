package io.polychip.report;

import java.util.Locale;

/** Numbers as people read them: three or four digits that matter, always with a point. */
public final class Numbers {
    private static final String[] STEPS = {"", " k", " M", " G", " T"};

    private Numbers() {}

    /** {@code 1,234}, {@code 12.3}, {@code 0.0123}. */
    public static String plain(double value) {
        double size = Math.abs(value);
        if (!Double.isFinite(value)) {
            return "-";
        }
        if (size >= 1000 || value == Math.rint(value)) {
            return String.format(Locale.ROOT, "%,.0f", value);
        }
        int digits = size >= 100 ? 1 : size >= 10 ? 2 : size >= 1 ? 3 : size >= 0.01 ? 4 : 6;
        return stripped(String.format(Locale.ROOT, "%." + digits + "f", value));
    }

    /** {@code 1.23 M}, {@code 456 k}. */
    public static String rounded(double value) {
        double size = Math.abs(value);
        int step = 0;
        while (size >= 1000 && step < STEPS.length - 1) {
            size /= 1000;
            step++;
        }
        int digits = (step == 0 && value == Math.rint(value)) || size >= 100 ? 0 : size >= 10 ? 1 : 2;
        return String.format(Locale.ROOT, "%." + digits + "f", value < 0 ? -size : size) + STEPS[step];
    }

    /** {@code 99.5 %}; near the ends with as many nines as it takes. @param share 0 to 1 */
    public static String percent(double share) {
        if (!Double.isFinite(share)) {
            return "-";
        }
        double left = Math.min(Math.abs(share), Math.abs(1 - share));
        int digits = left == 0 || left >= 0.1 ? 1 : left >= 0.001 ? 2 : 3;
        String text = String.format(Locale.ROOT, "%." + digits + "f", share * 100);
        return (share == 1 ? "100" : share == 0 ? "0" : text) + " %";
    }

    /** {@code $3.42}, {@code $0.0123}, {@code $12,300}. */
    public static String usd(double usd) {
        if (!Double.isFinite(usd)) {
            return "-";
        }
        int digits = Math.abs(usd) >= 1000 ? 0 : Math.abs(usd) >= 0.1 || usd == 0 ? 2 : 4;
        return (usd < 0 ? "-$" : "$") + String.format(Locale.ROOT, "%,." + digits + "f", Math.abs(usd));
    }

    /** {@code 850 µs}, {@code 45.2 ms}, {@code 1.23 s}, {@code 4.5 min}. */
    public static String millis(double millis) {
        if (!Double.isFinite(millis)) {
            return "-";
        }
        if (millis >= 100_000) {
            return String.format(Locale.ROOT, "%.1f min", millis / 60_000);
        }
        if (millis >= 1000) {
            return String.format(Locale.ROOT, millis >= 10_000 ? "%.1f s" : "%.2f s", millis / 1000);
        }
        if (millis == 0 || millis >= 1) {
            return String.format(Locale.ROOT, millis >= 100 || millis == 0 ? "%.0f ms" : "%.1f ms", millis);
        }
        return String.format(Locale.ROOT, "%.0f µs", millis * 1000);
    }

    /** {@code 1:05:09}, {@code 5:09}. */
    public static String clock(double seconds) {
        long whole = Math.round(seconds);
        return whole >= 3600
                ? String.format(Locale.ROOT, "%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60)
                : String.format(Locale.ROOT, "%d:%02d", whole / 60, whole % 60);
    }

    private static String stripped(String text) {
        String cut = text.replaceAll("0+$", "");
        return cut.endsWith(".") ? cut.substring(0, cut.length() - 1) : cut;
    }
}
