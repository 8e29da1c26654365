package io.polychip.planner;

/**
 * What a deal and its steps say yes or no to, one after another: of the choices that are fractions the one furthest
 * from yes and no is tried as both, with all else as fractions, and made the cheaper. Rounding would be wrong either
 * way: a minimum beyond any need is taken by a hundredth, and so is a step that all the chips there are could reach.
 */
final class Choices {
    private static final double WHOLE = 1e-6;

    private final Solver solver;
    private final Search.Time time;

    Choices(Solver solver, Search.Time time) {
        this.solver = solver;
        this.time = time;
    }

    /**
     * The best with fractions where all choices are made; not found where one can be neither or time is over. Its bound
     * is that of no choice made.
     *
     * @param choices whose whole numbers are the choices
     * @param most of the time there is, how much goes into it
     */
    Solution made(Milp choices, Solution fractions, double most) {
        Milp now = choices;
        Solution best = fractions;
        for (int open = open(now, best); open >= 0 && best.found(); open = open(now, best)) {
            Milp no = now.bounded(open, 0, 0);
            Milp yes = now.bounded(open, 1, 1);
            Solution without = relaxed(no, most);
            Solution with = relaxed(yes, most);
            boolean cheaper = with.objective() < without.objective();
            now = cheaper ? yes : no;
            best = cheaper ? with : without;
        }
        return new Solution(best.status(), best.values(), best.objective(), fractions.bound());
    }

    private Solution relaxed(Milp milp, double most) {
        return time.over(most)
                ? Solution.none(Solution.Status.UNKNOWN, Double.NEGATIVE_INFINITY)
                : solver.relax(milp, time.step(), time.stop()).solution();
    }

    /** The choice furthest from whole; -1 where there is none. */
    private static int open(Milp now, Solution at) {
        int furthest = -1;
        double most = WHOLE;
        for (int column = 0; column < now.columns() && at.found(); column++) {
            double value = at.values()[column];
            double off = now.whole(column) ? Math.abs(value - Math.rint(value)) : 0;
            furthest = off > most ? column : furthest;
            most = Math.max(most, off);
        }
        return furthest;
    }
}
