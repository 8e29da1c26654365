package io.polychip.fleet;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Notes where the parts of one deal contradict each other or the offers it speaks of. */
final class DealCheck {
    private static final double HOURS_PER_YEAR = 8760;

    private final Deal deal;
    private final Section section;
    private final List<Section> parts;
    private final List<Supply> offers;

    DealCheck(DealReader.Read read, List<Supply> all) {
        deal = read.deal();
        section = read.section();
        parts = read.parts();
        offers = all.stream()
                .filter(offer -> deal.offers().contains(offer.name()))
                .toList();
    }

    void run() {
        supplier();
        for (int i = 0; i < parts.size(); i++) {
            check(deal.clauses().get(i).part(), parts.get(i));
        }
    }

    private void check(DealPart part, Section at) {
        switch (part) {
            case DealPart.MinimumTake take -> minimumTake(take, at);
            case DealPart.Capacity capacity -> capacity.tranches().forEach(tranche -> known(tranche.amount(), at));
            case DealPart.Investment investment -> condition(investment.condition(), at);
            case DealPart.Warrants warrants -> warrants(warrants, at);
            case DealPart.Option option -> known(option.amount(), at);
            case DealPart.Lease lease -> known(lease.amount(), at);
            case DealPart.Backstop backstop -> backstop(backstop, at);
            case DealPart.Generations generations -> generations(generations, at);
            case DealPart.Tiers _,
                    DealPart.Credit _,
                    DealPart.Loan _,
                    DealPart.Prepayment _,
                    DealPart.Exclusivity _ -> {}
        }
    }

    /** The offers must be the supplier's: it sells them, or makes their chips. */
    private void supplier() {
        Value value = section.get("supplier");
        if (value == null) {
            return;
        }
        for (Supply offer : offers) {
            if (!deal.supplier().equals(offer.provider()) && !deal.supplier().equals(offer.vendor())) {
                TreeSet<String> sides = new TreeSet<>(List.of(offer.provider(), offer.vendor()));
                value.wrong("neither sells nor makes the offer " + offer.name() + "; expected "
                        + String.join(" or ", sides) + ". Maybe another offer.");
            }
        }
    }

    /** Gigawatts need to know what a chip takes. */
    private void known(Amount amount, Section at) {
        if (amount.unit() != Amount.Unit.GIGAWATTS) {
            return;
        }
        offers.stream()
                .filter(offer -> offer.allInWatts() == 0)
                .findFirst()
                .ifPresent(offer -> at.wrong(
                        "a part in gigawatts speaks of the offer " + offer.name() + ", but the all-in " + "power of "
                                + offer.chip() + " is not published; expected all-in-watts on that offer."));
    }

    private void minimumTake(DealPart.MinimumTake take, Section at) {
        known(take.amount(), at);
        deal.parts(DealPart.Capacity.class).findFirst().ifPresent(capacity -> {
            switch (take.amount().unit()) {
                case USD -> affordable(take, at);
                case CHIPS, GIGAWATTS -> {
                    double sold = sold(take.amount().unit(), take.span().until());
                    if (sold > 0 && take.amount().value() > sold) {
                        at.wrong("the minimum take of " + take.amount() + " is more than the "
                                + new Amount(take.amount().unit(), sold)
                                + " that the deal sells; expected at most that. Maybe another tranche.");
                    }
                }
            }
        });
    }

    /** A minimum in dollars that all of the capacity, used around the clock, could not reach. */
    private void affordable(DealPart.MinimumTake take, Section at) {
        double price = offers.stream().mapToDouble(Supply::usdPerChipHour).max().orElse(0);
        double years = take.periodMonths() == 0
                ? (take.span().until().toEpochDay() - take.span().from().toEpochDay() + 1) / 365.25
                : take.periodMonths() / 12.0;
        double chips = chipsSold(take.span().until());
        double most = chips * price * HOURS_PER_YEAR * years;
        if (price > 0 && chips > 0 && take.amount().value() > most * 1.01) {
            at.wrong("the minimum take of " + take.amount() + " cannot be reached: all of the deal's capacity costs "
                    + Units.large(most) + " USD in that time; expected at most that. Maybe another tranche or price.");
        }
    }

