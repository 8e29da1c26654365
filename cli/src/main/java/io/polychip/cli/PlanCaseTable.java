package io.polychip.cli;

import io.polychip.validation.PlanCase;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Planning cases beside the best known of each. */
final class PlanCaseTable {
    private PlanCaseTable() {}

    static void print(PrintWriter out, List<PlanCase> cases) {
        if (cases.isEmpty()) {
            return;
        }
        Table table = new Table("set", "case", "cost", "known best", "change", "ms", "");
        for (PlanCase each : cases) {
            table.row(
                    each.set(),
                    each.id(),
                    "%.2f".formatted(each.costUsd()),
                    "%.2f".formatted(each.referenceUsd()),
                    "%+.3f %%".formatted((each.costUsd() / each.referenceUsd() - 1) * 100),
                    "%.0f".formatted(each.millis()),
                    (each.meets() ? "" : "FALLS SHORT ") + (each.note() == null ? "" : each.note()));
        }
        out.print(table);
        out.println(summary(cases));
    }

    private static String summary(List<PlanCase> cases) {
        Map<String, List<PlanCase>> sets = new LinkedHashMap<>();
        cases.forEach(each ->
                sets.computeIfAbsent(each.set(), set -> new ArrayList<>()).add(each));
        Table table = new Table("set", "cases", "meet", "median ms", "total change");
        sets.forEach((set, of) -> table.row(
                set,
                of.size(),
                of.stream().filter(PlanCase::meets).count(),
                "%.1f"
                        .formatted(of.stream()
                                .mapToDouble(PlanCase::millis)
                                .sorted()
                                .skip(of.size() / 2)
                                .findFirst()
                                .orElse(0)),
                "%+.2f %%"
                        .formatted((of.stream().mapToDouble(PlanCase::costUsd).sum()
                                                / of.stream()
                                                        .mapToDouble(PlanCase::referenceUsd)
                                                        .sum()
                                        - 1)
                                * 100)));
        return "\n" + table;
    }
}
