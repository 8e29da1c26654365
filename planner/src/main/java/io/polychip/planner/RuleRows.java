package io.polychip.planner;

import java.util.ArrayList;
import java.util.List;

/** Vendor floors and caps, budget, power, energy and carbon. */
final class RuleRows {
    private static final double HOURS_PER_YEAR = 365.25 * 24;

    private final Programme programme;
    private final Demand demand;
    private final Rules rules;
    private final Milp.Builder builder;

    RuleRows(Programme programme) {
        this.programme = programme;
        this.demand = programme.demand;
        this.rules = programme.problem.rules();
        this.builder = programme.builder;
    }

    void add() {
        for (Rules.Share share : rules.shares()) {
            List<String> values =
                    share.value().equals(Rules.Share.ANY) ? programme.values(share.label()) : List.of(share.value());
            for (String value : values) {
                for (int period = 0; period < demand.periods().size(); period++) {
                    share(share, value, period);
                }
            }
        }
        budget();
        powers();
        carbon();
        energy();
    }

    private void share(Rules.Share share, String value, int period) {
        if (!share.everyHour()) {
            List<Integer> all = new ArrayList<>();
            for (int hour = 0; hour < demand.hours().size(); hour++) {
                all.add(hour);
            }
            share(share, value, period, all, demand.periods().get(period).name());
            return;
        }
        for (int hour = 0; hour < demand.hours().size(); hour++) {
            share(share, value, period, List.of(hour), programme.at(period, hour));
        }
    }

    /** part - cap x all <= 0, and part - floor x all >= 0. */
    private void share(Rules.Share share, String value, int period, List<Integer> hours, String when) {
        Sum part = new Sum();
        Sum all = new Sum();
        double scale = 0;
        for (int hour : hours) {
            double weight = demand.hours(period, hour);
            scale += weight * demand.tokensPerSecond(period, hour);
            if (share.basis() == Rules.Basis.TOKENS) {
                for (int stream = 0; stream < programme.streams.size(); stream++) {
                    Sum tokens = programme.tokens(stream, period, hour);
                    all.add(tokens, weight);
                    if (streamHas(stream, share.label(), value)) {
                        part.add(tokens, weight);
                    }
                }
            } else {
                spend(share, value, period, hour, part, all);
            }
        }
        double factor = share.basis() == Rules.Basis.TOKENS ? 1 / Math.max(scale, 1e-9) : 1;
        String of = "%s %s".formatted(share.label(), value);
        if (share.cap() < 1) {
            int row = builder.atMost("share of " + of + ", " + when, 0);
            part.into(builder, row, factor);
            all.into(builder, row, -share.cap() * factor);
            programme.promise(row, Promise.Kind.SHARE_CAP, of, "of the tokens", 1);
        }
        if (share.floor() > 0) {
            int row = builder.atLeast("least share of " + of + ", " + when, 0);
            part.into(builder, row, factor);
            all.into(builder, row, -share.floor() * factor);
            programme.promise(row, Promise.Kind.SHARE_FLOOR, of, "of the tokens", 1);
        }
    }

    private void spend(Rules.Share share, String value, int period, int hour, Sum part, Sum all) {
        for (int lot = 0; lot < programme.lots.size(); lot++) {
            Sum spend = programme.spend(lot, period, hour);
            all.add(spend, 1);
            if (lotHas(lot, share.label(), value)) {
                part.add(spend, 1);
            }
        }
    }

    private boolean streamHas(int stream, String label, String value) {
        return programme.label(first(stream), label).equals(value);
    }

    private boolean lotHas(int lot, String label, String value) {
        return programme.lots.get(lot).labels().getOrDefault(label, "").equals(value);
    }

    private void budget() {
        if (!Double.isFinite(rules.budgetUsd())) {
            return;
        }
        for (int period = 0; period < demand.periods().size(); period++) {
            int row = builder.atMost("budget, " + demand.periods().get(period).name(), rules.budgetUsd());
            for (int lot = 0; lot < programme.lots.size(); lot++) {
                programme.spend(lot, period).into(builder, row, 1);
            }
            programme.promise(row, Promise.Kind.BUDGET, "budget", "USD", 1);
        }
    }

    /** What must be provided for each replica counts against a limit: the day it matters they all draw it. */
    private void powers() {
        for (Rules.Power power : rules.powers()) {
            for (int period = 0; period < demand.periods().size(); period++) {
                for (int hour = 0; hour < demand.hours().size(); hour++) {
                    int row = builder.atMost(
                            "power of " + power.value() + ", " + programme.at(period, hour), power.watts() / 1e3);
                    for (int pair = 0; pair < programme.pairs.size(); pair++) {
                        int column = programme.replicas[pair][period][hour];
                        boolean there = programme
                                .label(programme.pairs.get(pair), power.label())
                                .equals(power.value());
                        if (column >= 0 && there) {
                            builder.term(
                                    row,
                                    column,
                                    programme
                                                    .capacity(programme.pairs.get(pair))
                                                    .providedWatts()
                                            / 1e3);
                        }
                    }
                    programme.promise(row, Promise.Kind.POWER, power.value(), "MW", 1e-3);
                }
            }
        }
    }

