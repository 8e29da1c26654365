package io.polychip.cli;

import io.polychip.simulator.Report;
import java.util.ArrayList;
import java.util.List;

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
        StringBuilder text = new StringBuilder();
        for (Variant other : variants.subList(1, variants.size())) {
            double change = first.value(Report::usdPerMillionGood) / other.value(Report::usdPerMillionGood) - 1;
            double[] ratios = first.relative(other, Report::usdPerMillionGood);
            text.append(text.isEmpty() ? "" : " ")
                    .append("A good token costs %.0f %% %s%s with %s than with %s (objective met %.2f against %.2f %%)."
                            .formatted(
                                    Math.abs(change) * 100,
                                    change <= 0 ? "less" : "more",
                                    ratios.length == 0
                                            ? ""
                                            : " (%+.0f to %+.0f %%)"
                                                    .formatted(
                                                            Variant.at(ratios, 0.05) * 100,
                                                            Variant.at(ratios, 0.95) * 100),
                                    first.name(),
                                    other.name(),
                                    first.report().attainment() * 100,
                                    other.report().attainment() * 100));
        }
        return text.toString();
    }
}
