package io.polychip.planner;

import java.util.List;

/** The question: what is to be served, by what it could be, on which terms, under which rules. */
public record Problem(Demand demand, List<Capacity> capacities, List<Lot> lots, Rules rules) {
    public Problem {
        capacities = List.copyOf(capacities);
        lots = List.copyOf(lots);
    }

    public Problem with(Rules others) {
        return new Problem(demand, capacities, lots, others);
    }

    public Problem withLots(List<Lot> others) {
        return new Problem(demand, capacities, others, rules);
    }

    public Problem withCapacities(List<Capacity> others) {
        return new Problem(demand, others, lots, rules);
    }
}
