package io.polychip.validation;

import io.polychip.fleet.Fleet;
import io.polychip.fleet.Objective;
import io.polychip.fleet.Price;
import io.polychip.performance.StepTime;
import io.polychip.routing.Roster;
import io.polychip.simulator.Arrival;
import io.polychip.simulator.Traffic;
import io.polychip.simulator.Truth;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What no router can beat, were it to know the chips as they are, every request to come and how long each answer will
 * be: a lower bound on the cost per goodput token of a run.
 *
 * <p>The fluid programme: each request runs somewhere within its objective, or is no goodput. On an owned replica it
 * takes at least the time of its uncached prompt, as if everything that ever was a prompt stayed in every cache, and of
 * its share of decode steps, in the best mixture of batches whose steps are on average no longer than its objective. A
 * pool has as much time as its replicas have until the last good answer must have ended. A hosted answer costs its
 * tokens, quotas left aside; the rent of owned chips is paid until the last arrival in any case.
 *
 * <p>The largest price of a good token at which the Lagrangian dual of that programme is not negative: by weak duality
 * every price of replica time gives a bound, so that the search for the best ones need not be exact. One evaluation
 * costs requests times pools; a run of 50,000 requests takes a second or two.
 */
final class Clairvoyant {
    private static final double PICOS = 1e12;
    private static final double NANOS = 1e9;
    private static final int HALVINGS = 18;
    private static final int ASCENTS = 60;
    private static final double LEAST_PRICE = 1e-12;

    private final List<double[]> seconds = new ArrayList<>(); // by request: of each owned pool's replicas
    private final List<Double> hostedUsd = new ArrayList<>();
    private final List<Integer> goodTokens = new ArrayList<>();
    private final double[] capacity;
    private double rentUsd;
    private double horizonSeconds;

    private Clairvoyant(Fleet fleet, List<Truth> truths, Traffic traffic) {
        Roster roster = Roster.of(fleet);
        List<Owned> owned = new ArrayList<>();
        List<Price.PerToken> hosted = new ArrayList<>();
        List<Arrival> arrivals = new ArrayList<>();
        for (Arrival arrival = traffic.next(); arrival != null; arrival = traffic.next()) {
            arrivals.add(arrival);
            horizonSeconds = Math.max(horizonSeconds, latestEnd(fleet, arrival));
        }
        double rentedSeconds = arrivals.isEmpty() ? 0 : arrivals.getLast().arrivalNanos() / NANOS;
        for (Roster.Target target : roster.targets()) {
            switch (target.pool().price()) {
                case Price.PerToken tokens -> hosted.add(tokens);
                case Price.PerChipHour(double usd, boolean _) -> {
                    Truth truth = truths.get(target.index());
                    double minutes = truth.driftPerMinute() < 0 ? Math.min(horizonSeconds / 60, 1e6) : 0;
                    owned.add(new Owned(
                            truth.of(target.profile().stepTime(), minutes),
                            target.replicas().size(),
                            new HashMap<>()));
                    int chips = target.pool().deployment().layout().chips();
                    rentUsd += usd * chips * target.replicas().size() * rentedSeconds / 3600;
                }
            }
        }
        capacity = owned.stream()
                .mapToDouble(pool -> pool.replicas * horizonSeconds)
                .toArray();
        Set<Long> seen = new HashSet<>();
        Map<Long, Integer> turns = new HashMap<>();
        for (Arrival arrival : arrivals) {
            int cached = cached(arrival, traffic.blockTokens(), seen, turns);
            int good = arrival.maxTokens() > 0
                    ? Math.min(arrival.maxTokens(), arrival.outputTokens())
                    : arrival.outputTokens();
            double limit = fleet.objective(arrival.requestClass()).itlNanos() / NANOS;
            goodTokens.add(good);
            seconds.add(owned.stream()
                    .mapToDouble(pool -> pool.seconds(arrival.promptTokens(), cached, good, limit))
                    .toArray());
            hostedUsd.add(hosted.stream()
                    .mapToDouble(price -> usd(price, arrival.promptTokens(), good))
                    .min()
                    .orElse(Double.POSITIVE_INFINITY));
        }
    }

    /** Dollars for a million good tokens below which nobody can stay; 0 without any request. */
    static double usdPerMillionGood(Fleet fleet, List<Truth> truths, Traffic traffic) {
        Clairvoyant bound = new Clairvoyant(fleet, truths, traffic);
        return bound.goodTokens.isEmpty() ? 0 : 1e6 * bound.usdPerToken();
    }

