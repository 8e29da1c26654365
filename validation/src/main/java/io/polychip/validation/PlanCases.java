package io.polychip.validation;

import io.polychip.fleet.RequestClass;
import io.polychip.planner.Bucket;
import io.polychip.planner.Capacity;
import io.polychip.planner.Demand;
import io.polychip.planner.Lot;
import io.polychip.planner.Milp;
import io.polychip.planner.Problem;
import io.polychip.planner.Programme;
import io.polychip.planner.Rules;
import io.polychip.planner.Search;
import io.polychip.planner.Solution;
import io.polychip.planner.Solver;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;

/**
 * Cases with proven optima, of two forms: a mix of chips for a table of buckets (Mélange's), and vendors with caps,
 * loss of any one and commitments. A case is told by the members it has, not by its file's name.
 */
final class PlanCases {
    /** More than the best known by a rounding error only. */
    private static final double MIX_TOLERANCE = 1e-6;

    private static final double VENDOR_TOLERANCE = 1e-4;
    private static final Solver.Effort MIX_EFFORT = new Solver.Effort(60, 1e-7);
    private static final Solver.Effort VENDOR_EFFORT = new Solver.Effort(120, 5e-5);

    private final Search search;
    private final Consumer<PlanCase> heard;

    PlanCases(Search search, Consumer<PlanCase> heard) {
        this.search = search;
        this.heard = heard;
    }

    static boolean isMix(JsonNode file) {
        return file.path("cases").path(0).has("gpu_info");
    }

    static boolean isVendors(JsonNode file) {
        return file.has("variants") && (file.has("one_period") || file.has("commitments"));
    }

    void mixes(JsonNode file) {
        for (JsonNode each : file.path("cases")) {
            heard.accept(mix(each));
        }
    }

    void vendors(JsonNode file) {
        for (JsonNode each : file.path("one_period")) {
            heard.accept(onePeriod(file.path("variants"), each));
        }
        for (JsonNode each : file.path("commitments")) {
            heard.accept(commitment(file.path("variants"), each));
        }
    }

    private PlanCase mix(JsonNode asked) {
        Problem problem = mixProblem(asked);
        JsonNode expected = asked.path("expected");
        double reference = expected.path("continuous_split").path("cost").asDouble();
        double whole = expected.path("melange_ilp").path("cost").asDouble(reference);
        double target = Math.min(reference * (1 + MIX_TOLERANCE), whole * (1 + 1e-9));
        return solved("mix", asked.path("id").asString(), problem, MIX_EFFORT, reference, target);
    }

    static Problem mixProblem(JsonNode asked) {
        JsonNode shares = asked.path("workload_distribution");
        double rate = asked.path("total_request_rate").asDouble();
        List<Bucket> buckets = new ArrayList<>();
        List<int[]> places = new ArrayList<>();
        for (int row = 0; row < shares.size(); row++) {
            for (int column = 0; column < shares.path(row).size(); column++) {
                if (shares.path(row).path(column).asDouble() > 0) {
                    buckets.add(new Bucket(row + "x" + column, "m", RequestClass.DEFAULT, 1, 1));
                    places.add(new int[] {row, column});
                }
            }
        }
        double[] perSecond = new double[buckets.size()];
        for (int bucket = 0; bucket < perSecond.length; bucket++) {
            int[] place = places.get(bucket);
            perSecond[bucket] = rate * shares.path(place[0]).path(place[1]).asDouble();
        }
        List<Capacity> capacities = new ArrayList<>();
        List<Lot> lots = new ArrayList<>();
        for (Map.Entry<String, JsonNode> gpu : asked.path("gpu_info").properties()) {
            double[] throughput = new double[perSecond.length];
            for (int bucket = 0; bucket < throughput.length; bucket++) {
                int[] place = places.get(bucket);
                throughput[bucket] = gpu.getValue()
                        .path("tputs")
                        .path(place[0])
                        .path(place[1])
                        .asDouble();
            }
            capacities.add(new Capacity(gpu.getKey(), gpu.getKey(), 1, throughput, Map.of("vendor", gpu.getKey())));
            lots.add(Lot.Chips.of(
                    gpu.getKey(),
                    gpu.getKey(),
                    Lot.Kind.ON_DEMAND,
                    Map.of(),
                    gpu.getValue().path("cost").asDouble(),
                    Lot.NO_LIMIT,
                    1));
        }
        Demand demand = new Demand(buckets, List.of(new Demand.Hour("now", 1, perSecond)), Demand.ONE_HOUR, List.of());
        return new Problem(demand, capacities, lots, Rules.NONE);
    }

