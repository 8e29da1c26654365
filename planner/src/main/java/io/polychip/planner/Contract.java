package io.polychip.planner;

import io.polychip.fleet.Amount;
import io.polychip.fleet.Deal;
import io.polychip.fleet.Deals;
import io.polychip.fleet.Span;
import io.polychip.fleet.Supply;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One deal inside a programme: whether it is taken, which lots it speaks of, and what each of its parts pays. Sums of
 * money in rows are millions of US dollars, so that rows of chips and of contracts are of a size.
 */
final class Contract {
    static final double MILLION = 1e6;

    /** Less is a rounding error of rows in millions, or of whole chips. */
    private static final double NO_USD = 1e-3;

    private static final double NO_CHIPS = 1e-6;

    final Programme programme;
    final Demand demand;
    final Milp.Builder builder;
    final Deals deals;
    final Deal deal;

    /** Column: 1 when the deal is taken. */
    final int taken;

    /** Lots of the deal's offers. */
    final List<Integer> lots = new ArrayList<>();

    /** What each part costs in dollars of now; less than 0 comes in. */
    final Map<String, Sum> flows = new LinkedHashMap<>();

    Contract(Programme programme, Deals deals, Deal deal) {
        this.programme = programme;
        this.demand = programme.demand;
        this.builder = programme.builder;
        this.deals = deals;
        this.deal = deal;
        this.taken = builder.column("deal " + deal.name(), deal.taken() ? 1 : 0, 1, 0, true);
        for (int lot = 0; lot < programme.lots.size(); lot++) {
            if (deal.offers().contains(programme.lots.get(lot).name())) {
                lots.add(lot);
            }
        }
    }

    int periods() {
        return demand.periods().size();
    }

    Span span(int period) {
        return new Span(
                demand.periods().get(period).from(),
                demand.periods().get(period).until());
    }

    LocalDate end() {
        return demand.periods().getLast().until();
    }

    /** Share of a period's days that lie within a span. */
    double within(Span span, int period) {
        return span.daysWithin(span(period)) / (double) days(span(period));
    }

    static long days(Span span) {
        return span.until().toEpochDay() - span.from().toEpochDay() + 1;
    }

    /** What a dollar on a day is worth now. */
    double discount(LocalDate day) {
        double years = ChronoUnit.DAYS.between(deals.asOf(), day) / 365.25;
        return years <= 0 ? 1 : StrictMath.pow(1 + deals.discountRate(), -years);
    }

    Supply offer(int lot) {
        Supply offer = deals.offer(programme.lots.get(lot).name());
        if (offer == null) {
            throw new PlanException("Deal %s speaks of %s, which is no offer."
                    .formatted(deal.name(), programme.lots.get(lot).name()));
        }
        return offer;
    }

    /** Whether a lot can be had in this deal only. */
    boolean only(int lot) {
        return offer(lot).onlyWith().equals(deal.name());
    }

    double allInWatts(int lot) {
        double watts = offer(lot).allInWatts();
        if (watts == 0) {
            throw new PlanException("Deal %s counts %s in gigawatts, but its all-in power is not known."
                    .formatted(deal.name(), programme.lots.get(lot).name()));
        }
        return watts;
    }

    /** How much one chip of a lot counts in an amount's unit. */
    double each(Amount.Unit unit, int lot) {
        return switch (unit) {
            case CHIPS -> 1;
            case GIGAWATTS -> allInWatts(lot) / 1e9;
            case USD -> throw new PlanException("Deal %s counts chips in dollars.".formatted(deal.name()));
        };
    }

    /** Chips of a lot in an hour: bound for a term, else in use. */
    Sum chips(int lot, int period, int hour) {
        boolean term = programme.lots.get(lot) instanceof Lot.Chips chips && chips.kind() == Lot.Kind.COMMITTED;
        return term ? programme.bound(lot, period) : programme.chips(lot, period, hour);
    }

    /** Chips of a lot in a period, on average. */
    Sum use(int lot, int period) {
        Sum sum = new Sum();
        for (int hour = 0; hour < demand.hours().size(); hour++) {
            sum.add(chips(lot, period, hour), demand.share(hour));
        }
        return sum;
    }

