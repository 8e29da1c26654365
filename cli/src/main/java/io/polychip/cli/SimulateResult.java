package io.polychip.cli;

import io.polychip.report.Numbers;
import io.polychip.simulator.Report;
import java.util.ArrayList;
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

    List<LossStory> stories(int variant) {
        List<LossStory> stories = new ArrayList<>();
        List<Report.OfOutage> outages = variants.get(variant).report().outages();
        for (int i = 0; i < outages.size(); i++) {
            stories.add(LossStory.of(losses.get(variant).get(i), outages.get(i)));
        }
        return stories;
    }

    /** The first against the second, in one sentence; empty with one variant. */
    String verdict() {
        if (variants.size() < 2) {
            return "";
        }
        Variant first = variants.getFirst();
        return variants.subList(1, variants.size()).stream()
                .map(other -> "%s (objective met %s against %s)."
                        .formatted(
                                costs(first, other),
                                Numbers.percent(first.report().attainment()),
                                Numbers.percent(other.report().attainment())))
                .collect(Collectors.joining(" "));
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