    private PlanCase onePeriod(JsonNode variants, JsonNode asked) {
        List<Demand.Hour> hours = List.of(hour("now", asked.path("demand_tokens_per_s"), 1));
        Problem problem = vendors(variants, asked, hours, 1, 0);
        double reference = asked.path("expected").path("cost").asDouble();
        return solved(
                "vendors",
                asked.path("id").asString(),
                problem,
                VENDOR_EFFORT,
                reference,
                reference * (1 + VENDOR_TOLERANCE));
    }

    private PlanCase commitment(JsonNode variants, JsonNode asked) {
        List<Demand.Hour> hours = new ArrayList<>();
        for (JsonNode part : asked.path("hourly_profile")) {
            hours.add(hour("h" + hours.size(), asked.path("peak_tokens_per_s"), part.asDouble()));
        }
        double factor = asked.path("committed_price_factor").asDouble();
        Problem problem = vendors(variants, asked, hours, hours.size(), factor);
        double reference = asked.path("expected").path("cost_24h").asDouble();
        return solved(
                "commitments",
                asked.path("id").asString(),
                problem,
                VENDOR_EFFORT,
                reference,
                reference * (1 + VENDOR_TOLERANCE));
    }

    /** A bucket's request is one token: rates are tokens a second. */
    private static Demand.Hour hour(String name, JsonNode tokens, double part) {
        return new Demand.Hour(name, 1, new double[] {
            tokens.path("server").asDouble() * part, tokens.path("interactive").asDouble() * part
        });
    }

    /** @param committed price of a commitment over that of the hour; 0: there is none */
    private static Problem vendors(
            JsonNode variants, JsonNode asked, List<Demand.Hour> hours, double periodHours, double committed) {
        List<Capacity> capacities = new ArrayList<>();
        List<Lot> lots = new ArrayList<>();
        List<Rules.Stock> stocks = new ArrayList<>();
        for (Map.Entry<String, JsonNode> each : variants.properties()) {
            String name = each.getKey();
            JsonNode of = each.getValue();
            Map<String, String> labels = Map.of("vendor", of.path("vendor").asString());
            double[] tokens = {
                of.path("server").asDouble(), of.path("interactive").asDouble()
            };
            capacities.add(new Capacity(name, name, 1, tokens, labels));
            double price = of.path("price").asDouble();
            double most = of.path("max").asDouble();
            lots.add(Lot.Chips.of(name + " by the hour", name, Lot.Kind.ON_DEMAND, labels, price, most, 1));
            if (committed > 0) {
                lots.add(Lot.Chips.of(
                        name + " committed", name, Lot.Kind.COMMITTED, labels, price * committed, most, 1));
                stocks.add(new Rules.Stock(name, Set.of(name + " by the hour", name + " committed"), most));
            }
        }
        List<Bucket> buckets = List.of(
                new Bucket("server", "m", RequestClass.DEFAULT, 0, 1),
                new Bucket("interactive", "m", RequestClass.PRIORITY, 0, 1));
        Demand.Period period = new Demand.Period("day", LocalDate.EPOCH, LocalDate.EPOCH, periodHours, 1, 1);
        return new Problem(
                new Demand(buckets, hours, List.of(period), List.of()),
                capacities,
                lots,
                rules(asked).with(stocks));
    }

    private static Rules rules(JsonNode asked) {
        JsonNode cap = asked.path("vendor_share_cap");
        JsonNode phi = asked.path("survive_any_vendor_loss_fraction");
        return Rules.NONE.with(
                cap.isNumber()
                        ? List.of(
                                new Rules.Share("vendor", Rules.Share.ANY, Rules.Basis.TOKENS, 0, cap.asDouble(), true))
                        : List.of(),
                phi.isNumber() ? List.of(Rules.Survival.any("vendor", phi.asDouble())) : List.of());
    }

    private PlanCase solved(
            String set, String id, Problem problem, Solver.Effort effort, double reference, double target) {
        Milp milp = new Programme(problem).milp();
        long began = System.nanoTime();
        Solution solution = search.run(milp, effort);
        double millis = (System.nanoTime() - began) / 1e6;
        boolean sound = solution.found() && milp.violation(solution.values()) <= 1e-5;
        return new PlanCase(
                set,
                id,
                solution.objective(),
                target,
                reference,
                solution.bound(),
                millis,
                sound && solution.objective() <= target,
                sound ? null : "no plan found");
    }
}
