package io.polychip.planner;

import java.util.ArrayList;
import java.util.List;

/** Columns for chips and replicas with what they cost, and rows for what there is of them. */
final class SupplyRows {
    private final Programme programme;
    private final Demand demand;
    private final Milp.Builder builder;

    SupplyRows(Programme programme) {
        this.programme = programme;
        this.demand = programme.demand;
        this.builder = programme.builder;
    }

    void add() {
        for (int pair = 0; pair < programme.pairs.size(); pair++) {
            if (programme.lot(programme.pairs.get(pair)) instanceof Lot.Chips chips) {
                replicas(pair, chips);
            }
        }
        for (int lot = 0; lot < programme.lots.size(); lot++) {
            if (programme.lots.get(lot) instanceof Lot.Chips chips) {
                trainings(lot, chips);
                if (chips.kind() == Lot.Kind.COMMITTED) {
                    commitment(lot, chips);
                } else {
                    byTheHour(lot, chips);
                }
            }
        }
        stocks();
        jobs();
    }

    private void replicas(int pair, Lot.Chips chips) {
        String name = programme.pairs.get(pair).name();
        for (int period = 0; period < demand.periods().size(); period++) {
            if (!chips.usable(period)) {
                continue;
            }
            int column = -1;
            for (int hour = 0; hour < demand.hours().size(); hour++) {
                if (column < 0 || chips.kind() != Lot.Kind.COMMITTED) {
                    column = builder.column(
                            "replicas of " + name + ", " + programme.at(period, hour),
                            0,
                            most(programme.pairs.get(pair).lot()),
                            0,
                            true);
                }
                programme.replicas[pair][period][hour] = column;
                if (!demand.trainings().isEmpty() && chips.kind() == Lot.Kind.COMMITTED) {
                    int busy = builder.column(
                            "busy " + name + ", " + programme.at(period, hour), 0, Double.POSITIVE_INFINITY, 0, false);
                    programme.serving[pair][period][hour] = busy;
                    builder.part(programme.part(period, hour));
                    int row = builder.atMost("busy of " + name + ", " + programme.at(period, hour), 0);
                    builder.part(Milp.WHOLE);
                    builder.term(row, busy, 1).term(row, column, -1);
                }
            }
        }
    }

    /** What no plan needs is not looked at. */
    private double most(int lot) {
        return programme.outdone[lot] ? 0 : Double.POSITIVE_INFINITY;
    }

    private void trainings(int lot, Lot.Chips chips) {
        for (int job = 0; job < demand.trainings().size(); job++) {
            Demand.Training training = demand.trainings().get(job);
            if (!training.chipHours().containsKey(chips.chip())) {
                continue;
            }
            for (int period = 0; period <= Math.min(training.lastPeriod(), chips.lastPeriod()); period++) {
                for (int hour = 0; hour < demand.hours().size() && chips.usable(period); hour++) {
                    programme.training[job][lot][period][hour] = builder.column(
                            training.name() + " on " + chips.name() + ", " + programme.at(period, hour),
                            0,
                            most(lot),
                            0,
                            false);
                }
            }
        }
    }

    /** Units bound for a term from each period on; replicas and training share them hour by hour. */
    private void commitment(int lot, Lot.Chips chips) {
        int last = Math.min(chips.lastPeriod(), demand.periods().size() - 1);
        for (int start = chips.firstPeriod(); start <= last; start++) {
            double most = Math.floor(chips.mostChips()[start] / chips.multiple() + 1e-9);
            double owned = start == chips.firstPeriod() ? Math.ceil(chips.ownedChips() / chips.multiple() - 1e-9) : 0;
            int column = builder.column(
                    chips.name() + " from " + demand.periods().get(start).name(),
                    owned,
                    most(lot),
                    termCost(chips, start) * chips.multiple(),
                    true);
            programme.bought[lot][start] = column;
            atLeastWhenAny(chips, column, start, most);
        }
        for (int period = chips.firstPeriod(); period <= last; period++) {
            String when = demand.periods().get(period).name();
            Sum bound = programme.bound(lot, period);
            if (Double.isFinite(chips.mostChips()[period])) {
                int row = builder.atMost(chips.name() + " to be had, " + when, chips.mostChips()[period]);
                bound.into(builder, row, 1);
                programme.promise(row, Promise.Kind.AVAILABILITY, chips.name(), "chips", 1);
            }
            int inUse = builder.atMost(chips.name() + " in use, " + when, 0);
            programme.replicaChips(lot, period, 0).into(builder, inUse, 1);
            if (!demand.trainings().isEmpty()) {
                idle(lot, chips, period, bound);
            }
            bound.into(builder, inUse, -1);
        }
    }

