package io.polychip.report;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** Plots as {@code page.js} reads them. Values keep six digits: more than a screen has dots. */
final class PlotJson {
    private static final MathContext DIGITS = new MathContext(6);

    private PlotJson() {}

    static String of(List<Plot> plots) {
        List<Map<String, Object>> all = plots.stream().map(PlotJson::plot).toList();
        return JsonMapper.shared().writeValueAsString(all).replace("<", "\\u003c");
    }

    private static Map<String, Object> plot(Plot plot) {
        return switch (plot) {
            case Lines lines -> lines(lines);
            case Bars bars -> bars(bars);
            case Scatter scatter -> scatter(scatter);
        };
    }

    private static Map<String, Object> lines(Lines lines) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("kind", "lines");
        json.put("x", axis(lines.x()));
        json.put("y", axis(lines.y()));
        json.put("stacked", lines.stacked());
        List<Object> series = new ArrayList<>();
        for (Lines.Line line : lines.lines()) {
            Map<String, Object> one = named(line.name(), line.colour());
            one.put("dashed", line.dashed());
            one.put("x", values(line.x()));
            one.put("y", values(line.y()));
            range(one, line.low(), line.high());
            series.add(one);
        }
        json.put("series", series);
        json.put(
                "marks",
                lines.marks().stream()
                        .map(mark -> Map.of("text", mark.text(), "at", value(mark.at()), "vertical", mark.vertical()))
                        .map(PlotJson::sorted)
                        .toList());
        return json;
    }

    private static Map<String, Object> bars(Bars bars) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("kind", "bars");
        json.put("y", axis(bars.value()));
        json.put("categories", bars.categories());
        json.put("stacked", bars.stacked());
        List<Object> series = new ArrayList<>();
        for (Bars.Bar bar : bars.bars()) {
            Map<String, Object> one = named(bar.name(), bar.colour());
            one.put("y", values(bar.values()));
            range(one, bar.low(), bar.high());
            series.add(one);
        }
        json.put("series", series);
        if (!Double.isNaN(bars.limit())) {
            json.put("limit", bars.limit());
        }
        return json;
    }

    private static Map<String, Object> scatter(Scatter scatter) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("kind", "scatter");
        json.put("x", axis(scatter.x()));
        json.put("y", axis(scatter.y()));
        List<Object> series = new ArrayList<>();
        for (Scatter.Dots group : scatter.groups()) {
            Map<String, Object> one = named(group.name(), group.colour());
            one.put("joined", group.joined());
            one.put("labels", group.dots().stream().map(Scatter.Dot::label).toList());
            one.put(
                    "x",
                    values(group.dots().stream().mapToDouble(Scatter.Dot::x).toArray()));
            one.put(
                    "y",
                    values(group.dots().stream().mapToDouble(Scatter.Dot::y).toArray()));
            series.add(one);
        }
        json.put("series", series);
        return json;
    }

    private static Map<String, Object> axis(Axis axis) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("name", axis.name());
        json.put("unit", axis.unit());
        json.put("scale", axis.scale().name().toLowerCase(Locale.ROOT));
        return json;
    }

    private static Map<String, Object> named(String name, Colour colour) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("name", name);
        json.put("light", colour.light());
        json.put("dark", colour.dark());
        return json;
    }

    private static Map<String, Object> sorted(Map<String, ?> map) {
        return new TreeMap<>(map);
    }

    private static void range(Map<String, Object> json, double[] low, double[] high) {
        if (low.length > 0) {
            json.put("low", values(low));
            json.put("high", values(high));
        }
    }

    private static List<@Nullable Object> values(double[] values) {
        List<@Nullable Object> list = new ArrayList<>(values.length);
        for (double value : values) {
            list.add(Double.isFinite(value) ? value(value) : null);
        }
        return list;
    }

    private static Object value(double value) {
        return new BigDecimal(value).round(DIGITS).stripTrailingZeros().doubleValue();
    }
}
