package io.polychip.cli;

import io.polychip.planner.Demand;
import io.polychip.planner.LoadPrice;
import io.polychip.planner.Lot;
import io.polychip.planner.Plan;
import io.polychip.planner.PlannedFleet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.DoubleStream;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a plan leaves for others to carry out: the wanted fleet, replica counts for Kubernetes, routing to begin from.
 */
final class PlanFiles {
    private PlanFiles() {}

    static void write(PlanBook book, Path folder) throws IOException {
        Files.writeString(folder.resolve("fleet.yaml"), fleet(book, 0));
        for (int period = 1; period < book.demand().periods().size(); period++) {
            String name = "fleet-%s.yaml"
                    .formatted(book.demand().periods().get(period).name());
            Files.writeString(folder.resolve(name), fleet(book, period));
        }
        Files.writeString(folder.resolve("kubernetes.yaml"), kubernetes(book));
        Files.writeString(folder.resolve("routing.json"), routing(book));
    }

    /** The fleet of a period's busiest hour. */
    static String fleet(PlanBook book, int period) {
        Demand demand = book.demand();
        int peak = demand.peaks(1).getFirst();
        PlannedFleet planned = PlannedFleet.of(
                book.problem(),
                book.plan(),
                book.question().candidates(),
                book.question().service(),
                period,
                peak,
                PlannedFleet.Count.WANTED);
        return FleetYaml.of(
                planned.fleet(),
                List.of(
                        "The fleet planned for %s, %s to %s, in its busiest hour (%s)."
                                .formatted(
                                        book.inputs().file().getFileName(),
                                        demand.periods().get(period).from(),
                                        demand.periods().get(period).until(),
                                        demand.hours().get(peak).name()),
                        "Addresses that end in .invalid are placeholders: put those of your replicas in their place."));
    }

    /**
     * One ScaledObject of KEDA for each pool: between the counts of the quietest and the busiest hour, which the
     * annotations name hour by hour. Its trigger asks for the busiest hour's count; whoever knows the clock hours puts
     * cron triggers in its place.
     */
    static String kubernetes(PlanBook book) {
        StringBuilder text = new StringBuilder(
                "# Replica counts of the plan for KEDA. A Deployment of each pool's name is expected.\n");
        for (PlanBook.Wanted wanted : book.wanted(0)) {
            if (wanted.chips() == 0) {
                continue;
            }
            String name = wanted.pool().toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9-]+", "-");
            text.append("---\napiVersion: keda.sh/v1alpha1\nkind: ScaledObject\nmetadata:\n");
            text.append("  name: ").append(name).append('\n');
            text.append("  annotations:\n");
            counts(book, wanted.pool())
                    .forEach((when, count) -> text.append("    polychip.io/replicas.")
                            .append(when.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9.-]+", "-"))
                            .append(": \"")
                            .append(count)
                            .append("\"\n"));
            text.append("spec:\n  scaleTargetRef: {name: ").append(name).append("}\n");
            text.append("  minReplicaCount: ").append(wanted.least()).append('\n');
            text.append("  maxReplicaCount: ").append(wanted.most()).append('\n');
            text.append("  triggers:\n    - type: cron\n      metadata: {timezone: UTC, start: \"0 0 * * *\", end:");
            text.append(" \"59 23 * * *\", desiredReplicas: \"")
                    .append(wanted.most())
                    .append("\"}\n");
        }
        return text.toString();
    }

    /** Replicas of a pool by period and hour, in their order. */
    private static Map<String, Long> counts(PlanBook book, String pool) {
        Map<String, Long> counts = new LinkedHashMap<>();
        Demand demand = book.demand();
        for (int period = 0; period < demand.periods().size(); period++) {
            for (int hour = 0; hour < demand.hours().size(); hour++) {
                long count = 0;
                for (Plan.Replicas replicas : book.plan().replicas()) {
                    if (replicas.period() == period
                            && replicas.hour() == hour
                            && PlannedFleet.name(book.plan(), replicas).equals(pool)) {
                        count += replicas.count();
                    }
                }
                counts.put(
                        demand.periods().get(period).name() + "."
                                + demand.hours().get(hour).name(),
                        count);
            }
        }
        return counts;
    }

    /** Where the gateway's slow loop may begin: shares of each kind of request, and what load is worth by the chip. */
    static String routing(PlanBook book) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("shares", PlanJson.routes(book));
        List<Map<String, Object>> prices = new ArrayList<>();
        Map<String, Integer> chips = new TreeMap<>();
        book.problem().capacities().forEach(capacity -> chips.put(capacity.name(), capacity.chips()));
        for (LoadPrice price : book.prices()) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("deployment", price.capacity());
            one.put("period", book.demand().periods().get(price.period()).name());
            one.put("hour", book.demand().hours().get(price.hour()).name());
            one.put("usdPerChipHour", price.usdPerReplicaHour() / Math.max(1, chips.getOrDefault(price.capacity(), 1)));
            prices.add(one);
        }
        json.put("opportunityPrices", prices);
        json.put(
                "offers",
                book.problem().lots().stream()
                        .filter(lot -> DoubleStream.of(book.plan().spendUsd().getOrDefault(lot.name(), new double[0]))
                                        .sum()
                                > 0)
                        .map(lot -> Map.of("offer", lot.name(), "chip", lot.chip(), "terms", terms(lot)))
                        .toList());
        return JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsString(json) + System.lineSeparator();
    }

    private static String terms(Lot lot) {
        return PlanText.terms(lot);
    }
}
