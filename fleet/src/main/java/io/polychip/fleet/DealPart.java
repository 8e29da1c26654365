package io.polychip.fleet;

import java.time.LocalDate;
import java.util.List;

/**
 * One part of a contract, as a constraint or a cash flow of a plan that takes it. The forms are those of public deals
 * of 2025 and 2026; money is US dollars, shares are from 0 to 1.
 */
public sealed interface DealPart {
    /**
     * Take-or-pay: each period costs at least {@code paid x amount}, used or not.
     *
     * @param amount for each period: dollars, or chips or gigawatts paid at the offers' price
     * @param periodMonths 12 for an amount a year, 0 for one amount over the whole span
     * @param paid share due for what is not taken; 1 is all of it
     */
    record MinimumTake(Amount amount, int periodMonths, Span span, double paid) implements DealPart {}

    /** At most the tranches that have begun may be in use. @param all whether they must all be taken */
    record Capacity(List<Tranche> tranches, boolean all) implements DealPart {
        public Capacity {
            tranches = List.copyOf(tranches);
        }
    }

    /** Capacity that comes on a day. @param amount in chips or gigawatts, added to earlier tranches */
    record Tranche(Amount amount, Span span) {}

    /**
     * A discount that grows with spend.
     *
     * @param whole whether a step's discount holds for all of the spend, or only for the part above the step
     * @param periodMonths over which spend is counted; 0: the whole term
     */
    record Tiers(boolean whole, int periodMonths, List<Step> steps) implements DealPart {
        public Tiers {
            steps = List.copyOf(steps);
        }

        /** What spend at list price costs after the discount. */
        public double pay(double listUsd) {
            double paid = 0;
            double below = 0;
            double discount = 0;
            for (Step step : steps) {
                if (listUsd <= step.fromUsd()) {
                    break;
                }
                paid += (step.fromUsd() - below) * (1 - discount);
                below = step.fromUsd();
                discount = step.discount();
            }
            return whole ? listUsd * (1 - discount) : paid + (listUsd - below) * (1 - discount);
        }
    }

    /** A discount for spend above a sum. */
    record Step(double fromUsd, double discount) {}

    /**
     * Money that only this deal's offers take, and only until it expires.
     *
     * @param ofBill most of a bill that it may pay
     */
    record Credit(double usd, Span span, double ofBill) implements DealPart {}

    /** Money into the buyer on a day, if a condition holds. */
    record Investment(double usd, LocalDate at, Condition condition) implements DealPart {}

    /**
     * Rights to buy the supplier's shares that vest by steps of capacity in use.
     *
     * @param strikeUsd what one share costs the holder
     * @param shareUsd what one share is taken to be worth when it vests: a scenario, not a fact
     * @param steps in rising order; each vests the share of the shares it adds to the one before
     */
    record Warrants(double shares, double strikeUsd, double shareUsd, List<Vesting> steps, LocalDate expires)
            implements DealPart {
        public Warrants {
            steps = List.copyOf(steps);
        }

        /** What vests with a step, in US dollars. */
        public double usd(int step) {
            double before = step == 0 ? 0 : steps.get(step - 1).vested();
            return shares * (steps.get(step).vested() - before) * Math.max(0, shareUsd - strikeUsd);
        }
    }

    /** Of the warrants, the share that is vested once so much is in use. @param amount in chips or gigawatts */
    record Vesting(Amount amount, double vested) {}

    /**
     * The right to more capacity.
     *
     * @param amount in chips or gigawatts
     * @param premiumUsd paid when the deal is taken
     * @param exercise days on which it may be called
     * @param span days on which the capacity may then be used
     */
    record Option(Amount amount, double premiumUsd, Span exercise, Span span) implements DealPart {}

    /** Money lent at a yearly rate and given back at the end. @param lent to the supplier; else borrowed from it */
    record Loan(double usd, double yearlyRate, Span span, boolean lent) implements DealPart {}

    /** Chips for a fixed payment, which may be bought in the end. @param purchaseUsd 0: no right to buy */
    record Lease(Amount amount, double usdPerYear, Span span, double purchaseUsd) implements DealPart {}

    /** Money paid before it is used up. @param discount on what it pays for */
    record Prepayment(double usd, LocalDate at, double discount) implements DealPart {}

    /** Traffic that may run on this deal's offers only. @param traffic a request class or a served model */
    record Exclusivity(String traffic, Span span) implements DealPart {}

    /** The supplier takes back unused capacity. @param usdPerChipHour what it pays @param mostUsd in all */
    record Backstop(double usdPerChipHour, double mostUsd, Span span) implements DealPart {}

    /** Which chip fills the deal's gigawatts from which day on. */
    record Generations(List<Generation> generations) implements DealPart {
        public Generations {
            generations = List.copyOf(generations);
        }
    }

    /** @param offer the offer whose chip and price hold from that day on */
    record Generation(LocalDate from, String offer) {}
}
