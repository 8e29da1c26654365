package io.polychip.cli;

import io.polychip.planner.DealTurns;
import io.polychip.planner.Frontier;
import io.polychip.planner.Plan;
import io.polychip.planner.Planner;
import io.polychip.planner.Problem;
import io.polychip.planner.Search;
import io.polychip.planner.Sensitivity;
import io.polychip.planner.Solver;
import io.polychip.planner.Stop;
import io.polychip.planner.Trial;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What was looked at around a plan; null where it was not asked for.
 *
 * @param stopped whether it was stopped before all was looked at that was asked for
 */
record WhatIf(@Nullable Frontier frontier, @Nullable Sensitivity sensitivity, List<DealTurns> deals, boolean stopped) {
    static final WhatIf NOTHING = new WhatIf(null, null, List.of(), false);

    WhatIf {
        deals = List.copyOf(deals);
    }

    /**
     * Within the plan's head-room; as many seconds for each as for one search of the plan, and for the simulation of
     * the frontier's points as many again.
     */
    static WhatIf of(
            WhatIfOptions options,
            Planner.Question question,
            Planner.Verified plan,
            Planner.Trials trials,
            Search search,
            Solver.Effort effort,
            Stop stop,
            Terminal terminal) {
        if (stop.stopped()) {
            return new WhatIf(null, null, List.of(), options.frontier || options.sensitivity);
        }
        try {
            WhatIf all = new WhatIf(
                    options.frontier ? frontier(options, question, plan, trials, search, effort, stop, terminal) : null,
                    options.sensitivity
                            ? Sensitivity.of(
                                    plan.problem(),
                                    plan.plan(),
                                    search,
                                    new Solver.Effort(effort.seconds(), Math.min(effort.gap(), 1e-4)),
                                    stop,
                                    what -> terminal.bar(1, "sensitivity: " + what))
                            : null,
                    options.sensitivity
                            ? DealTurns.of(
                                    plan.problem(),
                                    PlanBook.sigmas(question),
                                    search,
                                    new Solver.Effort(effort.seconds(), Math.min(effort.gap(), 1e-4)),
                                    stop,
                                    what -> terminal.bar(1, "where deals turn: " + what))
                            : List.of(),
                    false);
            return stop.stopped() ? new WhatIf(all.frontier, all.sensitivity, all.deals, true) : all;
        } finally {
            terminal.clear();
        }
    }

    private static Frontier frontier(
            WhatIfOptions options,
            Planner.Question question,
            Planner.Verified plan,
            Planner.Trials trials,
            Search search,
            Solver.Effort effort,
            Stop stop,
            Terminal terminal) {
        Set<String> labels = Frontier.labels(plan.problem().rules());
        double all = options.shares().size() + (double) WhatIfOptions.PHIS.size() * labels.size();
        int[] done = {0};
        terminal.bar(0, "what independence costs");
        Checks checks = new Checks(question, trials, effort.seconds(), stop);
        return Frontier.of(
                plan.problem(),
                plan.plan(),
                new Frontier.Levels(options.shares(), WhatIfOptions.PHIS, labels),
                search,
                effort,
                stop,
                checks::of,
                point -> terminal.bar(++done[0] / all, "what independence costs: " + FrontierPages.name(point)));
    }

    /** Simulates points while there is time; one that another point has the same plan as, only once. */
    private static final class Checks {
        private final Planner.Question question;
        private final Planner.Trials trials;
        private final double seconds;
        private final Stop stop;
        private final Map<List<Trial>, List<Trial.Outcome>> known = new HashMap<>();
        private double spent;

        Checks(Planner.Question question, Planner.Trials trials, double seconds, Stop stop) {
            this.question = question;
            this.trials = trials;
            this.seconds = seconds;
            this.stop = stop;
        }

        List<Trial.Outcome> of(Problem problem, Plan plan) {
            List<Trial> wanted = Planner.peak(question.under(problem.rules()), problem, plan);
            List<Trial.Outcome> before = known.get(wanted);
            if (before != null || spent >= seconds || stop.stopped()) {
                return before == null ? List.of() : before;
            }
            long start = System.nanoTime();
            List<Trial.Outcome> outcomes = trials.run(wanted);
            spent += (System.nanoTime() - start) / 1e9;
            known.put(wanted, outcomes);
            return outcomes;
        }
    }
}