    /** Spend on the deal's lots in a period at list price, in millions. */
    Sum spend(int period) {
        Sum sum = new Sum();
        for (int lot : lots) {
            sum.add(programme.spend(lot, period), 1 / MILLION);
        }
        return sum;
    }

    /** More chips of a lot than any plan would have: its limit, else what the whole demand or this deal asks for. */
    double mostChips(int lot, int period) {
        double limit = programme.lots.get(lot) instanceof Lot.Chips chips ? chips.mostChips()[period] : 0;
        double most = 0;
        for (int hour = 0; hour < demand.hours().size(); hour++) {
            most = Math.max(most, serving(lot, period, hour));
        }
        for (Demand.Training training : demand.trainings()) {
            most += training.chipHours().getOrDefault(programme.lots.get(lot).chip(), 0.0)
                    / demand.periods().get(period).hours();
        }
        return Math.min(limit, Math.max(most, lots.contains(lot) ? asked(lot) : 0));
    }

    /** Half as many again as would serve all that is asked in an hour, each bucket where it takes most chips. */
    private double serving(int lot, int period, int hour) {
        double most = 0;
        double[] each = new double[demand.buckets().size()];
        for (Capacity capacity : programme.capacities) {
            if (capacity.chip().equals(programme.lots.get(lot).chip())) {
                most += 1.5 * capacity.chips();
                for (int bucket = 0; bucket < each.length; bucket++) {
                    if (capacity.serves(bucket)) {
                        each[bucket] = Math.max(each[bucket], capacity.chips() / capacity.perSecond()[bucket]);
                    }
                }
            }
        }
        for (int bucket = 0; bucket < each.length; bucket++) {
            most += 1.5 * each[bucket] * demand.rate(period, hour, bucket);
        }
        return most;
    }

    /** Chips that the deal's own amounts speak of. */
    private double asked(int lot) {
        return deal.clauses().stream()
                .flatMap(clause -> ContractRows.amounts(clause.part()).stream())
                .filter(amount -> amount.unit() != Amount.Unit.USD)
                .mapToDouble(amount -> amount.value() / each(amount.unit(), lot))
                .sum();
    }

    /** More than any plan would spend on the deal's lots in a period, in millions. */
    double mostSpend(int period) {
        double usd = 0;
        for (int lot : lots) {
            if (programme.lots.get(lot) instanceof Lot.Chips chips) {
                usd += mostChips(lot, period)
                        * chips.usdPerChipHour()
                        * demand.periods().get(period).hours();
            } else if (programme.lots.get(lot) instanceof Lot.Hosted hosted) {
                for (Bucket bucket : demand.buckets()) {
                    usd = Math.max(usd, hosted.usdPerRequest(bucket));
                }
                usd *= demand.tokens(period);
            }
        }
        return usd / MILLION;
    }

    /** A part's payments: added to the cost, and kept for the report. */
    void pays(String clause, Sum sum) {
        sum.cost(builder, 1);
        flows.computeIfAbsent(clause, _ -> new Sum()).add(sum, 1);
    }

    /** A deal that moves no money, and of which nothing is used that it alone sells, can as well be left: it is. */
    boolean isTaken(double[] values) {
        return values[taken] > 0.5 && (deal.taken() || pays(values) || serves(values));
    }

    private boolean pays(double[] values) {
        return paid(values).values().stream().anyMatch(usd -> Math.abs(usd) > NO_USD);
    }

    private boolean serves(double[] values) {
        for (int lot : lots) {
            for (int period = 0; period < periods() && only(lot); period++) {
                if (use(lot, period).value(values) > NO_CHIPS) {
                    return true;
                }
            }
        }
        return false;
    }

    /** What each part cost, in dollars of now. */
    Map<String, Double> paid(double[] values) {
        Map<String, Double> paid = new LinkedHashMap<>();
        flows.forEach((clause, sum) -> paid.put(clause, sum.value(values)));
        return paid;
    }
}