    /** Of each year from the plan's begin, of the last as much as is planned for. */
    private void carbon() {
        if (!Double.isFinite(rules.tonnesCo2PerYear())) {
            return;
        }
        Sum tonnes = new Sum();
        double hours = 0;
        String from = "";
        for (int period = 0; period < demand.periods().size(); period++) {
            from = hours == 0 ? demand.periods().get(period).name() : from;
            hours += demand.periods().get(period).hours();
            tonnes(period, tonnes);
            boolean last = period == demand.periods().size() - 1;
            double next = last ? 0 : demand.periods().get(period + 1).hours();
            if (last || hours + next / 2 > HOURS_PER_YEAR) {
                double years = hours / HOURS_PER_YEAR;
                int row = builder.atMost("carbon from " + from, rules.tonnesCo2PerYear() * years);
                tonnes.into(builder, row, 1);
                programme.promise(row, Promise.Kind.CARBON, "carbon", "t of CO2 a year", 1 / years);
                tonnes = new Sum();
                hours = 0;
            }
        }
    }

    /** As {@link #energy} has it. */
    private void tonnes(int period, Sum tonnes) {
        for (int stream = 0; stream < programme.streams.size(); stream++) {
            Capacity capacity =
                    programme.capacities.get(programme.streams.get(stream).capacity());
            double grams = programme.grams(first(stream));
            for (int hour = 0; hour < demand.hours().size() && grams > 0; hour++) {
                double perWatt = grams * demand.hours(period, hour) / 1e3 / 1e6;
                for (int pair : programme.streams.get(stream).pairs()) {
                    int column = programme.replicas[pair][period][hour];
                    if (column >= 0) {
                        tonnes.add(column, capacity.idleWatts() * perWatt);
                    }
                }
                for (int bucket = 0; bucket < demand.buckets().size(); bucket++) {
                    int column = programme.served[stream][bucket][period][hour];
                    if (column >= 0) {
                        double watts = (capacity.fullWatts() - capacity.idleWatts()) / capacity.perSecond()[bucket];
                        tonnes.add(column, watts * perWatt);
                    }
                }
            }
        }
    }

    /** Stands for all pairs of a stream, which no rule tells apart. */
    private Programme.Pair first(int stream) {
        return programme.pairs.get(programme.streams.get(stream).pairs().getFirst());
    }

    /** Idle power by the replica, the rest by its load. */
    private void energy() {
        for (int stream = 0; stream < programme.streams.size(); stream++) {
            double usdPerKwh = programme.usdPerKwh(first(stream));
            if (usdPerKwh > 0) {
                programme
                        .streams
                        .get(stream)
                        .pairs()
                        .forEach(pair -> idle(
                                pair,
                                usdPerKwh
                                        * programme
                                                .capacity(programme.pairs.get(pair))
                                                .idleWatts()
                                        / 1e3));
                load(stream, usdPerKwh);
            }
        }
    }

    private void idle(int pair, double usdPerHour) {
        for (int period = 0; period < demand.periods().size() && usdPerHour > 0; period++) {
            for (int hour = 0; hour < demand.hours().size(); hour++) {
                if (programme.replicas[pair][period][hour] >= 0) {
                    builder.addCost(
                            programme.replicas[pair][period][hour],
                            usdPerHour
                                    * demand.hours(period, hour)
                                    * demand.periods().get(period).discount());
                }
            }
        }
    }

    private void load(int stream, double usdPerKwh) {
        Capacity capacity =
                programme.capacities.get(programme.streams.get(stream).capacity());
        double usdPerHour = usdPerKwh * (capacity.fullWatts() - capacity.idleWatts()) / 1e3;
        for (int period = 0; period < demand.periods().size(); period++) {
            for (int hour = 0; hour < demand.hours().size(); hour++) {
                for (int bucket = 0; bucket < demand.buckets().size(); bucket++) {
                    int column = programme.served[stream][bucket][period][hour];
                    if (column >= 0) {
                        builder.addCost(
                                column,
                                usdPerHour
                                        / capacity.perSecond()[bucket]
                                        * demand.hours(period, hour)
                                        * demand.periods().get(period).discount());
                    }
                }
            }
        }
    }
}
