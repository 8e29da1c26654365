package io.polychip.routing;

import io.polychip.fleet.Fleet;
import io.polychip.fleet.Objective;
import io.polychip.fleet.Price;
import io.polychip.fleet.RequestClass;
import io.polychip.fleet.RoutingStart;

/**
 * What moves every ten seconds or slower: knees, opportunity prices, damage caps, quota pace.
 *
 * <p>The opportunity price of a pool's chip-second takes a dual step towards the load at which the pool should run:
 * {@code mu <- max(0, mu + k (u - u*))}, in units of the offer's own price and bounded by the dearest alternative. A
 * pool whose timing has not been confirmed may gain at most ten points of its model's traffic per minute.
 *
 * <p>A fleet may come with a plan's prices and shares: then prices begin there instead of at nothing, and requests go
 * by the shares until the prices have settled.
 */
final class SlowLoop {
    private static final double WANTED_LOAD = 0.85;
    private static final double GAIN_PER_SECOND = 0.03;

    private static final double MOST_RENTS = 20;
    private static final double SHARE_GAIN_PER_MINUTE = 0.10;
    private static final double FIRST_SHARE_FACTOR = 1.25;
    private static final double FIRST_SHARE_EXTRA = 0.05;

    private final Knowledge knowledge;
    private Fleet fleet;
    private RoutingStart start = RoutingStart.NONE;
    private long begunNanos;
    private long lastNanos;

    SlowLoop(Knowledge knowledge, Fleet fleet, long now) {
        this.knowledge = knowledge;
        this.fleet = fleet;
        this.lastNanos = now;
    }

    /**
     * After a reload: knees and capacity shares anew, prices and what was learned stay. Another plan than before is
     * begun from; of the same one new pools take their prices.
     */
    void reload(Fleet changed, long now) {
        noticeSetBack(now);
        fleet = changed;
        boolean anew = !changed.start().equals(start);
        start = changed.start();
        begunNanos = anew ? now : begunNanos;
        for (PoolState pool : knowledge.pools()) {
            Double usdPerHour = start.usdPerChipHour().get(pool.name());
            if (usdPerHour != null && (anew || pool.knee == PoolState.NO_KNEE)) {
                pool.dualUsdPerChipSecond = usdPerHour / 3600;
            }
            resize(pool);
        }
        for (ModelState model : knowledge.models()) {
            model.planned = PlannedShares.of(start, model.name, model.pools);
            fade(model, now);
            shareCapacity(model, 0, now);
        }
    }

    void tick(long now) {
        noticeSetBack(now);
        double seconds = (now - lastNanos) / 1e9;
        lastNanos = now;
        for (PoolState pool : knowledge.pools()) {
            pool.fullFromRank = Urgency.LEVELS;
            pool.ttft.tick(seconds);
            pool.itl.tick(seconds);
            resize(pool);
            reprice(pool, seconds, now);
            if (pool.quota != null) {
                pool.quota.tick(now);
            }
            pool.refresh(now);
        }
        for (ModelState model : knowledge.models()) {
            fade(model, now);
            shareCapacity(model, seconds, now);
        }
    }

    /** A clock set back makes a plan no younger than it was. */
    private void noticeSetBack(long now) {
        if (now < lastNanos) {
            begunNanos -= lastNanos - now;
            lastNanos = now;
        }
    }

    private void fade(ModelState model, long now) {
        if (model.planned != null && !model.planned.fade(now - begunNanos)) {
            model.planned = null;
        }
    }

    private void resize(PoolState pool) {
        double prompt = Math.max(1, pool.prompts.value());
        pool.backlogNanosPerToken = pool.timing.prefillNanos((int) prompt, 0) / prompt;
        pool.prefillPerToken = pool.timing.prefillNanos((int) prompt, 0) / Math.max(1, pool.outputs.value());
        pool.knee = towards(pool.knee, knee(pool, RequestClass.DEFAULT));
        pool.tightKnee = Math.min(pool.knee, towards(pool.tightKnee, knee(pool, RequestClass.PRIORITY)));
        pool.capacityWeight = Math.max(1e-6, 1e9 / perRequestNanos(pool));
    }