    /** With training the row on replicas leaves training out: each hour's idle chips train. */
    private void idle(int lot, Lot.Chips chips, int period, Sum bound) {
        for (int hour = 0; hour < demand.hours().size(); hour++) {
            int row = builder.atMost("idle of " + chips.name() + ", " + programme.at(period, hour), 0);
            for (int pair = 0; pair < programme.pairs.size(); pair++) {
                int busy = programme.pairs.get(pair).lot() == lot ? programme.serving[pair][period][hour] : -1;
                if (busy >= 0) {
                    builder.term(
                            row,
                            busy,
                            programme.capacity(programme.pairs.get(pair)).chips());
                }
            }
            for (int[][][] job : programme.training) {
                if (job[lot][period][hour] >= 0) {
                    builder.term(row, job[lot][period][hour], 1);
                }
            }
            bound.into(builder, row, -1);
        }
    }

    private void atLeastWhenAny(Lot.Chips chips, int column, int start, double most) {
        if (chips.leastChips() <= chips.multiple()) {
            return;
        }
        String name = chips.name() + " from " + demand.periods().get(start).name();
        int taken = builder.column("any " + name, 0, 1, 0, true);
        double least = Math.ceil(chips.leastChips() / chips.multiple() - 1e-9);
        int atLeast = builder.atLeast("least of " + name, 0);
        builder.term(atLeast, column, 1).term(atLeast, taken, -least);
        int none = builder.atMost("none of " + name, 0);
        builder.term(none, column, 1).term(none, taken, -Math.min(most, 1e7));
    }

    /** US dollars of now for one chip over its whole term, as far as the plan looks. */
    private double termCost(Lot.Chips chips, int start) {
        double usd = 0;
        int end = Math.min(start + chips.termPeriods(), demand.periods().size());
        for (int period = start; period < end; period++) {
            double discount = chips.prepaid() * demand.periods().get(start).discount()
                    + (1 - chips.prepaid()) * demand.periods().get(period).discount();
            usd += chips.usdPerChipHour() * demand.periods().get(period).hours() * discount;
        }
        return usd;
    }

    private void byTheHour(int lot, Lot.Chips chips) {
        for (int period = chips.firstPeriod();
                period <= Math.min(chips.lastPeriod(), demand.periods().size() - 1);
                period++) {
            for (int hour = 0; hour < demand.hours().size(); hour++) {
                double discount = demand.periods().get(period).discount();
                programme.spend(lot, period, hour).cost(builder, discount);
                Sum used = programme.chips(lot, period, hour);
                if (Double.isFinite(chips.mostChips()[period]) && !used.isEmpty()) {
                    builder.part(programme.part(period, hour));
                    int row = builder.atMost(
                            chips.name() + " to be had, " + programme.at(period, hour), chips.mostChips()[period]);
                    builder.part(Milp.WHOLE);
                    used.into(builder, row, 1);
                    programme.promise(row, Promise.Kind.AVAILABILITY, chips.name(), "chips", 1);
                }
            }
        }
    }

    private void stocks() {
        for (Rules.Stock stock : programme.problem.rules().stocks()) {
            List<Integer> members = new ArrayList<>();
            for (int lot = 0; lot < programme.lots.size(); lot++) {
                if (stock.lots().contains(programme.lots.get(lot).name())) {
                    members.add(lot);
                }
            }
            for (int period = 0; period < demand.periods().size(); period++) {
                for (int hour = 0; hour < demand.hours().size(); hour++) {
                    Sum used = new Sum();
                    for (int lot : members) {
                        boolean term = programme.lots.get(lot) instanceof Lot.Chips chips
                                && chips.kind() == Lot.Kind.COMMITTED;
                        used.add(term ? programme.bound(lot, period) : programme.chips(lot, period, hour), 1);
                    }
                    int row = builder.atMost(stock.name() + " to be had, " + programme.at(period, hour), stock.chips());
                    used.into(builder, row, 1);
                    programme.promise(row, Promise.Kind.AVAILABILITY, stock.name(), "chips", 1);
                }
            }
        }
    }

    /** Each job is done by its deadline, on whatever chips. */
    private void jobs() {
        for (int job = 0; job < demand.trainings().size(); job++) {
            Demand.Training training = demand.trainings().get(job);
            int row = builder.atLeast(training.name() + " is done", 1);
            for (int lot = 0; lot < programme.lots.size(); lot++) {
                Double chipHours =
                        training.chipHours().get(programme.lots.get(lot).chip());
                for (int period = 0; period < demand.periods().size() && chipHours != null; period++) {
                    for (int hour = 0; hour < demand.hours().size(); hour++) {
                        int column = programme.training[job][lot][period][hour];
                        if (column >= 0) {
                            builder.term(row, column, demand.hours(period, hour) / chipHours);
                        }
                    }
                }
            }
            programme.promise(row, Promise.Kind.DEADLINE, training.name(), "of the job", 1);
        }
    }
}
