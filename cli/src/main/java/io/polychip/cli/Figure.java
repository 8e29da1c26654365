package io.polychip.cli;

import io.polychip.fleet.RequestClass;
import io.polychip.report.Numbers;
import io.polychip.simulator.Histogram;
import io.polychip.simulator.Report;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.DoubleFunction;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * One number of a report, for all outputs alike.
 *
 * @param key for machines, its unit in it
 */
record Figure(String name, String key, ToDoubleFunction<Report> of, DoubleFunction<String> text) {
    private static final double NANOS_PER_MILLI = 1e6;
    private static final double JOULES_PER_KWH = 3.6e6;
    private static final double[] QUANTILES = {0.5, 0.9, 0.99};

    String shown(Variant variant) {
        double[] range = variant.range(of);
        String value = text.apply(variant.value(of));
        return range.length == 0 ? value : "%s (%s to %s)".formatted(value, text.apply(range[0]), text.apply(range[1]));
    }

    /** All figures of a comparison, in the order they are shown. */
    static List<Figure> all(List<Variant> variants) {
        List<Figure> all = new ArrayList<>();
        all.add(cost());
        all.add(attainment());
        Set<RequestClass> classes = new TreeSet<>();
        variants.forEach(variant -> variant.report().classes().forEach(each -> classes.add(each.requestClass())));
        for (RequestClass each : classes) {
            if (classes.size() > 1) {
                all.add(new Figure(
                        "  " + name(each),
                        "attainment_" + name(each),
                        report -> report.classes().stream()
                                .filter(one -> one.requestClass() == each)
                                .mapToDouble(Report.OfClass::attainment)
                                .findFirst()
                                .orElse(Double.NaN),
                        Numbers::percent));
            }
        }
        all.add(new Figure("goodput, tokens/s", "goodput_tokens_per_s", Figure::goodput, Numbers::plain));
        all.add(new Figure("spent per hour", "usd_per_hour", report -> report.usd() / hours(report), Numbers::usd));
        all.add(new Figure(
                "energy, Wh per M good tokens", "wh_per_million_good_tokens", Figure::wattHours, Numbers::plain));
        all.add(new Figure(
                "largest vendor, tokens", "largest_vendor_token_share", Figure::largestVendor, Numbers::percent));
        all.add(new Figure(
                "largest vendor, spend", "largest_vendor_spend_share", Figure::largestSpend, Numbers::percent));
        latency(all, "TTFT", "ttft", Report.OfClass::ttftNanos);
        latency(all, "ITL", "itl", Report.OfClass::itlNanos);
        latency(all, "E2E", "e2e", Report.OfClass::e2eNanos);
        all.add(share("refused", Report.OfClass::refused));
        all.add(share("failed", Report.OfClass::failed));
        all.add(new Figure(
                "tokens computed for nothing",
                "wasted_token_share",
                report -> ratio(
                        report.pools().stream()
                                .mapToLong(Report.OfPool::wastedTokens)
                                .sum(),
                        report.pools().stream()
                                .mapToLong(Report.OfPool::completionTokens)
                                .sum()),
                Numbers::percent));
        all.add(new Figure("largest load of a replica / mean", "imbalance", Report::imbalance, Numbers::plain));
        return all;
    }

    static Figure cost() {
        return new Figure(
                "cost per M good tokens", "usd_per_million_good_tokens", Report::usdPerMillionGood, Numbers::usd);
    }

    static Figure attainment() {
        return new Figure("objective met", "attainment", Report::attainment, Numbers::percent);
    }

    static String name(RequestClass requestClass) {
        return requestClass.name().toLowerCase(Locale.ROOT);
    }

    static double hours(Report report) {
        return report.spanNanos() / 3600e9;
    }

    static double goodput(Report report) {
        return report.goodTokens() / (report.spanNanos() / 1e9);
    }

    /**
     * Of a million good tokens of the pools whose power is known: others' tokens would make them look frugal.
     * Not-a-number where these gave less than half of the tokens, which then is no figure of the fleet's.
     */
    static double wattHours(Report report) {
        double joules = 0;
        long good = 0;
        for (Report.OfPool pool : report.pools()) {
            joules += pool.joules();
            good += pool.powerKnown() ? pool.goodTokens() : 0;
        }
        return good * 2 < report.goodTokens() ? Double.NaN : joules / JOULES_PER_KWH * 1e3 / (good / 1e6);
    }

    static double largestVendor(Report report) {
        Map<String, Long> tokens = report.tokensByVendor();
        return ratio(
                tokens.values().stream().mapToLong(each -> each).max().orElse(0),
                tokens.values().stream().mapToLong(each -> each).sum());
    }

    private static double largestSpend(Report report) {
        return report.usdByVendor().values().stream()
                        .mapToDouble(each -> each)
                        .max()
                        .orElse(0)
                / report.usd();
    }

    /** All classes together. */
    static Histogram together(Report report, Function<Report.OfClass, Histogram> which) {
        Histogram sum = new Histogram();
        report.classes().forEach(each -> sum.add(which.apply(each)));
        return sum;
    }

    private static void latency(List<Figure> all, String name, String key, Function<Report.OfClass, Histogram> which) {
        for (double quantile : QUANTILES) {
            int percent = (int) Math.round(quantile * 100);
            all.add(new Figure(
                    "%s p%d".formatted(name, percent),
                    "%s_p%d_ms".formatted(key, percent),
                    report -> millis(together(report, which), quantile),
                    Numbers::millis));
        }
    }

    /** Not-a-number without values: nobody waited 0 ms where nothing was answered. */
    static double millis(Histogram nanos, double quantile) {
        return nanos.count() == 0 ? Double.NaN : nanos.quantile(quantile) / NANOS_PER_MILLI;
    }

    static double meanMillis(Histogram nanos) {
        return nanos.count() == 0 ? Double.NaN : nanos.mean() / NANOS_PER_MILLI;
    }

    private static Figure share(String name, Function<Report.OfClass, Long> count) {
        return new Figure(
                name,
                name + "_share",
                report -> ratio(
                        report.classes().stream().mapToLong(count::apply).sum(),
                        report.classes().stream()
                                .mapToLong(Report.OfClass::arrived)
                                .sum()),
                Numbers::percent);
    }

    static double ratio(long part, long whole) {
        return whole == 0 ? 0 : part / (double) whole;
    }
}