    /**
     * A step of at most a fifth, since what moves a knee (a mix of lengths, a correction) answers to the knee itself.
     */
    private static int towards(int now, int wanted) {
        return now == PoolState.NO_KNEE
                ? wanted
                : Math.clamp(wanted, (int) Math.min(now - 1, now * 0.8), (int) Math.max(now + 1, now * 1.2));
    }

    private int knee(PoolState pool, RequestClass requestClass) {
        Objective objective = fleet.objective(requestClass);
        double allowed = Double.POSITIVE_INFINITY;
        if (objective.itlNanos() != Long.MAX_VALUE) {
            double margin = pool.itlMargin(requestClass, objective).multiplier(pool.itl.band());
            allowed = objective.itlNanos() / (pool.itl.factor() * margin);
        }
        if (!pool.timing.canMeet(allowed)) {
            allowed = Double.POSITIVE_INFINITY; // never meets it: then at least run at full throughput
        }
        return pool.timing.knee(allowed, pool.prompts.value(), pool.outputs.value());
    }

    private static double perRequestNanos(PoolState pool) {
        double nanos = pool.timing.replicaNanos((int) pool.prompts.value(), 0, pool.outputs.value(), pool.knee);
        return Math.max(1, nanos * pool.itl.factor());
    }

    private void reprice(PoolState pool, double seconds, long now) {
        pool.accrue(now);
        if (seconds <= 0 || pool.hosted()) {
            return;
        }
        double places = Math.max(1, pool.replicas.length - pool.ejected) * (double) pool.knee;
        pool.utilisation = (pool.loadNanos / (seconds * 1e9) + pool.outside(now)) / places;
        pool.loadNanos = 0;
        double rent = Math.max(1e-7, pool.usdPerChipSecond());
        double step = GAIN_PER_SECOND * seconds * rent * Math.clamp(pool.utilisation - WANTED_LOAD, -0.5, 0.5);
        double most = Math.max(rent, dearestAlternative(pool, rent));
        pool.dualUsdPerChipSecond = Math.clamp(pool.dualUsdPerChipSecond + step, 0, most);
    }

    /** What a chip-second saved here is worth at most: the dearest token price of the same model, per chip-second. */
    private double dearestAlternative(PoolState pool, double rent) {
        double chipSeconds = perRequestNanos(pool) / 1e9 * pool.chips();
        double dearest = 0;
        for (PoolState other : knowledge.pools()) {
            boolean sameModel =
                    other.target.pool().model().equals(pool.target.pool().model());
            if (sameModel && other.target.pool().price() instanceof Price.PerToken(double in, double _, double out)) {
                double usd = (pool.prompts.value() * in + pool.outputs.value() * out) / 1e6;
                dearest = Math.max(dearest, usd / chipSeconds);
            }
        }
        return dearest > 0 ? dearest : MOST_RENTS * rent;
    }

    private static void shareCapacity(ModelState model, double seconds, long now) {
        double sum = 0;
        for (PoolState pool : model.pools) {
            sum += pool.hosted() ? 0 : pool.capacityWeight * pool.replicas.length;
        }
        double sent = Math.max(1, model.sent.at(now));
        PlannedShares planned = model.planned;
        for (int i = 0; i < model.pools.length; i++) {
            PoolState pool = model.pools[i];
            if (pool.proven()) {
                pool.allowedShare = 1;
                continue;
            }
            double mine = pool.hosted() ? 0.25 : pool.capacityWeight * pool.replicas.length;
            pool.capacityShare = sum <= 0 ? 1 : Math.min(1, mine / (pool.hosted() ? 1 : sum));
            double expected = planned == null ? pool.capacityShare : Math.max(pool.capacityShare, planned.overall(i));
            double start = FIRST_SHARE_FACTOR * expected + FIRST_SHARE_EXTRA;
            double now_ = pool.sentRequests.at(now) / sent + SHARE_GAIN_PER_MINUTE * seconds / 60;
            pool.allowedShare = Math.min(
                    1, Math.max(start, Math.min(now_, pool.allowedShare + SHARE_GAIN_PER_MINUTE * seconds / 60)));
        }
    }
}