    private double usdPerToken() {
        double tokens = goodTokens.stream().mapToInt(each -> each).sum();
        double[] prices = new double[capacity.length];
        Arrays.fill(
                prices,
                Math.max(
                        LEAST_PRICE,
                        rentUsd / Math.max(1, Arrays.stream(capacity).sum())));
        double low = 0;
        double high = 2 * rentUsd / tokens;
        while (reached(high, prices) && high < 1e6) {
            low = high;
            high = 2 * high + 1e-9;
        }
        for (int halving = 0; halving < HALVINGS; halving++) {
            double middle = (low + high) / 2;
            if (reached(middle, prices)) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /**
     * Whether good tokens cost at least that much: whether some prices of replica time leave the dual at 0 or above.
     * They rise where more time is wanted than there is.
     */
    private boolean reached(double usdPerToken, double[] prices) {
        double[] tried = prices.clone();
        for (int ascent = 0; ascent < ASCENTS; ascent++) {
            double[] wanted = new double[tried.length];
            if (dual(usdPerToken, tried, wanted) >= 0) {
                System.arraycopy(tried, 0, prices, 0, tried.length);
                return true;
            }
            double step = 0.5 / (1 + ascent / 4.0);
            for (int pool = 0; pool < tried.length; pool++) {
                double over = capacity[pool] == 0 ? 0 : wanted[pool] / capacity[pool] - 1;
                tried[pool] *= StrictMath.exp(step * Math.clamp(over, -2, 2));
            }
        }
        return false;
    }

    /** @param wanted is given the replica time that each pool would be asked for */
    private double dual(double usdPerToken, double[] prices, double[] wanted) {
        double usd = rentUsd;
        for (int pool = 0; pool < prices.length; pool++) {
            usd -= prices[pool] * capacity[pool];
        }
        for (int request = 0; request < goodTokens.size(); request++) {
            double[] needs = seconds.get(request);
            double least = hostedUsd.get(request);
            int where = -1;
            for (int pool = 0; pool < prices.length; pool++) {
                double each = prices[pool] * needs[pool];
                if (each < least) {
                    least = each;
                    where = pool;
                }
            }
            double worth = usdPerToken * goodTokens.get(request);
            if (least < worth) {
                usd += least - worth;
                if (where >= 0) {
                    wanted[where] += needs[where];
                }
            }
        }
        return usd;
    }

    /** An owned pool as it is. @param shares by limit: replica time of one token of one sequence, at least */
    record Owned(StepTime time, int replicas, Map<Double, Double> shares) {
        double seconds(int prompt, int cached, int good, double limitSeconds) {
            double decodes = good - 1;
            double reach = decodes * prompt + decodes * (decodes - 1) / 2;
            double share = decodes <= 0 ? 0 : shares.computeIfAbsent(limitSeconds, limit -> share(time, limit));
            return (time.prefillPicos(prompt - cached, cached) + time.kvPicos() * reach) / PICOS + decodes * share;
        }
    }

    /**
     * Least part of a decode step's time that falls to one sequence, in seconds: of all mixtures of batches with a mean
     * step within the limit. Two batches are enough for the best of them.
     */
    static double share(StepTime time, double limitSeconds) {
        double least = Double.POSITIVE_INFINITY;
        for (int n = 1; n <= time.maxBatch(); n++) {
            double inside = time.alphaPicos(n) / PICOS;
            if (inside > limitSeconds) {
                continue;
            }
            least = Math.min(least, inside / n);
            for (int m = 1; m <= time.maxBatch(); m++) {
                double beyond = time.alphaPicos(m) / PICOS;
                if (beyond > limitSeconds) {
                    double part = (limitSeconds - inside) / (beyond - inside);
                    least = Math.min(least, (1 - part) * inside / n + part * beyond / m);
                }
            }
        }
        return least;
    }

    private static double latestEnd(Fleet fleet, Arrival arrival) {
        Objective objective = fleet.objective(arrival.requestClass());
        return (arrival.arrivalNanos()
                        + (double) objective.ttftNanos(arrival.promptTokens())
                        + (double) objective.itlNanos() * (arrival.outputTokens() - 1))
                / NANOS;
    }

    private static double usd(Price.PerToken price, int prompt, int answer) {
        double input = Math.min(price.usdPerMillionInput(), price.usdPerMillionCachedInput());
        return (prompt * input + answer * price.usdPerMillionOutput()) / 1e6;
    }

    /** Prompt tokens that some cache could hold: blocks that were a prompt's before, or turns of the conversation. */
    private static int cached(Arrival arrival, int blockTokens, Set<Long> seen, Map<Long, Integer> turns) {
        int tokens = 0;
        boolean known = true;
        for (long block : arrival.blocks()) {
            known &= !seen.add(block);
            tokens += known ? blockTokens : 0;
        }
        if (arrival.blocks().length == 0 && arrival.conversation() != 0) {
            tokens = turns.getOrDefault(arrival.conversation(), 0);
            turns.merge(arrival.conversation(), arrival.promptTokens() + arrival.outputTokens(), Math::max);
        }
        return Math.min(tokens, arrival.promptTokens());
    }
}
