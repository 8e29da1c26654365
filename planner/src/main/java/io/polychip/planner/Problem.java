package io.polychip.planner;

import io.polychip.fleet.Deals;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;

/**
 * The question: what is to be served, by what it could be, on which terms, under which rules, with which contracts.
 *
 * @param deals contracts on lots of the same names as its offers
 */
public record Problem(Demand demand, List<Capacity> capacities, List<Lot> lots, Rules rules, Deals deals) {
    /** No contracts: every lot on its own terms. */
    public static final Deals NO_DEALS = new Deals(LocalDate.EPOCH, 0, Map.of(), List.of(), List.of());

    public Problem(Demand demand, List<Capacity> capacities, List<Lot> lots, Rules rules) {
        this(demand, capacities, lots, rules, NO_DEALS);
    }

    public Problem {
        capacities = List.copyOf(capacities);
        lots = List.copyOf(lots);
    }

    public Problem with(Rules others) {
        return new Problem(demand, capacities, lots, others, deals);
    }

    public Problem withLots(List<Lot> others) {
        return new Problem(demand, capacities, others, rules, deals);
    }

    public Problem withCapacities(List<Capacity> others) {
        return new Problem(demand, others, lots, rules, deals);
    }

    /** With other contracts. Lots that none of its offers stands for stay as they are. */
    public Problem with(Deals others) {
        return new Problem(demand, capacities, lots, rules, others);
    }

    public Problem with(Demand other) {
        return new Problem(other, capacities, lots, rules, deals);
    }
}