    private double chipsSold(LocalDate by) {
        double watts = offers.stream()
                .mapToDouble(Supply::allInWatts)
                .filter(w -> w > 0)
                .min()
                .orElse(0);
        return tranches(by)
                .filter(amount -> amount.unit() == Amount.Unit.CHIPS || watts > 0)
                .mapToDouble(amount -> amount.chips(watts))
                .sum();
    }

    private double sold(Amount.Unit unit, LocalDate by) {
        return tranches(by)
                .filter(amount -> amount.unit() == unit)
                .mapToDouble(Amount::value)
                .sum();
    }

    /** Tranches and options that have begun by a day. */
    private Stream<Amount> tranches(LocalDate by) {
        return Stream.concat(
                deal.parts(DealPart.Capacity.class)
                        .flatMap(capacity -> capacity.tranches().stream())
                        .filter(tranche -> !tranche.span().from().isAfter(by))
                        .map(DealPart.Tranche::amount),
                deal.parts(DealPart.Option.class)
                        .filter(option -> !option.span().from().isAfter(by))
                        .map(DealPart.Option::amount));
    }

    private void condition(Condition condition, Section at) {
        switch (condition) {
            case Condition.None _ -> {}
            case Condition.Share share -> covered(share.of(), at);
            case Condition.Volume volume -> {
                covered(volume.of(), at);
                known(volume.amount(), at);
                reachable(volume.amount(), volume.by(), "the condition", at);
            }
        }
    }

    private void covered(String of, Section at) {
        if (!of.isEmpty()
                && !offers.isEmpty()
                && offers.stream().noneMatch(offer -> Condition.covers(of, offer.chip()))) {
            List<String> chips = new ArrayList<>(
                    offers.stream().map(Supply::chip).distinct().sorted().toList());
            at.wrong("the condition is on " + of + ", but no offer of the deal is of it; expected one of "
                    + Names.list(chips) + "." + Names.maybe(of.toLowerCase(Locale.ROOT), chips));
        }
    }

    private void reachable(Amount amount, LocalDate by, String what, Section at) {
        double sold = sold(amount.unit(), by);
        if (sold > 0 && amount.value() > sold * (1 + 1e-9)) {
            at.wrong(what + " needs " + amount + ", but the deal sells "
                    + new Amount(amount.unit(), sold)
                    + (by.equals(Span.OPEN) ? "" : " by " + by) + "; expected at most that. Maybe another tranche.");
        }
    }

    private void warrants(DealPart.Warrants warrants, Section at) {
        for (DealPart.Vesting step : warrants.steps()) {
            known(step.amount(), at);
        }
        if (!warrants.steps().isEmpty()) {
            reachable(warrants.steps().getLast().amount(), warrants.expires(), "the last step", at);
        }
        Value strike = at.get("strike-usd");
        if (strike != null && warrants.strikeUsd() >= warrants.shareUsd() && warrants.shareUsd() > 0) {
            strike.wrong("is no less than share-usd, " + Units.decimal(warrants.shareUsd())
                    + ": the warrants are worth nothing; expected less. Maybe another share-usd.");
        }
    }

    /** Selling back dearer than one bought would be a machine for money. */
    private void backstop(DealPart.Backstop backstop, Section at) {
        double least = offers.stream()
                .mapToDouble(Supply::usdPerChipHour)
                .filter(usd -> usd > 0)
                .min()
                .orElse(Double.POSITIVE_INFINITY);
        Value price = at.get("usd-per-chip-hour");
        if (price != null && backstop.usdPerChipHour() > least) {
            price.wrong("is more than the offer costs, " + Units.decimal(least) + "; expected at most that.");
        }
    }

    private void generations(DealPart.Generations generations, Section at) {
        for (DealPart.Generation generation : generations.generations()) {
            if (!generation.offer().isEmpty() && !deal.offers().contains(generation.offer())) {
                at.wrong("the generation " + generation.offer() + " is not among the deal's offers; expected one of "
                        + Names.list(deal.offers()) + ". Maybe add it to offers.");
            }
        }
    }
}
