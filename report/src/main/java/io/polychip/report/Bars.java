package io.polychip.report;

import java.util.ArrayList;
import java.util.List;

/**
 * Values of several things side by side, lying, so that their names can be read; stacked they show shares.
 *
 * @param categories names along the axis, the first on top
 * @param limit a line across all bars, an objective; not-a-number: none
 */
public record Bars(
        String title,
        String caption,
        List<String> categories,
        Axis value,
        List<Bar> bars,
        boolean stacked,
        double limit)
        implements Plot {
    public Bars {
        categories = List.copyOf(categories);
        bars = List.copyOf(bars);
        for (Bar bar : bars) {
            if (bar.values.length != categories.size()) {
                throw new IllegalArgumentException("%s has %d values for %d categories; expected one each."
                        .formatted(bar.name, bar.values.length, categories.size()));
            }
        }
    }

    /**
     * One value per category.
     *
     * @param low with {@code high} an error bar; both empty: none
     */
    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    public record Bar(String name, Colour colour, double[] values, double[] low, double[] high) {
        private static final double[] NONE = {};

        public Bar {
            boolean ranged = low.length > 0 || high.length > 0;
            if (ranged && (low.length != values.length || high.length != values.length)) {
                throw new IllegalArgumentException("The ranges of %s do not belong to its values.".formatted(name));
            }
        }

        public Bar(String name, Colour colour, double... values) {
            this(name, colour, values, NONE, NONE);
        }

        public Bar ranged(double[] newLow, double[] newHigh) {
            return new Bar(name, colour, values, newLow, newHigh);
        }
    }

    @Override
    public Grid table() {
        List<String> head = new ArrayList<>();
        head.add("");
        for (Bar bar : bars) {
            head.add(bar.name + (value.unit().isEmpty() ? "" : " (" + value.unit() + ")"));
        }
        List<List<String>> rows = new ArrayList<>();
        for (int i = 0; i < categories.size(); i++) {
            List<String> row = new ArrayList<>();
            row.add(categories.get(i));
            for (Bar bar : bars) {
                String text = value.text(bar.values[i]);
                row.add(
                        bar.low.length == 0 || text.isEmpty()
                                ? text
                                : "%s (%s to %s)".formatted(text, value.text(bar.low[i]), value.text(bar.high[i])));
            }
            rows.add(row);
        }
        return new Grid(head, rows);
    }
}
