package io.polychip.planner;

import io.polychip.fleet.Condition;
import io.polychip.fleet.Deal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Where a plan's decision on a deal turns: the setting of each of its terms, of its price, of rivals' prices, of demand
 * and of its chips' speed at which taking it costs as much as leaving it. Whether deals are taken and their conditions
 * met stays whole; replicas are fractions here, since some twenty searches are needed for each turning point.
 *
 * @param worthUsd what taking it saves in fractions, in dollars of now; below 0: costs
 * @param turns of all knobs that there was time for
 * @param left names of the knobs there was none for
 */
public record DealTurns(String deal, double worthUsd, List<DealStudy.Turned> turns, List<String> left) {
    private static final double LEAST = 0.1;
    private static final double MOST = 4;

    /** Halvings between now and an end, after which a turning point is known to a thousandth of that. */
    private static final int HALVINGS = 10;

    public DealTurns {
        turns = List.copyOf(turns);
        left = List.copyOf(left);
    }

    /**
     * All deals that are not signed yet.
     *
     * @param sigmas of the logarithm of each deployment's speed, by its name
     * @param effort of one search; all together take no longer than its seconds
     * @param heard what is looked at next
     */
    public static List<DealTurns> of(
            Problem problem,
            Map<String, Double> sigmas,
            Search search,
            Solver.Effort effort,
            Stop stop,
            Consumer<String> heard) {
        List<DealTurns> all = new ArrayList<>();
        Deadline until = Deadline.in(effort.seconds());
        for (Deal deal : problem.deals().deals()) {
            if (!deal.taken()) {
                Look look = new Look(problem, deal, search, effort, stop, until);
                all.add(look.turns(sigmas, heard));
            }
        }
        return List.copyOf(all);
    }

    private record Look(Problem problem, Deal deal, Search search, Solver.Effort effort, Stop stop, Deadline until) {
        DealTurns turns(Map<String, Double> sigmas, Consumer<String> heard) {
            double without = cost(DealValue.without(problem, deal.name()));
            double now = worth(without, cost(DealValue.taking(problem, deal.name())));
            List<DealStudy.Turned> turns = new ArrayList<>();
            List<String> left = new ArrayList<>();
            for (Knob knob : Knob.terms(problem.deals(), deal.name(), MOST)) {
                turn(knob, now, without, 0, heard, turns, left);
            }
            turn(own(), now, without, 0, heard, turns, left);
            for (String vendor : rivals()) {
                turn(rival(vendor), now, Double.NaN, 0, heard, turns, left);
            }
            turn(Knob.demand(LEAST, MOST), now, Double.NaN, 0, heard, turns, left);
            for (String chip : chips()) {
                double sigma = problem.capacities().stream()
                        .filter(capacity -> Condition.covers(chip, capacity.chip()))
                        .mapToDouble(capacity -> sigmas.getOrDefault(capacity.name(), 0.0))
                        .max()
                        .orElse(0);
                turn(Knob.speed(chip, LEAST, MOST), now, Double.NaN, sigma, heard, turns, left);
            }
            return new DealTurns(deal.name(), now, turns, left);
        }

        /**
         * @param without cost of the best plan without the deal where the knob does not bear on it, else not a number
         */
        private void turn(
                Knob knob,
                double now,
                double without,
                double sigma,
                Consumer<String> heard,
                List<DealStudy.Turned> turns,
                List<String> left) {
            if (over()) {
                left.add(knob.name());
                return;
            }
            heard.accept("%s, %s".formatted(deal.name(), knob.name()));
            double low = at(knob, knob.low(), without);
            double high = at(knob, knob.high(), without);
            double below = between(knob, knob.low(), low, now, without);
            double above = between(knob, knob.high(), high, now, without);
            if (over()) {
                left.add(knob.name());
                return;
            }
            boolean inside = sigma > 0 && (below >= StrictMath.exp(-sigma) || above <= StrictMath.exp(sigma));
            turns.add(new DealStudy.Turned(
                    new DealValue.Turn(knob.name(), knob.unit(), below, above, low, high, knob.now()), inside));
        }

        private double between(Knob knob, double end, double atEnd, double now, double without) {
            if (saves(atEnd, now) == saves(now, now)) {
                return Double.NaN;
            }
            double same = knob.now();
            double other = end;
            for (int i = 0; i < HALVINGS && !over(); i++) {
                double middle = (same + other) / 2;
                if (saves(at(knob, middle, without), now) == saves(now, now)) {
                    same = middle;
                } else {
                    other = middle;
                }
            }
            return (same + other) / 2;
        }

        /** Where nothing serves the demand, with or without it, nothing has turned. */
        private static boolean saves(double worth, double now) {
            return (Double.isNaN(worth) ? now : worth) >= 0;
        }

        private double at(Knob knob, double setting, double without) {
            Problem turned = knob.turned().apply(problem, setting);
            return worth(
                    Double.isNaN(without) ? cost(DealValue.without(turned, deal.name())) : without,
                    cost(DealValue.taking(turned, deal.name())));
        }

        /** Infinite where one of them cannot serve the demand, not a number where neither can. */
        private static double worth(double without, double with) {
            return without - with;
        }

        private double cost(Problem asked) {
            if (over()) {
                return Double.POSITIVE_INFINITY;
            }
            double seconds = Math.max(0.2, until.secondsLeft());
            Solver.Effort each = new Solver.Effort(Math.min(effort.seconds(), seconds), effort.gap());
            return search.run(new Programme(asked).milp().choices(), new double[0], each, stop, Solver.Progress.SILENT)
                    .objective();
        }

        private boolean over() {
            return stop.stopped() || until.over();
        }

        private Knob own() {
            return price("price of its chips", lot -> deal.offers().contains(lot));
        }

        private Knob rival(String vendor) {
            Set<String> of = new TreeSet<>();
            problem.lots().stream()
                    .filter(lot -> vendor.equals(lot.labels().get("vendor")))
                    .filter(lot -> !deal.offers().contains(lot.name()))
                    .forEach(lot -> of.add(lot.name()));
            return price("price of %s elsewhere".formatted(vendor), of::contains);
        }

        private static Knob price(String name, Predicate<String> which) {
            return new Knob(name, "x", 1, LEAST, MOST, (problem, factor) -> {
                List<Lot> lots = problem.lots().stream()
                        .map(lot -> lot instanceof Lot.Chips chips && which.test(lot.name())
                                ? (Lot) chips.priced(chips.usdPerChipHour() * factor)
                                : lot)
                        .toList();
                return problem.withLots(lots).with(problem.deals().repriced(offer -> which.test(offer.name()), factor));
            });
        }

        /** Vendors of chips that can be had otherwise. */
        private Set<String> rivals() {
            Set<String> vendors = new TreeSet<>();
            problem.lots().stream()
                    .filter(lot -> lot instanceof Lot.Chips && !deal.offers().contains(lot.name()))
                    .forEach(lot -> vendors.add(lot.labels().getOrDefault("vendor", lot.chip())));
            return vendors;
        }

        private Set<String> chips() {
            Set<String> chips = new TreeSet<>();
            problem.lots().stream()
                    .filter(lot -> deal.offers().contains(lot.name()))
                    .forEach(lot -> chips.add(lot.chip()));
            return chips;
        }
    }
}
