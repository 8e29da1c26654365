package io.polychip.planner;

import io.polychip.fleet.Independence;
import io.polychip.fleet.RoutingStart;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Solves, simulates what came out, and where an objective or a promise was missed takes room off the deployments that
 * were late and solves again. What it returns says whether all was kept, and how often it had to.
 *
 * <p>Pure but for the search and the trials it is given.
 */
public final class Planner {
    /** What a deployment's capacity is multiplied by when its replicas were late. */
    private static final double STEP = 0.94;

    /** Steps in one round, until the plan is another one: with few replicas one step may change nothing. */
    private static final int STEPS = 12;

    private final Search search;
    private final Solver.Effort effort;
    private final Trials trials;
    private final Watch watch;
    private final Stop stop;

    public Planner(Search search, Solver.Effort effort, Trials trials, Watch watch, Stop stop) {
        this.search = search;
        this.effort = effort;
        this.trials = trials;
        this.watch = watch;
        this.stop = stop;
    }

    /** Runs simulations; several at a time if it likes. */
    @FunctionalInterface
    public interface Trials {
        /** Outcomes in the order of the trials. */
        List<Trial.Outcome> run(List<Trial> wanted);
    }

    /** Hears how it goes. */
    public interface Watch extends Solver.Progress {
        Watch SILENT = new Watch() {
            @Override
            public void update(double seconds, String step, double incumbent, double bound) {}

            @Override
            public void round(Verified round) {}
        };

        /** A plan was solved and tried. */
        void round(Verified round);
    }

    /**
     * The question.
     *
     * @param problem without head-room
     * @param service what the fleet says beside its pools
     * @param room what every capacity is multiplied by at first, 0 to 1: traffic has busy minutes
     * @param rounds most often it is solved
     */
    public record Question(
            Problem problem, List<Candidate> candidates, PlannedFleet.Service service, double room, int rounds) {
        public Question {
            candidates = List.copyOf(candidates);
            if (!(room > 0 && room <= 1) || rounds < 1) {
                throw new PlanException(
                        "A room of %s in %d rounds makes no sense; allowed are above 0 to 1, and from 1."
                                .formatted(room, rounds));
            }
        }

        public Question with(Problem other) {
            return new Question(other, candidates, service, room, rounds);
        }

        /** With routers that keep to these rules' limits on vendors' tokens. */
        public Question under(Rules rules) {
            Independence independence =
                    rules.independence(vendors(), service.independence().survive());
            PlannedFleet.Service under =
                    new PlannedFleet.Service(service.models(), service.objectives(), independence, service.catalogue());
            return new Question(problem, candidates, under, room, rounds);
        }

        private Set<String> vendors() {
            Set<String> vendors = new TreeSet<>();
            problem.capacities()
                    .forEach(capacity -> vendors.add(capacity.labels().getOrDefault("vendor", "")));
            return vendors;
        }
    }

    /**
     * A plan and what became of it in simulation.
     *
     * @param problem as it was solved: with the head-room that it took
     * @param room by deployment, what its capacity was multiplied by
     * @param rounds how often it was solved
     * @param taken what the parts of each deal that is signed pay, US dollars of now, by deal and part
     * @param prices that its routing begins from
     * @param outcomes of all trials; empty where it was stopped before them
     * @param stopped whether time or the user ended it early
     */
    public record Verified(
            Problem problem,
            Plan plan,
            Map<String, Double> room,
            int rounds,
            Map<String, Map<String, Double>> taken,
            List<LoadPrice> prices,
            List<Trial.Outcome> outcomes,
            boolean stopped) {
        public Verified {
            room = Map.copyOf(room);
            taken = Map.copyOf(taken);
            prices = List.copyOf(prices);
            outcomes = List.copyOf(outcomes);
        }

        Verified ended(boolean early) {
            return new Verified(problem, plan, room, rounds, taken, prices, outcomes, early);
        }

        /** Whether it was simulated and every promise held. */
        public boolean kept() {
            return !outcomes.isEmpty() && outcomes.stream().allMatch(Trial.Outcome::kept);
        }

        /** The run of that hour with nothing lost; null where it was not run. */
        public Trial.@Nullable Outcome normal(int period, int hour) {
            return outcomes.stream()
                    .filter(each -> each.trial().lost() == null
                            && each.trial().period() == period
                            && each.trial().hour() == hour)
                    .findFirst()
                    .orElse(null);
        }
    }

    /** What came of a question. */
    public sealed interface Answer {
        /** @param wanting what would have to give way for the head-room that the trials ask for; mostly nothing */
        record Found(Verified best, List<Conflict.Way> wanting) implements Answer {
            public Found {
                wanting = List.copyOf(wanting);
            }
        }

