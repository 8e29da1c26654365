package io.polychip.report;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * Values along an axis: over time, or a share of requests over their latency.
 *
 * @param stacked filled and put upon each other, in the order given; all lines then share one {@code x}
 * @param marks what happened at some place of the x axis, or a limit on the y axis
 */
public record Lines(String title, String caption, Axis x, Axis y, List<Line> lines, boolean stacked, List<Mark> marks)
        implements Plot {
    public Lines {
        lines = List.copyOf(lines);
        marks = List.copyOf(marks);
    }

    /**
     * One line.
     *
     * @param y as many as {@code x}; not-a-number leaves a gap
     * @param low below it with {@code high} above it: a band; both empty: none
     * @param dashed told apart without colour, for what is compared with
     */
    @SuppressWarnings("ArrayRecordComponent") // thousands of values, compared by nobody
    public record Line(
            String name, Colour colour, double[] x, double[] y, double[] low, double[] high, boolean dashed) {
        private static final double[] NONE = {};

        public Line {
            boolean banded = low.length > 0 || high.length > 0;
            if (x.length != y.length || (banded && (low.length != y.length || high.length != y.length))) {
                throw new IllegalArgumentException(
                        "The line %s has %d places, %d values and a band of %d and %d; they belong together."
                                .formatted(name, x.length, y.length, low.length, high.length));
            }
        }

        public Line(String name, Colour colour, double[] x, double[] y) {
            this(name, colour, x, y, NONE, NONE, false);
        }

        public Line banded(double[] newLow, double[] newHigh) {
            return new Line(name, colour, x, y, newLow, newHigh, dashed);
        }

        public Line asDashed() {
            return new Line(name, colour, x, y, low, high, true);
        }
    }

    /** A line across the plot with a word beside it. @param vertical at a place of the x axis, else at a value */
    public record Mark(String text, double at, boolean vertical) {}

    @Override
    public Grid table() {
        TreeMap<Double, String[]> byPlace = new TreeMap<>();
        List<String> head = new ArrayList<>();
        head.add(x.heading());
        for (int i = 0; i < lines.size(); i++) {
            Line line = lines.get(i);
            head.add(line.name + (y.unit().isEmpty() ? "" : " (" + y.unit() + ")"));
            for (int k = 0; k < line.x.length; k++) {
                byPlace.computeIfAbsent(line.x[k], place -> new String[lines.size()])[i] = cell(line, k);
            }
        }
        List<List<String>> rows = new ArrayList<>();
        byPlace.forEach((place, cells) -> {
            List<String> row = new ArrayList<>();
            row.add(x.text(place));
            for (String cell : cells) {
                row.add(cell == null ? "" : cell);
            }
            rows.add(row);
        });
        return new Grid(head, rows);
    }

    private String cell(Line line, int k) {
        String text = y.text(line.y[k]);
        return line.low.length == 0 || text.isEmpty()
                ? text
                : "%s (%s to %s)".formatted(text, y.text(line.low[k]), y.text(line.high[k]));
    }
}
