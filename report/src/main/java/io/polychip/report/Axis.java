package io.polychip.report;

/**
 * What an axis counts.
 *
 * @param unit as written after a number, {@code ms}; empty where the name says it all
 */
public record Axis(String name, String unit, Scale scale) {
    /** How values lie along the axis. */
    public enum Scale {
        /** From zero. */
        LINEAR,
        /**
         * From near the least value to near the greatest; for scatter plots whose zero would only push points together.
         */
        FITTED,
        /** Powers of ten; values must be above 0, others are left out. */
        LOG,
        /** From 0 to 1, written as per cent. */
        SHARE,
        /** Seconds since the start, written as hours and minutes, or minutes and seconds where they are few. */
        TIME
    }

    public static Axis of(String name, String unit) {
        return new Axis(name, unit, Scale.LINEAR);
    }

    public static Axis fitted(String name, String unit) {
        return new Axis(name, unit, Scale.FITTED);
    }

    public static Axis log(String name, String unit) {
        return new Axis(name, unit, Scale.LOG);
    }

    public static Axis share(String name) {
        return new Axis(name, "", Scale.SHARE);
    }

    /** Values in seconds. */
    public static Axis time() {
        return new Axis("time", "", Scale.TIME);
    }

    /** Heading of a column of such values. */
    String heading() {
        return unit.isEmpty() ? name : name + " (" + unit + ")";
    }

    /** A value as a table shows it. */
    String text(double value) {
        if (Double.isNaN(value)) {
            return "";
        }
        return switch (scale) {
            case LINEAR, FITTED, LOG -> Numbers.plain(value);
            case SHARE -> Numbers.percent(value);
            case TIME -> Numbers.clock(value);
        };
    }
}
