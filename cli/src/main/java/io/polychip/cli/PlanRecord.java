package io.polychip.cli;

import io.polychip.planner.Demand;
import io.polychip.planner.Plan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A plan as {@code plan.json} keeps it. */
final class PlanRecord {
    private final Path file;
    private final JsonNode json;

    private PlanRecord(Path file, JsonNode json) {
        this.file = file;
        this.json = json;
    }

    /** @param place the folder of {@code -o}, or its {@code plan.json} */
    static PlanRecord read(Path place) throws IOException {
        Path file = Files.isDirectory(place) ? place.resolve("plan.json") : place;
        if (!Files.exists(file)) {
            throw new CommandException(
                    "--against %s: there is no such file. Maybe plan with -o DIR first.".formatted(file));
        }
        try {
            JsonNode json = JsonMapper.shared().readTree(Files.readString(file));
            if (json.path("replicas").isMissingNode() || json.path("routes").isMissingNode()) {
                throw new CommandException(
                        "--against %s: has no replicas and routes; expected what plan -o wrote. Maybe plan again."
                                .formatted(file));
            }
            return new PlanRecord(file, json);
        } catch (JacksonException wrong) {
            throw new CommandException("--against %s: is no JSON: %s".formatted(file, wrong.getOriginalMessage()));
        }
    }

    /** Index of the period a day lies in: the first before it begins, the last after it ended. */
    int period(LocalDate day) {
        int period = 0;
        for (int i = 0; i < periods().size(); i++) {
            period = LocalDate.parse(periods().get(i).path("from").asString()).isAfter(day) ? period : i;
        }
        return period;
    }

    LocalDate from(int period) {
        return LocalDate.parse(periods().get(period).path("from").asString());
    }

    private JsonNode periods() {
        return json.path("periods");
    }

    private String periodName(int period) {
        return periods().get(period).path("name").asString();
    }

    /** Typical hours that something is planned in. */
    SortedSet<String> hours() {
        SortedSet<String> hours = new TreeSet<>();
        json.path("routes").forEach(route -> hours.add(route.path("hour").asString()));
        return hours;
    }

    Map<String, Double> room() {
        Map<String, Double> room = new LinkedHashMap<>();
        json.path("headRoom")
                .properties()
                .forEach(each -> room.put(each.getKey(), each.getValue().asDouble()));
        return room;
    }

    /** Requests a second that were forecast, by model and class. */
    Map<LiveFigures.Kind, Double> forecast(int period, String hour) {
        Map<LiveFigures.Kind, Double> forecast = new TreeMap<>();
        for (JsonNode route : routes(period, hour)) {
            JsonNode bucket = bucket(route.path("bucket").asString());
            forecast.merge(
                    new LiveFigures.Kind(
                            bucket.path("model").asString(),
                            io.polychip.fleet.RequestClass.valueOf(
                                    bucket.path("requestClass").asString())),
                    route.path("requestsPerSecond").asDouble(),
                    Double::sum);
        }
        return forecast;
    }

    /** Tokens a second of each deployment. */
    private Map<String, Double> tokens(int period, String hour) {
        Map<String, Double> tokens = new TreeMap<>();
        for (JsonNode route : routes(period, hour)) {
            JsonNode bucket = bucket(route.path("bucket").asString());
            tokens.merge(
                    route.path("deployment").asString(),
                    route.path("requestsPerSecond").asDouble()
                            * (bucket.path("inputTokens").asDouble()
                                    + bucket.path("outputTokens").asDouble()),
                    Double::sum);
        }
        return tokens;
    }

    private List<JsonNode> routes(int period, String hour) {
        return of("routes", period, hour);
    }

    private List<JsonNode> of(String list, int period, String hour) {
        List<JsonNode> found = new ArrayList<>();
        for (JsonNode each : json.path(list)) {
            if (each.path("period").asString().equals(periodName(period))
                    && each.path("hour").asString().equals(hour)) {
                found.add(each);
            }
        }
        return found;
    }

