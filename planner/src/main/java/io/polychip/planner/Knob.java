package io.polychip.planner;

import io.polychip.fleet.Amount;
import io.polychip.fleet.Condition;
import io.polychip.fleet.Deal;
import io.polychip.fleet.DealPart;
import io.polychip.fleet.Deals;
import io.polychip.fleet.Supply;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.BiFunction;
import java.util.function.Predicate;

/**
 * One figure of a problem that can be set to another value, to see where a decision turns.
 *
 * @param unit of its settings, for a person
 * @param now where it stands
 * @param low least setting that is looked at
 * @param turned the problem with the knob at a setting
 */
public record Knob(
        String name, String unit, double now, double low, double high, BiFunction<Problem, Double, Problem> turned) {
    /** The demand, as a multiple of what is expected. */
    public static Knob demand(double low, double high) {
        return new Knob(
                "demand", "x", 1, low, high, (problem, factor) -> problem.with(grown(problem.demand(), factor)));
    }

    private static Demand grown(Demand demand, double factor) {
        List<Demand.Period> periods = demand.periods().stream()
                .map(period -> new Demand.Period(
                        period.name(),
                        period.from(),
                        period.until(),
                        period.hours(),
                        period.growth() * factor,
                        period.discount()))
                .toList();
        return new Demand(demand.buckets(), demand.hours(), periods, demand.trainings());
    }

    /** The price of all lots of a chip or vendor, as a multiple. */
    public static Knob price(String of, double low, double high) {
        return new Knob(
                "price of " + of,
                "x",
                1,
                low,
                high,
                (problem, factor) -> priced(problem, chip -> Condition.covers(of, chip), factor));
    }

    private static Problem priced(Problem problem, Predicate<String> which, double factor) {
        List<Lot> lots = problem.lots().stream()
                .map(lot -> lot instanceof Lot.Chips chips && which.test(chips.chip())
                        ? (Lot) chips.priced(chips.usdPerChipHour() * factor)
                        : lot)
                .toList();
        Predicate<Supply> offers = offer -> which.test(offer.chip());
        return problem.withLots(lots).with(problem.deals().repriced(offers, factor));
    }

    /** What one replica on a chip does, as a multiple of what its profile says. */
    public static Knob speed(String chip, double low, double high) {
        return new Knob(
                "speed of " + chip,
                "x",
                1,
                low,
                high,
                (problem, factor) -> problem.withCapacities(problem.capacities().stream()
                        .map(capacity -> Condition.covers(chip, capacity.chip()) ? capacity.scaled(factor) : capacity)
                        .toList()));
    }

    /** The figures of a deal's parts, one at a time, each from nothing or little to {@code most} times what it says. */
    public static List<Knob> terms(Deals deals, String name, double most) {
        Deal deal = Objects.requireNonNull(deals.deal(name), () -> "No deal is named \"%s\".".formatted(name));
        List<Knob> knobs = new ArrayList<>();
        for (Deal.Clause clause : deal.clauses()) {
            term(name, clause, most, knobs);
        }
        return List.copyOf(knobs);
    }

    private static void term(String deal, Deal.Clause clause, double most, List<Knob> knobs) {
        switch (clause.part()) {
            case DealPart.MinimumTake take ->
                knobs.add(of(
                        deal,
                        clause,
                        "minimum",
                        unit(take.amount()),
                        take.amount().value(),
                        0.01,
                        most,
                        value -> new DealPart.MinimumTake(
                                new Amount(take.amount().unit(), value),
                                take.periodMonths(),
                                take.span(),
                                take.paid())));
            case DealPart.Investment investment -> {
                knobs.add(of(
                        deal,
                        clause,
                        "sum",
                        "USD",
                        investment.usd(),
                        0,
                        most,
                        value -> new DealPart.Investment(value, investment.at(), investment.condition())));
                if (investment.condition() instanceof Condition.Share share) {
                    knobs.add(of(
                            deal,
                            clause,
                            "share asked",
                            "of " + share.measure().name().toLowerCase(java.util.Locale.ROOT),
                            share.share(),
                            0,
                            1 / share.share(),
                            value -> new DealPart.Investment(
                                    investment.usd(),
                                    investment.at(),
                                    new Condition.Share(share.of(), share.measure(), value, share.from()))));
                }
            }
            case DealPart.Credit credit ->
                knobs.add(of(
                        deal,
                        clause,
                        "sum",
                        "USD",
                        credit.usd(),
                        0,
                        most,
                        value -> new DealPart.Credit(value, credit.span(), credit.ofBill())));
            case DealPart.Warrants warrants ->
                knobs.add(of(
                        deal,
                        clause,
                        "share price",
                        "USD",
                        warrants.shareUsd(),
                        0,
                        most,
                        value -> new DealPart.Warrants(
                                warrants.shares(), warrants.strikeUsd(), value, warrants.steps(), warrants.expires())));
            case DealPart.Option option ->
                knobs.add(of(
                        deal,
                        clause,
                        "premium",
                        "USD",
                        Math.max(1e6, option.premiumUsd()),
                        0,
                        most,
                        value -> new DealPart.Option(option.amount(), value, option.exercise(), option.span())));
            case DealPart.Loan loan ->
                knobs.add(of(
                        deal,
                        clause,
                        "rate",
                        "a year",
                        loan.yearlyRate(),
                        0,
                        most,
                        value -> new DealPart.Loan(loan.usd(), value, loan.span(), loan.lent())));
            case DealPart.Lease lease ->
                knobs.add(of(
                        deal,
                        clause,
                        "payment",
                        "USD a year",
                        lease.usdPerYear(),
                        0,
                        most,
                        value -> new DealPart.Lease(lease.amount(), value, lease.span(), lease.purchaseUsd())));
            case DealPart.Prepayment prepayment ->
                knobs.add(of(
                        deal,
                        clause,
                        "discount",
                        "of the bill",
                        Math.max(1e-3, prepayment.discount()),
                        0,
                        Math.min(most, 0.95 / Math.max(1e-3, prepayment.discount())),
                        value -> new DealPart.Prepayment(prepayment.usd(), prepayment.at(), value)));
            case DealPart.Backstop backstop ->
                knobs.add(of(
                        deal,
                        clause,
                        "price",
                        "USD a chip-hour",
                        backstop.usdPerChipHour(),
                        0,
                        most,
                        value -> new DealPart.Backstop(value, backstop.mostUsd(), backstop.span())));
            case DealPart.Capacity _, DealPart.Tiers _, DealPart.Exclusivity _, DealPart.Generations _ -> {}
        }
    }

    private static String unit(Amount amount) {
        return switch (amount.unit()) {
            case USD -> "USD";
            case CHIPS -> "chips";
            case GIGAWATTS -> "GW";
        };
    }

    private static Knob of(
            String deal,
            Deal.Clause clause,
            String what,
            String unit,
            double now,
            double least,
            double most,
            java.util.function.DoubleFunction<DealPart> part) {
        return new Knob(clause.name() + " " + what, unit, now, now * least, now * most, (problem, value) -> {
            Deal old = Objects.requireNonNull(problem.deals().deal(deal));
            List<Deal.Clause> clauses = old.clauses().stream()
                    .map(each -> each.name().equals(clause.name())
                            ? new Deal.Clause(each.name(), part.apply(value), each.scenario())
                            : each)
                    .toList();
            return problem.with(problem.deals().with(old.withClauses(clauses)));
        });
    }
}
