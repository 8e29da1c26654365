package io.polychip.report;

import java.util.ArrayList;
import java.util.List;

/** Points on a plane, each with its name: cost against dependence. */
public record Scatter(String title, String caption, Axis x, Axis y, List<Dots> groups) implements Plot {
    public Scatter {
        groups = List.copyOf(groups);
    }

    /** Points of one kind. @param joined by a line in the order given: a frontier */
    public record Dots(String name, Colour colour, List<Dot> dots, boolean joined) {
        public Dots {
            dots = List.copyOf(dots);
        }
    }

    /** @param label written beside the point; empty: none */
    public record Dot(String label, double x, double y) {}

    @Override
    public Grid table() {
        List<List<String>> rows = new ArrayList<>();
        for (Dots group : groups) {
            for (Dot dot : group.dots) {
                rows.add(List.of(group.name, dot.label, x.text(dot.x), y.text(dot.y)));
            }
        }
        return new Grid(List.of("kind", "name", x.heading(), y.heading()), rows);
    }
}
