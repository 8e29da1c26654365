package io.polychip.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A page of Prometheus text, each series by its name and labels.
 *
 * @param series in the order of the page
 */
record MetricsPage(Map<Series, Double> series) {
    private static final Pattern LINE =
            Pattern.compile("([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\\{(.*)})? +([^ ]+)(?: +[0-9]+)?");
    private static final Pattern LABEL = Pattern.compile("([a-zA-Z_][a-zA-Z0-9_]*)=\"((?:[^\"\\\\]|\\\\.)*)\"");

    record Series(String name, Map<String, String> labels) {
        Series {
            labels = Map.copyOf(labels);
        }

        String label(String name) {
            return labels.getOrDefault(name, "");
        }
    }

    static MetricsPage of(String text) {
        Map<Series, Double> series = new LinkedHashMap<>();
        for (String line : text.split("\n", -1)) {
            Matcher matcher = LINE.matcher(line.strip());
            if (!line.startsWith("#") && matcher.matches()) {
                Map<String, String> labels = new TreeMap<>();
                Matcher label = LABEL.matcher(matcher.group(2) == null ? "" : matcher.group(2));
                while (label.find()) {
                    labels.put(label.group(1), label.group(2));
                }
                series.put(new Series(matcher.group(1), labels), number(matcher.group(3)));
            }
        }
        return new MetricsPage(series);
    }

    private static double number(String text) {
        return switch (text) {
            case "+Inf" -> Double.POSITIVE_INFINITY;
            case "-Inf" -> Double.NEGATIVE_INFINITY;
            default -> text.equals("NaN") ? Double.NaN : Double.parseDouble(text);
        };
    }

    /** What counters grew by since an earlier page; a counter that fell began anew and counts from 0. */
    MetricsPage since(MetricsPage earlier) {
        Map<Series, Double> grown = new LinkedHashMap<>();
        series.forEach((each, value) -> {
            double before = earlier.series.getOrDefault(each, 0.0);
            grown.put(each, value >= before ? value - before : value);
        });
        return new MetricsPage(grown);
    }

    double sum(String name, Predicate<Series> of) {
        double sum = 0;
        for (Map.Entry<Series, Double> each : series.entrySet()) {
            sum += each.getKey().name().equals(name) && of.test(each.getKey()) ? each.getValue() : 0;
        }
        return sum;
    }

    /**
     * Share of a histogram's observations up to a value, between the bounds of its buckets as if they lay evenly;
     * not-a-number where it has none.
     */
    double shareUpTo(String histogram, Predicate<Series> of, double value) {
        TreeMap<Double, Double> counts = new TreeMap<>();
        series.forEach((each, count) -> {
            if (each.name().equals(histogram + "_bucket") && of.test(each)) {
                counts.merge(number(each.label("le")), count, Double::sum);
            }
        });
        double all = counts.isEmpty() ? 0 : counts.lastEntry().getValue();
        if (all == 0) {
            return Double.NaN;
        }
        Map.Entry<Double, Double> below = counts.floorEntry(value);
        Map.Entry<Double, Double> above = counts.ceilingEntry(value);
        double low = below == null ? 0 : below.getKey();
        double lowCount = below == null ? 0 : below.getValue();
        if (above == null || above.getKey().isInfinite() || above.getKey() == low) {
            return lowCount / all;
        }
        double part = (value - low) / (above.getKey() - low);
        return (lowCount + part * (above.getValue() - lowCount)) / all;
    }
}
