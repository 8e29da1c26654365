package io.polychip.validation;

import io.polychip.routing.Mix;
import io.polychip.routing.Options;
import io.polychip.routing.Policy;
import io.polychip.simulator.Report;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.LongStream;

/**
 * Compares our router with every rival at its best: each rival's settings are tried on some seeds, the cheapest per
 * goodput token among those that keep the promised share of objectives is kept (where none does, the one that keeps
 * most of them), and all are then scored on other seeds, paired.
 */
public final class RoutingScore {
    private static final long TUNING = 0x7454;
    private static final long SCORING = 0x5C04;

    private static final String BOUND = "clairvoyant bound";

    private final int tuningSeeds;
    private final int scoringSeeds;
    private final Progress progress;

    /** Told before each run. */
    @FunctionalInterface
    public interface Progress {
        void running(String contest, String policy, int done, int all);
    }

    public RoutingScore(int tuningSeeds, int scoringSeeds, Progress progress) {
        this.tuningSeeds = tuningSeeds;
        this.scoringSeeds = scoringSeeds;
        this.progress = progress;
    }

    /**
     * How a contest ended.
     *
     * @param standings our own first, then the rivals', cheapest first
     * @param bound what no router can beat, with all objectives met; it competes with nobody
     */
    public record Scored(List<Standing> standings, Standing bound) {
        public Scored {
            standings = List.copyOf(standings);
        }
    }

    public Scored score(Contest contest) {
        Entrant us = Entrant.shipped(Policy.POLYCHIP);
        List<Standing.Outcome> ours = outcomes(contest, us, SCORING, scoringSeeds);
        List<Standing> rivals = new ArrayList<>();
        for (Policy policy : Policy.values()) {
            if (policy != Policy.POLYCHIP) {
                Entrant best = tuned(contest, policy);
                rivals.add(Standing.of(best, outcomes(contest, best, SCORING, scoringSeeds), ours));
            }
        }
        rivals.sort(Comparator.comparingDouble(Standing::usdPerMillionGood));
        rivals.addFirst(Standing.of(us, ours, ours));
        return new Scored(rivals, bound(contest, ours));
    }

    private Standing bound(Contest contest, List<Standing.Outcome> ours) {
        List<Standing.Outcome> bounds = LongStream.range(0, scoringSeeds)
                .mapToObj(seed -> {
                    progress.running(contest.name(), BOUND, (int) seed, scoringSeeds);
                    double usd = contest.clairvoyantUsdPerMillionGood(Mix.decision(SCORING, 0, seed));
                    return new Standing.Outcome(1, usd);
                })
                .toList();
        return Standing.of(BOUND, "", bounds, ours);
    }

    /**
     * Our cost to that of the cheapest rival that keeps the promised share of objectives, or as many as we do where
     * that is fewer; 0 when there is no such rival.
     */
    public static double ratioToBestRival(List<Standing> standings, double promisedShare) {
        double ours = Math.min(promisedShare, standings.getFirst().attainment());
        return standings.stream()
                .skip(1)
                .filter(rival -> rival.attainment() >= ours)
                .mapToDouble(Standing::ratio)
                .max()
                .orElse(0);
    }

    private Entrant tuned(Contest contest, Policy policy) {
        Entrant best = Entrant.shipped(policy);
        double bestShare = -1;
        double bestUsd = Double.POSITIVE_INFINITY;
        for (Entrant entrant : Entrant.settings(policy, contest.fleet())) {
            List<Standing.Outcome> outcomes = outcomes(contest, entrant, TUNING, tuningSeeds);
            double share = Math.min(contest.promisedShare(), mean(outcomes, Standing.Outcome::attainment));
            double usd = mean(outcomes, Standing.Outcome::usdPerMillionGood);
            if (share > bestShare || (share == bestShare && usd < bestUsd)) {
                bestShare = share;
                bestUsd = usd;
                best = entrant;
            }
        }
        return best;
    }

    private static double mean(List<Standing.Outcome> outcomes, ToDoubleFunction<Standing.Outcome> figure) {
        return outcomes.stream().mapToDouble(figure).average().orElse(Double.POSITIVE_INFINITY);
    }

    private List<Standing.Outcome> outcomes(Contest contest, Entrant entrant, long kind, int seeds) {
        Options options = Options.DEFAULT.with(entrant.policy()).with(entrant.tuning());
        return LongStream.range(0, seeds)
                .mapToObj(seed -> {
                    progress.running(contest.name(), entrant.policy() + " " + entrant.setting(), (int) seed, seeds);
                    Report report = contest.run(options, Mix.decision(kind, 0, seed));
                    return new Standing.Outcome(report.attainment(), report.usdPerMillionGood());
                })
                .toList();
    }
}
