package io.polychip.cli;

import io.polychip.fleet.RoutingStart;
import io.polychip.planner.Demand;
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
            Files.writeString(folder.resolve(name.replace("fleet-", "kubernetes-")), kubernetes(book, period));
        }
        Files.writeString(folder.resolve("kubernetes.yaml"), kubernetes(book, 0));
        Files.writeString(folder.resolve("routing.json"), routing(book));
    }

    /** The fleet of a period, each pool as large as in its own busiest hour. */
    static String fleet(PlanBook book, int period) {
        Demand demand = book.demand();
        return FleetYaml.of(
                book.routing().written(period).fleet(),
                List.of(
                        "The fleet planned for %s, %s to %s: each pool as large as in the hour it is largest."
                                .formatted(
                                        book.inputs().file().getFileName(),
                                        demand.periods().get(period).from(),
                                        demand.periods().get(period).until()),
                        "%s says how many replicas when."
                                .formatted(
                                        period == 0
                                                ? "kubernetes.yaml"
                                                : "kubernetes-%s.yaml"
                                                        .formatted(demand.periods()
                                                                .get(period)
                                                                .name())),
                        "Addresses that end in .invalid are placeholders: put those of your replicas in their place."));
    }

    /**
     * One ScaledObject of KEDA for each pool of a period: between the counts of the quietest and the busiest hour,
     * which the annotations name hour by hour. Its trigger asks for the busiest hour's count; whoever knows the clock
     * hours puts cron triggers in its place.
     */
    static String kubernetes(PlanBook book, int period) {
        Demand.Period of = book.demand().periods().get(period);
        StringBuilder text =
                new StringBuilder("# Replica counts of the plan for KEDA, %s to %s.".formatted(of.from(), of.until())
                        + " A Deployment of each pool's name is expected.\n");
        for (PlanBook.Wanted wanted : book.wanted(period)) {
            if (wanted.chips() == 0) {
                continue;
            }
            String name = wanted.pool().toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9-]+", "-");
            text.append("---\napiVersion: keda.sh/v1alpha1\nkind: ScaledObject\nmetadata:\n");
            text.append("  name: ").append(name).append('\n');
            text.append("  annotations:\n");
            counts(book, wanted.pool(), period)
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

    /** Replicas of a pool by hour, in their order. */
    private static Map<String, Long> counts(PlanBook book, String pool, int period) {
        Map<String, Long> counts = new LinkedHashMap<>();
        Demand demand = book.demand();
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
        return counts;
    }

    /**
     * Where a gateway's slow loop begins ({@code serve --routing}): for each typical hour who takes which requests, and
     * what an hour of a loaded chip is worth. The first period's busiest hour comes first.
     */
    static String routing(PlanBook book) {
        List<Map<String, Object>> starts = new ArrayList<>();
        int peak = book.demand().peaks(1).getFirst();
        for (int period = 0; period < book.demand().periods().size(); period++) {
            for (int hour = 0; hour < book.demand().hours().size(); hour++) {
                starts.add(period == 0 && hour == peak ? 0 : starts.size(), start(book, period, hour));
            }
        }
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("starts", starts);
        json.put(
                "offers",
                book.problem().lots().stream()
                        .filter(lot -> DoubleStream.of(book.plan().spendUsd().getOrDefault(lot.name(), new double[0]))
                                        .sum()
                                > 0)
                        .map(lot -> Map.of("offer", lot.name(), "chip", lot.chip(), "terms", PlanText.terms(lot)))
                        .toList());
        return JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsString(json) + System.lineSeparator();
    }

    private static Map<String, Object> start(PlanBook book, int period, int hour) {
        RoutingStart start = book.routing().start(period, hour);
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("period", book.demand().periods().get(period).name());
        json.put("hour", book.demand().hours().get(hour).name());
        json.put("usdPerChipHour", new TreeMap<>(start.usdPerChipHour()));
        List<Map<String, Object>> kinds = new ArrayList<>();
        for (RoutingStart.Kind of : start.kinds()) {
            Map<String, Object> kind = new LinkedHashMap<>();
            kind.put("model", of.model());
            kind.put("class", of.requestClass().name().toLowerCase(Locale.ROOT));
            kind.put("promptTokens", of.promptTokens());
            kind.put("outputTokens", of.outputTokens());
            kind.put("requestsPerSecond", of.perSecond());
            kind.put("shares", new TreeMap<>(of.shares()));
            kinds.add(kind);
        }
        json.put("kinds", kinds);
        return json;
    }
}