        /**
         * Nothing satisfies all rows.
         *
         * @param ways to give way; empty: none was found in time
         * @param others that would do instead, of other kinds; empty: there are none
         */
        record Infeasible(List<Conflict.Way> ways, List<Conflict.Way> others) implements Answer {
            public Infeasible {
                ways = List.copyOf(ways);
                others = List.copyOf(others);
            }
        }

        /** Ended before there was any plan. */
        record Nothing() implements Answer {}
    }

    public Answer plan(Question question) {
        Map<String, Double> room = new LinkedHashMap<>();
        question.candidates().forEach(candidate -> room.put(candidate.name(), question.room()));
        Verified last = null;
        double[] values = new double[0];
        for (int round = 1; round <= question.rounds(); round++) {
            Problem problem = roomy(question.problem(), room);
            Programme programme = new Programme(problem);
            Solution solution = search.run(programme.milp(), values, effort, stop, watch);
            if (!solution.found()) {
                boolean none = solution.status() == Solution.Status.INFEASIBLE;
                List<Conflict.Way> ways = none ? Conflict.of(programme, search, effort) : List.of();
                return last != null
                        ? new Answer.Found(last, ways)
                        : none ? new Answer.Infeasible(ways, others(programme, ways)) : new Answer.Nothing();
            }
            values = solution.values();
            last = tried(question, programme, solution, room, round);
            watch.round(last);
            if (last.kept() || stop.stopped() || !takeRoom(question.problem(), last, values, room)) {
                break;
            }
        }
        return new Answer.Found(Objects.requireNonNull(last).ended(stop.stopped()), List.of());
    }

    /** What could give way instead: nothing of the kinds that the smallest set is of, and all demand is served. */
    private List<Conflict.Way> others(Programme programme, List<Conflict.Way> ways) {
        Set<Promise.Kind> firm = EnumSet.of(Promise.Kind.DEMAND);
        ways.forEach(way -> firm.add(way.kind()));
        return ways.isEmpty() ? List.of() : Conflict.of(programme, search, effort, firm);
    }

    private static Problem roomy(Problem problem, Map<String, Double> room) {
        return problem.withCapacities(problem.capacities().stream()
                .map(capacity -> capacity.scaled(room.getOrDefault(capacity.name(), 1.0)))
                .toList());
    }

    /** First what is promised in the busiest hours; the rest only where that was kept. */
    private Verified tried(
            Question question, Programme programme, Solution solution, Map<String, Double> room, int round) {
        Problem problem = programme.problem;
        Plan plan = Plan.of(programme, solution);
        Map<String, Map<String, Double>> taken = new LinkedHashMap<>();
        for (Contract contract : programme.contracts) {
            if (contract.isTaken(solution.values())) {
                taken.put(contract.deal.name(), contract.paid(solution.values()));
            }
        }
        List<LoadPrice> prices = LoadPrice.of(programme, search.relax(programme.milp()));
        List<Trial> wanted =
                trials(problem, new PlannedRouting(problem, plan, question.candidates(), question.service(), prices));
        List<Integer> peaks = problem.demand().merged().peaks(problem.rules().peakHours());
        List<Trial> first = wanted.stream()
                .filter(trial -> trial.promised() && peaks.contains(trial.hour()))
                .toList();
        List<Trial.Outcome> outcomes = new ArrayList<>(trials.run(first));
        if (!outcomes.isEmpty() && outcomes.stream().allMatch(Trial.Outcome::kept)) {
            List<Trial> rest =
                    wanted.stream().filter(trial -> !first.contains(trial)).toList();
            List<Trial.Outcome> others = trials.run(rest);
            outcomes = others.size() == rest.size() ? inOrder(wanted, outcomes, others) : new ArrayList<>();
        }
        return new Verified(problem, plan, room, round, taken, prices, outcomes, stop.stopped());
    }

    private static List<Trial.Outcome> inOrder(
            List<Trial> wanted, List<Trial.Outcome> some, List<Trial.Outcome> others) {
        Map<Trial, Trial.Outcome> all = new LinkedHashMap<>();
        some.forEach(outcome -> all.put(outcome.trial(), outcome));
        others.forEach(outcome -> all.put(outcome.trial(), outcome));
        return wanted.stream()
                .map(trial -> Objects.requireNonNull(all.get(trial)))
                .toList();
    }

    /**
     * Less room for the guilty, in steps, until the replicas there are would be too few; false where nobody is guilty.
     */
    private boolean takeRoom(Problem problem, Verified last, double[] values, Map<String, Double> room) {
        Set<String> guilty = new LinkedHashSet<>();
        last.outcomes().stream().filter(each -> !each.kept()).forEach(each -> guilty.addAll(each.guilty()));
        for (int step = 0; step < STEPS && !guilty.isEmpty() && !stop.stopped(); step++) {
            guilty.forEach(name -> room.merge(name, STEP, (now, by) -> now * by));
            Milp milp = new Programme(roomy(problem, room)).milp();
            if (!search.relax(milp.fixed(values)).solution().found()) {
                break;
            }
        }
        return !guilty.isEmpty();
    }

