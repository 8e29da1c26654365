package io.polychip.planner;

/** An earlier plan as a place to begin a search from. Of other rules, prices or limits it may still be a plan. */
final class Start {
    private Start() {}

    /** Around a plan's counts little is left to choose. */
    private static final Solver.Effort REST = new Solver.Effort(5, 1e-4);

    /**
     * The plan's counts with the rest chosen anew around them, deals and their conditions included.
     *
     * @return empty where they satisfy this programme no more
     */
    static double[] of(Programme programme, Plan plan, Search search) {
        Milp milp = programme.milp();
        double[] values = new double[milp.columns()];
        boolean[] counted = new boolean[milp.columns()];
        for (int lot = 0; lot < programme.lots.size(); lot++) {
            bought(programme, plan, lot, values, counted);
        }
        for (int pair = 0; pair < programme.pairs.size(); pair++) {
            String capacity = programme.capacity(programme.pairs.get(pair)).name();
            String lot = programme.lot(programme.pairs.get(pair)).name();
            for (int[] hours : programme.replicas[pair]) {
                for (int column : hours) {
                    count(column, 0, values, counted);
                }
            }
            for (Plan.Replicas each : plan.replicas()) {
                if (each.capacity().equals(capacity) && each.lot().equals(lot)) {
                    count(programme.replicas[pair][each.period()][each.hour()], (double) each.count(), values, counted);
                }
            }
        }
        return programme.contracts.isEmpty()
                ? search.completed(milp, values).values()
                : search.run(held(milp, values, counted), REST).values();
    }

    private static void count(int column, double count, double[] values, boolean[] counted) {
        if (column >= 0) {
            values[column] = count;
            counted[column] = true;
        }
    }

    /** The counts as they are, within what the programme allows; of the rest nothing is said. */
    private static Milp held(Milp milp, double[] values, boolean[] counted) {
        Milp held = milp;
        for (int column = 0; column < counted.length; column++) {
            if (counted[column]) {
                double count = Math.clamp(values[column], milp.lower(column), milp.upper(column));
                held = held.bounded(column, count, count);
            }
        }
        return held;
    }

    private static void bought(Programme programme, Plan plan, int lot, double[] values, boolean[] counted) {
        String name = programme.lots.get(lot).name();
        for (int column : programme.bought[lot]) {
            count(column, 0, values, counted);
        }
        for (Plan.Commitment commitment : plan.commitments()) {
            int column = commitment.lot().equals(name) ? programme.bought[lot][commitment.period()] : -1;
            if (column >= 0 && programme.lots.get(lot) instanceof Lot.Chips chips) {
                count(column, commitment.chips() / chips.multiple(), values, counted);
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