    private JsonNode bucket(String name) {
        for (JsonNode bucket : json.path("buckets")) {
            if (bucket.path("name").asString().equals(name)) {
                return bucket;
            }
        }
        throw new CommandException(
                "--against %s: a route speaks of the bucket %s, which is not there.".formatted(file, name));
    }

    /**
     * A pool as planned for a typical hour.
     *
     * @param count replicas in that hour; 0 for a hosted API
     * @param tokensPerSecond of its deployment, by its part of the replicas
     * @param committed whether its chips are paid for in any case
     */
    record PlannedPool(
            String name,
            String deployment,
            String chip,
            long count,
            double tokensPerSecond,
            double usdPerMonth,
            boolean committed) {
        String vendor() {
            return chip.replaceFirst("/.*", "");
        }
    }

    List<PlannedPool> pools(int period, String hour) {
        Map<String, Long> counts = new TreeMap<>();
        Map<String, Long> byDeployment = new TreeMap<>();
        for (JsonNode each : of("replicas", period, hour)) {
            String deployment = each.path("deployment").asString();
            counts.merge(
                    deployment + " on " + each.path("offer").asString(),
                    each.path("count").asLong(),
                    Long::sum);
            byDeployment.merge(deployment, each.path("count").asLong(), Long::sum);
        }
        TreeSet<String> committed = new TreeSet<>();
        json.path("commitments")
                .forEach(each -> committed.add(each.path("offer").asString()));
        Map<String, Double> tokens = tokens(period, hour);
        List<PlannedPool> pools = new ArrayList<>();
        for (JsonNode pool : periods().get(period).path("pools")) {
            String deployment = pool.path("deployment").asString();
            String offer = pool.path("offer").asString();
            long count = counts.getOrDefault(deployment + " on " + offer, 0L);
            double part = count == 0 ? 1 : (double) count / byDeployment.getOrDefault(deployment, count);
            boolean idle = count == 0 && pool.path("chipsPerReplica").asInt(0) > 0;
            pools.add(new PlannedPool(
                    pool.path("pool").asString(),
                    deployment,
                    pool.path("chip").asString(),
                    count,
                    idle ? 0 : tokens.getOrDefault(deployment, 0.0) * part,
                    pool.path("usdPerMonth").asDouble(),
                    committed.contains(offer)));
        }
        return pools;
    }

    /** Commitments that have begun by then, or begin with the plan. */
    List<Plan.Commitment> begun(int period) {
        List<Plan.Commitment> begun = new ArrayList<>();
        for (Plan.Commitment each : commitments()) {
            if (each.period() <= period) {
                begun.add(each);
            }
        }
        return begun;
    }

    private List<Plan.Commitment> commitments() {
        List<Plan.Commitment> all = new ArrayList<>();
        for (JsonNode each : json.path("commitments")) {
            all.add(new Plan.Commitment(
                    each.path("offer").asString(),
                    period(LocalDate.parse(each.path("from").asString())),
                    each.path("chips").asDouble()));
        }
        return all;
    }

    /** Its counts and commitments, by the hours of a demand that was read again. */
    Plan counts(Demand demand) {
        if (demand.periods().size() != periods().size()) {
            throw new CommandException(
                    "--against %s: has %d periods, and what is asked now has %d. Maybe another --horizon or --growth than the plan's."
                            .formatted(file, periods().size(), demand.periods().size()));
        }
        List<Plan.Replicas> replicas = new ArrayList<>();
        for (int period = 0; period < demand.periods().size(); period++) {
            for (int hour = 0; hour < demand.hours().size(); hour++) {
                for (JsonNode each :
                        of("replicas", period, demand.hours().get(hour).name())) {
                    replicas.add(new Plan.Replicas(
                            each.path("deployment").asString(),
                            each.path("offer").asString(),
                            period,
                            hour,
                            each.path("count").asLong(),
                            each.path("chipsPerReplica").asInt()));
                }
            }
        }
        return new Plan(0, 0, commitments(), replicas, List.of(), Map.of(), List.of());
    }
}