    /**
     * Every hour that is unlike the others as planned, and the busiest with each thing lost; all begin from the routing
     * that is written for them.
     */
    static List<Trial> trials(Problem problem, PlannedRouting routing) {
        Demand demand = problem.demand().merged();
        List<Trial> trials = new ArrayList<>();
        List<Integer> peaks = demand.peaks(problem.rules().peakHours());
        for (int period = 0; period < demand.periods().size(); period++) {
            for (int hour = 0; hour < demand.hours().size(); hour++) {
                PlannedFleet fleet = routing.fleet(period, hour, PlannedFleet.Count.SERVING);
                if (fleet.fleet().pools().isEmpty()) {
                    continue;
                }
                RoutingStart start = routing.start(period, hour);
                double batch = batch(demand, routing.plan(), period, hour);
                trials.add(new Trial(period, hour, fleet.begun(start), null, true, batch));
                if (peaks.contains(hour)) {
                    fleet = routing.fleet(period, hour, PlannedFleet.Count.IN_NEED)
                            .begun(start);
                    losses(problem, new Trial(period, hour, fleet, null, true, batch), period == 0, trials);
                }
            }
        }
        return trials;
    }

    /**
     * The least that shows whether a plan holds: the busiest hour of the period with most demand, as planned and with
     * each thing lost, every vendor included. Begun from nothing: no routing is written for it.
     */
    public static List<Trial> peak(Question question, Problem problem, Plan plan) {
        Demand demand = problem.demand().merged();
        int period = 0;
        for (int each = 1; each < demand.periods().size(); each++) {
            period = demand.periods().get(each).growth()
                            > demand.periods().get(period).growth()
                    ? each
                    : period;
        }
        int hour = demand.peaks(1).getFirst();
        double batch = batch(demand, plan, period, hour);
        PlannedFleet serving = fleet(question, problem, plan, period, hour, PlannedFleet.Count.SERVING);
        PlannedFleet inNeed = fleet(question, problem, plan, period, hour, PlannedFleet.Count.IN_NEED);
        List<Trial> trials = new ArrayList<>();
        trials.add(new Trial(period, hour, serving, null, true, batch));
        losses(problem, new Trial(period, hour, inNeed, null, true, batch), true, trials);
        return List.copyOf(trials);
    }

    private static PlannedFleet fleet(
            Question question, Problem problem, Plan plan, int period, int hour, PlannedFleet.Count count) {
        return PlannedFleet.of(problem, plan, question.candidates(), question.service(), period, hour, count);
    }

    /** Batch waits for a better hour: what this one serves of it over what comes in a mean one; 1 without any. */
    private static double batch(Demand demand, Plan plan, int period, int hour) {
        double asked = 0;
        double served = 0;
        for (int bucket = 0; bucket < demand.buckets().size(); bucket++) {
            for (int each = 0; each < demand.hours().size() && demand.waits(bucket); each++) {
                asked += demand.rate(period, each, bucket) * demand.share(each);
            }
        }
        for (Plan.Route route : plan.routes()) {
            boolean here = route.period() == period && route.hour() == hour && demand.waits(route.bucket());
            served += here ? route.perSecond() : 0;
        }
        return asked == 0 ? 1 : served / asked;
    }

    /**
     * What was promised to survive.
     *
     * @param every also every vendor besides, so that the report can say what its loss leaves
     */
    private static void losses(Problem problem, Trial whole, boolean every, List<Trial> trials) {
        Set<String> tried = new TreeSet<>();
        for (Rules.Survival survival : problem.rules().survivals()) {
            for (String value : values(whole.fleet(), survival.label())) {
                boolean named = survival.values().isEmpty() || survival.values().contains(value);
                if (named && tried.add(survival.label() + "=" + value)) {
                    trials.add(whole.without(new Trial.Loss(survival.label(), value, survival.phi()), true));
                }
            }
        }
        for (String vendor : values(whole.fleet(), "vendor")) {
            if (every && tried.add("vendor=" + vendor)) {
                trials.add(whole.without(new Trial.Loss("vendor", vendor, Map.of()), false));
            }
        }
    }

    private static Set<String> values(PlannedFleet fleet, String label) {
        Set<String> values = new TreeSet<>();
        fleet.fleet().pools().forEach(pool -> {
            String value =
                    label.equals("vendor") ? pool.vendor() : pool.labels().getOrDefault(label, "");
            if (!value.isEmpty()) {
                values.add(value);
            }
        });
        return values;
    }
}
