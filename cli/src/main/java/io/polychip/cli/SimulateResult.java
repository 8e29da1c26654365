package io.polychip.cli;

import io.polychip.report.Numbers;
import io.polychip.simulator.Report;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/**
 * All that a simulation's pages show.
 *
 * @param title fleet and traffic
 * @param losses in the order of each report's outages, by variant
 * @param notes what the reader must know: thin evidence, client models left out
 */
record SimulateResult(
        String title,
        String conditions,
        TrafficSource.Size size,
        List<Variant> variants,
        List<List<String>> losses,
        List<String> notes) {
    /** A difference that rounds to 0 %. */
    private static final double SAME = 0.005;

    /** Others that have a sentence each. */
    private static final int MOST_SENTENCES = 3;

    /** Share of requests by which a rival may fall short. */
    private static final double AS_GOOD = 0.001;

    List<LossStory> stories(int variant) {
        List<LossStory> stories = new ArrayList<>();
        List<Report.OfOutage> outages = variants.get(variant).report().outages();
        for (int i = 0; i < outages.size(); i++) {
            stories.add(LossStory.of(losses.get(variant).get(i), outages.get(i)));
        }
        return stories;
    }

    /** The first against each other one; of many only against its keenest rival. Empty with one variant. */
    String verdict() {
        Variant first = variants.getFirst();
        List<Variant> others = variants.subList(1, variants.size());
        if (others.size() <= MOST_SENTENCES) {
            return others.stream().map(other -> sentence(first, other)).collect(Collectors.joining(" "));
        }
        Comparator<Variant> byCost = Comparator.comparingDouble(each -> each.value(Report::usdPerMillionGood));
        List<Variant> asGood = others.stream()
                .filter(each -> each.report().attainment() >= first.report().attainment() - AS_GOOD)
                .toList();
        Variant rival = Collections.min(asGood.isEmpty() ? others : asGood, byCost);
        return "%s That is the %s; all %d others cost %s to %s per million good tokens."
                .formatted(
                        sentence(first, rival),
                        asGood.isEmpty() ? "cheapest of the others" : "cheapest of those that met as much",
                        others.size(),
                        cost(Collections.min(others, byCost)),
                        cost(Collections.max(others, byCost)));
    }

    private static String cost(Variant variant) {
        return Numbers.usd(variant.value(Report::usdPerMillionGood));
    }

    private static String sentence(Variant first, Variant other) {
        return "%s (objective met %s against %s)."
                .formatted(
                        costs(first, other),
                        Numbers.percent(first.report().attainment()),
                        Numbers.percent(other.report().attainment()));
    }

    private static String costs(Variant first, Variant other) {
        for (Variant each : List.of(first, other)) {
            if (each.report().goodTokens() == 0) {
                return "With %s no answer met its objective, so a good token has no price".formatted(each.name());
            }
        }
        double change = first.value(Report::usdPerMillionGood) / other.value(Report::usdPerMillionGood) - 1;
        double[] ratios = first.relative(other, Report::usdPerMillionGood);
        String range = ratios.length == 0
                ? ""
                : " (%+.0f to %+.0f %%)".formatted(Variant.at(ratios, 0.05) * 100, Variant.at(ratios, 0.95) * 100);
        return Math.abs(change) < SAME
                ? "A good token costs the same%s with %s as with %s".formatted(range, first.name(), other.name())
                : "A good token costs %.0f %% %s%s with %s than with %s"
                        .formatted(
                                Math.abs(change) * 100,
                                change < 0 ? "less" : "more",
                                range,
                                first.name(),
                                other.name());
    }
}
