package io.polychip.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.concurrent.ScheduledFuture;
import io.polychip.fleet.Pool;
import io.polychip.net.HttpCall;
import io.polychip.net.HttpFailure;
import io.polychip.net.HttpListener;
import io.polychip.routing.Reading;
import io.polychip.routing.Roster;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Reads the load of some replicas in turn, evenly spread over the interval, on one event loop and its ordinary client.
 *
 * <p>Readings only correct what the dispatchers count themselves: one that is late, fails or says nothing changes no
 * more than {@link Reading#reachable}, and none is ever waited for. Hosted pools have nothing to read. A replica whose
 * last reading is still under way is skipped, and given up after {@link #PATIENCE_NANOS}. On its loop only.
 */
final class Scraper {
    private static final long PATIENCE_NANOS = 1_000_000_000L;
    private static final int OK = 200;

    /** Told of every reading, on the scraper's loop. */
    @FunctionalInterface
    interface Readings {
        void taken(int replica, Reading reading);
    }

    private final Lane lane;
    private final Map<String, Dialect> dialects;
    private final long intervalNanos;
    private final Readings readings;
    private final Pace pace = new Pace();
    private List<Watch> watches = List.of();
    private int next;
    private @Nullable ScheduledFuture<?> timer;
    private boolean stopped;

    Scraper(Lane lane, Map<String, Dialect> dialects, long intervalNanos, Readings readings) {
        this.lane = lane;
        this.dialects = dialects;
        this.intervalNanos = intervalNanos;
        this.readings = readings;
    }

    /** Watches every {@code shards}-th replica of the roster from {@code shard} on, instead of those before. */
    void watch(Roster roster, int shard, int shards) {
        watches.forEach(Watch::giveUp);
        List<Watch> mine = new ArrayList<>();
        for (Roster.Target target : roster.targets()) {
            Pool pool = target.pool();
            Dialect dialect = dialects.get(pool.deployment().engine().name());
            if (pool.hosted() != null || dialect == null) {
                continue;
            }
            for (Roster.Replica replica : target.replicas()) {
                if (replica.index() % shards == shard) {
                    mine.add(new Watch(replica, lane.plan(replica), dialect));
                }
            }
        }
        watches = mine;
        next = 0;
        if (mine.isEmpty()) {
            disarm();
        } else if (timer != null) {
            pace.share(mine.size(), intervalNanos);
        } else if (!stopped) {
            long now = lane.now();
            pace.start(mine.size(), intervalNanos, now);
            arm(now);
        }
    }

    void stop() {
        stopped = true;
        disarm();
        watches.forEach(Watch::giveUp);
        watches = List.of();
    }

    private void disarm() {
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
    }

    private void arm(long now) {
        timer = lane.loop().schedule(this::turn, pace.untilNext(now), TimeUnit.NANOSECONDS);
    }

    private void turn() {
        long now = lane.now();
        for (int due = pace.take(watches.size(), now); due > 0; due--) {
            watches.get(next).turn(now);
            next = (next + 1) % watches.size();
        }
        arm(now);
    }

    /** One replica and the page being read of it. */
    private final class Watch implements HttpListener {
        private final Roster.Replica replica;
        private final UpstreamPlan plan;
        private final Dialect dialect;
        private final GaugeScanner gauges;
        private @Nullable HttpCall call;
        private long askedNanos;
        private int status;

        Watch(Roster.Replica replica, UpstreamPlan plan, Dialect dialect) {
            this.replica = replica;
            this.plan = plan;
            this.dialect = dialect;
            this.gauges = new GaugeScanner(dialect);
        }

        void turn(long now) {
            if (call != null && now - askedNanos < PATIENCE_NANOS) {
                return;
            }
            if (call != null) {
                giveUp();
                tell(false, "timeout");
            }
            askedNanos = now;
            status = 0;
            gauges.restart();
            HttpHeaders headers = Responses.empty();
            if (plan.authorization() != null) {
                headers.set(HttpHeaderNames.AUTHORIZATION, plan.authorization());
            }
            call = lane.client(plan)
                    .send(replica.url(), "GET", dialect.metricsPath(), headers, Unpooled.EMPTY_BUFFER, this);
        }

        void giveUp() {
            if (call != null) {
                call.cancel();
                call = null;
            }
        }

        @Override
        public void head(int newStatus, HttpHeaders headers) {
            status = newStatus;
        }

        @Override
        public void data(ByteBuf piece) {
            int length = piece.readableBytes();
            if (piece.hasArray()) {
                int from = piece.arrayOffset() + piece.readerIndex();
                gauges.feed(piece.array(), from, from + length);
            } else {
                byte[] copy = lane.scratch(length);
                piece.getBytes(piece.readerIndex(), copy, 0, length);
                gauges.feed(copy, 0, length);
            }
            piece.release();
        }

        @Override
        public void readComplete() {
            // nothing is passed on
        }

        @Override
        public void end() {
            call = null;
            gauges.finish();
            tell(true, status == OK ? "ok" : "status");
        }

        @Override
        public void failed(HttpFailure failure) {
            call = null;
            tell(false, "failed");
        }

        /** An engine that answers with another status, such as 404 where metrics are off, is there all the same. */
        private void tell(boolean reachable, String outcome) {
            lane.metrics().scrapes(outcome).inc();
            boolean read = reachable && status == OK;
            boolean healthy = reachable && status < 500;
            readings.taken(
                    replica.index(),
                    new Reading(
                            lane.now(),
                            read ? gauges.running() : -1,
                            read ? gauges.waiting() : -1,
                            read ? gauges.kvUsed() : -1,
                            healthy,
                            reachable));
        }
    }
}
