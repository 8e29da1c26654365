package io.polychip.cli;

import io.polychip.performance.TrainingSpeed;
import io.polychip.planner.DealStudy;
import io.polychip.planner.DealValue;
import io.polychip.planner.Problem;
import io.polychip.report.Grid;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;

/** What {@code polychip deals} prints. */
final class DealPages {
    private DealPages() {}

    static void print(PrintWriter out, Problem problem, List<DealStudy.Verdict> verdicts, List<DealValue.Pair> pairs) {
        out.printf(
                "%d years from %s in dollars of %s, discounted at %.0f %% a year%n",
                problem.demand().periods().size(),
                problem.demand().periods().getFirst().from(),
                problem.deals().asOf(),
                problem.deals().discountRate() * 100);
        verdicts.forEach(verdict -> verdict(out, verdict));
        if (!pairs.isEmpty()) {
            out.printf("%nTwo deals together%n");
            Table table = new Table("deals", "worth", "beyond the sum of each alone");
            pairs.forEach(
                    pair -> table.row(pair.one() + " and " + pair.other(), usd(pair.usd()), usd(pair.beyondSumUsd())));
            out.print(table);
        }
    }

    private static void verdict(PrintWriter out, DealStudy.Verdict verdict) {
        DealValue.Worth worth = verdict.worth();
        out.printf("%n%s: %s%n", worth.deal(), said(verdict));
        if (!worth.with().possible()) {
            return;
        }
        out.printf(
                "  best plan without it %s, with it %s, known to within %s%n",
                usd(worth.without().usd()), usd(worth.with().usd()), usd(worth.doubtUsd()));
        Map<String, Double> paid = worth.with().taken().getOrDefault(worth.deal(), Map.of());
        out.printf(
                "  its parts pay: %s%n",
                paid.entrySet().stream()
                        .filter(part -> Math.abs(part.getValue()) >= 1)
                        .map(part -> part.getKey() + " " + usd(-part.getValue()))
                        .collect(Collectors.joining(", ")));
        out.printf("  share of tokens: %s%n", shares(worth));
        Grid turns = turns(verdict.turns());
        Table table = new Table(turns.head().toArray(new String[0]));
        turns.rows().forEach(row -> table.row(row.toArray()));
        out.print(table);
        for (DealStudy.Training training : verdict.trainings()) {
            out.printf(
                    "training %s: %s costs what %s does at %.0f %% of its dense peak; this plan counts on %.0f %%%s%n",
                    training.job(),
                    training.chip(),
                    training.rival(),
                    training.share() * 100,
                    training.assumed() * 100,
                    training.evidence() == TrainingSpeed.Evidence.NONE
                            ? ", an assumption: ask for a measured rate"
                            : "");
        }
    }

    /** Where a deal turns, a row for each knob. */
    static Grid turns(List<DealStudy.Turned> all) {
        List<List<String>> rows = new ArrayList<>();
        for (DealStudy.Turned turned : all) {
            DealValue.Turn turn = turned.turn();
            rows.add(List.of(
                    turn.knob(),
                    number(turn.nowAt(), turn.unit()),
                    turning(turn),
                    end(turn.lowUsd()) + " to " + end(turn.highUsd()),
                    turned.insideBand() ? "inside its band: measure before signing" : ""));
        }
        return new Grid(List.of("where it turns", "now", "breaks even at", "worth at the ends looked at", ""), rows);
    }

    /** Its worth at an end; without limit where only the plan with it, or only the one without, serves the demand. */
    private static String end(double usd) {
        return Double.isNaN(usd)
                ? "no plan at all"
                : usd == Double.POSITIVE_INFINITY
                        ? "no plan without it"
                        : usd == Double.NEGATIVE_INFINITY ? "no plan with it" : usd(usd);
    }

    private static String turning(DealValue.Turn turn) {
        return DoubleStream.of(turn.below(), turn.above())
                .filter(Double::isFinite)
                .mapToObj(at -> number(at, turn.unit()))
                .reduce((below, above) -> below + " and " + above)
                .orElse("nowhere");
    }

    private static String said(DealStudy.Verdict verdict) {
        DealValue.Worth worth = verdict.worth();
        if (!worth.with().possible()) {
            return "cannot be taken: no plan with it serves the demand"
                    + (worth.without().possible() ? "" : ", nor does one without it");
        }
        boolean open = verdict.turns().stream().anyMatch(DealStudy.Turned::insideBand);
        String size = usd(Math.abs(worth.usd()));
        if (Math.abs(worth.usd()) <= worth.doubtUsd()) {
            return "worth nothing that the search can tell from 0";
        }
        return (worth.usd() > 0 ? "worth " + size + ": take it" : "costs " + size + ": leave it")
                + (open ? ", unless a speed lies elsewhere in its band" : "");
    }

    private static String shares(DealValue.Worth worth) {
        TreeSet<String> vendors = new TreeSet<>(worth.without().tokenShares().keySet());
        vendors.addAll(worth.with().tokenShares().keySet());
        return vendors.stream()
                        .map(vendor -> "%s %.0f %% -> %.0f %%"
                                .formatted(
                                        vendor,
                                        100 * worth.without().tokenShares().getOrDefault(vendor, 0.0),
                                        100 * worth.with().tokenShares().getOrDefault(vendor, 0.0)))
                        .collect(Collectors.joining(", "))
                + "; Herfindahl %.2f -> %.2f"
                        .formatted(worth.without().concentration(), worth.with().concentration());
    }

    static Map<String, Object> json(DealStudy.Verdict verdict) {
        DealValue.Worth worth = verdict.worth();
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("deal", worth.deal());
        json.put("worthUsd", worth.usd());
        json.put("doubtUsd", worth.doubtUsd());
        json.put("withoutUsd", worth.without().usd());
        json.put("withUsd", worth.with().usd());
        json.put("paidByPartUsd", worth.with().taken().getOrDefault(worth.deal(), Map.of()));
        json.put("tokenSharesWithout", worth.without().tokenShares());
        json.put("tokenSharesWith", worth.with().tokenShares());
        json.put("turns", verdict.turns());
        json.put("trainings", verdict.trainings());
        return json;
    }

    /** Dollars in the largest unit that leaves a digit before the point. */
    static String usd(double usd) {
        double size = Math.abs(usd);
        String sign = usd < 0 ? "-" : "";
        if (!Double.isFinite(usd)) {
            return "none";
        }
        if (size >= 1e9) {
            return String.format(Locale.ROOT, "%s$%.2f billion", sign, size / 1e9);
        }
        return size >= 1e6
                ? String.format(Locale.ROOT, "%s$%.1f million", sign, size / 1e6)
                : String.format(Locale.ROOT, "%s$%,.0f", sign, size);
    }

    private static String number(double value, String unit) {
        if (unit.equals("USD") || unit.startsWith("USD a y")) {
            return usd(value) + unit.substring(3);
        }
        return unit.startsWith("of ") || unit.equals("a year")
                ? String.format(Locale.ROOT, "%.1f %% %s", value * 100, unit)
                : String.format(Locale.ROOT, "%.3g %s", value, unit);
    }
}
