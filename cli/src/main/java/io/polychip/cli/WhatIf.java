package io.polychip.cli;

import io.polychip.planner.Frontier;
import io.polychip.planner.Planner;
import io.polychip.planner.Search;
import io.polychip.planner.Sensitivity;
import io.polychip.planner.Solver;
import io.polychip.planner.Stop;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What was looked at around a plan; null where it was not asked for. */
record WhatIf(@Nullable Frontier frontier, @Nullable Sensitivity sensitivity) {
    static final WhatIf NOTHING = new WhatIf(null, null);

    /** Within the plan's head-room; as many seconds for each as for one search of the plan. */
    static WhatIf of(
            WhatIfOptions options,
            Planner.Verified plan,
            Search search,
            Solver.Effort effort,
            Stop stop,
            Terminal terminal) {
        try {
            return new WhatIf(
                    options.frontier ? frontier(options, plan, search, effort, stop, terminal) : null,
                    options.sensitivity
                            ? Sensitivity.of(
                                    plan.problem(),
                                    plan.plan(),
                                    search,
                                    new Solver.Effort(effort.seconds(), Math.min(effort.gap(), 1e-4)),
                                    stop,
                                    what -> terminal.bar(1, "sensitivity: " + what))
                            : null);
        } finally {
            terminal.clear();
        }
    }

    private static Frontier frontier(
            WhatIfOptions options,
            Planner.Verified plan,
            Search search,
            Solver.Effort effort,
            Stop stop,
            Terminal terminal) {
        Set<String> labels = Frontier.labels(plan.problem().rules());
        double all = options.shares().size() + (double) WhatIfOptions.PHIS.size() * labels.size();
        int[] done = {0};
        terminal.bar(0, "what independence costs");
        return Frontier.of(
                plan.problem(),
                plan.plan(),
                new Frontier.Levels(options.shares(), WhatIfOptions.PHIS, labels),
                search,
                effort,
                stop,
                point -> terminal.bar(++done[0] / all, "what independence costs: " + WhatIfPages.name(point)));
    }
}
