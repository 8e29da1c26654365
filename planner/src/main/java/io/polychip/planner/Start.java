package io.polychip.planner;

/** An earlier plan as a place to begin a search from. Of other rules, prices or limits it may still be a plan. */
final class Start {
    private Start() {}

    /**
     * The plan's whole numbers with the rest chosen anew around them.
     *
     * @return empty where they satisfy this programme no more
     */
    static double[] of(Programme programme, Plan plan, Search search) {
        Milp milp = programme.milp();
        double[] values = new double[milp.columns()];
        for (int lot = 0; lot < programme.lots.size(); lot++) {
            bought(programme, plan, lot, values);
        }
        for (int pair = 0; pair < programme.pairs.size(); pair++) {
            String capacity = programme.capacity(programme.pairs.get(pair)).name();
            String lot = programme.lot(programme.pairs.get(pair)).name();
            for (Plan.Replicas each : plan.replicas()) {
                if (each.capacity().equals(capacity) && each.lot().equals(lot)) {
                    int column = programme.replicas[pair][each.period()][each.hour()];
                    if (column >= 0) {
                        values[column] = each.count();
                    }
                }
            }
        }
        return search.completed(milp, values).values();
    }

    private static void bought(Programme programme, Plan plan, int lot, double[] values) {
        String name = programme.lots.get(lot).name();
        for (Plan.Commitment commitment : plan.commitments()) {
            int column = commitment.lot().equals(name) ? programme.bought[lot][commitment.period()] : -1;
            if (column >= 0 && programme.lots.get(lot) instanceof Lot.Chips chips) {
                values[column] = commitment.chips() / chips.multiple();
                String any = "any " + programme.milp().columnName(column);
                for (int other = 0; other < values.length; other++) {
                    if (programme.milp().columnName(other).equals(any)) {
                        values[other] = 1;
                    }
                }
            }
        }
    }
}
