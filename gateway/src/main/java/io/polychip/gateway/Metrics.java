package io.polychip.gateway;

import io.polychip.fleet.RequestClass;
import io.polychip.routing.Snapshot;
import io.prometheus.metrics.config.EscapingScheme;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.datapoints.DistributionDataPoint;
import io.prometheus.metrics.core.datapoints.GaugeDataPoint;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * What the gateway counts, for Prometheus.
 *
 * <p>Labels come from the fleet file or from code, never from a client, so their number is bounded: pool, vendor, model
 * (of the fleet), class (four), ending and reason (a fixed set). Data points are looked up once per pool and kept; an
 * increment then costs a few nanoseconds. Thread-safe.
 */
final class Metrics {
    static final String CONTENT_TYPE = PrometheusTextFormatWriter.CONTENT_TYPE;
    private static final double[] FIRST_TOKEN_SECONDS = {
        0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10, 30, 60
    };
    private static final double[] TOKEN_SECONDS = {
        0.001, 0.002, 0.005, 0.01, 0.015, 0.02, 0.03, 0.04, 0.06, 0.08, 0.1, 0.15, 0.25, 0.5, 1
    };
    private static final double[] QUEUE_SECONDS = {0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30};
    private static final double[] OVERHEAD_SECONDS = {
        20e-6, 50e-6, 100e-6, 150e-6, 200e-6, 300e-6, 500e-6, 1e-3, 2e-3, 5e-3, 10e-3, 50e-3
    };

    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final Counter requests =
            counter("polychip_requests_total", "Requests accepted for routing.", "model", "class");
    private final Counter endings = counter(
            "polychip_endings_total",
            "Requests by how they ended; exactly one each.",
            "pool",
            "vendor",
            "class",
            "ending",
            "reason");
    private final Counter refusals =
            counter("polychip_refused_total", "Requests turned down before routing, by reason.", "reason");
    private final Counter attempts =
            counter("polychip_attempts_total", "Attempts on a pool's replicas.", "pool", "vendor", "outcome");
    private final Counter retries =
            counter("polychip_retries_total", "Attempts that were not a request's first.", "pool", "vendor");
    private final Counter tokens =
            counter("polychip_tokens_total", "Tokens by what they were.", "pool", "vendor", "kind");
    private final Counter usd =
            counter("polychip_cost_usd_total", "What requests cost at token prices.", "pool", "vendor");
    private final Histogram ttft = histogram(
            "polychip_ttft_seconds", "Arrival to first token.", FIRST_TOKEN_SECONDS, "pool", "vendor", "class");
    private final Histogram itl = histogram(
            "polychip_itl_seconds",
            "Mean time between tokens of one answer.",
            TOKEN_SECONDS,
            "pool",
            "vendor",
            "class");
    private final Histogram queued = histogram(
            "polychip_queue_seconds", "Time a request waited here before it was sent.", QUEUE_SECONDS, "class");
    private final Histogram overhead = histogram(
            "polychip_overhead_seconds",
            "Time the gateway itself added to a request, waiting for nobody.",
            OVERHEAD_SECONDS);
    private final Counter reloads = counter("polychip_reloads_total", "Reloads of the fleet file.", "outcome");
    private final Counter scrapes = counter("polychip_scrapes_total", "Readings taken of replicas.", "outcome");

    final Gauge inFlight = gauge("polychip_inflight_requests", "Requests on a pool's replicas now.", "pool", "vendor");
    final Gauge waiting = gauge("polychip_queued_requests", "Requests waiting here now.");
    final Gauge open = gauge("polychip_open_requests", "Requests accepted and not ended.");
    final Gauge breakers = gauge(
            "polychip_replica_breaker", "0: in rotation, 1: being probed, 2: ejected.", "pool", "vendor", "replica");
    final Gauge logDrops = gauge("polychip_access_log_dropped_lines", "Lines of the access log lost since the start.");
    final Gauge price =
            gauge("polychip_pool_price_usd_per_chip_second", "Opportunity price of a pool now.", "pool", "vendor");

    private final Map<String, OfPool> pools = new ConcurrentHashMap<>();
    private final Map<RequestClass, DistributionDataPoint> queuedByClass;

    Metrics() {
        queuedByClass = byClass(name -> queued.labelValues(name));
    }

    /** The data points of one pool. */
    final class OfPool {
        final CounterDataPoint sent;
        final CounterDataPoint again;
        final CounterDataPoint promptTokens;
        final CounterDataPoint cachedTokens;
        final CounterDataPoint completionTokens;
        final CounterDataPoint cost;
        private final String pool;
        private final String vendor;
        private final Map<RequestClass, DistributionDataPoint> firstToken;
        private final Map<RequestClass, DistributionDataPoint> betweenTokens;
        private final Map<RequestClass, CounterDataPoint> completed;

        OfPool(String pool, String vendor) {
            this.pool = pool;
            this.vendor = vendor;
            sent = attempts.labelValues(pool, vendor, "sent");
            again = retries.labelValues(pool, vendor);
            promptTokens = tokens.labelValues(pool, vendor, "prompt");
            cachedTokens = tokens.labelValues(pool, vendor, "cached");
            completionTokens = tokens.labelValues(pool, vendor, "completion");
            cost = usd.labelValues(pool, vendor);
            firstToken = byClass(name -> ttft.labelValues(pool, vendor, name));
            betweenTokens = byClass(name -> itl.labelValues(pool, vendor, name));
            completed = byClass(name -> endings.labelValues(pool, vendor, name, "completed", "ok"));
        }

        /** Requests completed, all classes together. */
        long completed() {
            long sum = 0;
            for (CounterDataPoint ofClass : completed.values()) {
                sum += ofClass.getLongValue();
            }
            return sum;
        }

        void completed(RequestClass requestClass) {
            of(completed, requestClass).inc();
        }

        void firstToken(RequestClass requestClass, long nanos) {
            of(firstToken, requestClass).observe(nanos * 1e-9);
        }

        void betweenTokens(RequestClass requestClass, long nanos) {
            of(betweenTokens, requestClass).observe(nanos * 1e-9);
        }

        /** @param reason one of a fixed set of names */
        void attemptFailed(String reason) {
            attempts.labelValues(pool, vendor, reason).inc();
        }
    }

    OfPool pool(String pool, String vendor) {
        return pools.computeIfAbsent(pool, name -> new OfPool(name, vendor));
    }

    CounterDataPoint requests(String model, RequestClass requestClass) {
        return requests.labelValues(model, label(requestClass));
    }

    /** @param pool where its last attempt was, empty for none */
    void ended(String pool, String vendor, RequestClass requestClass, String ending, String reason) {
        endings.labelValues(pool, vendor, label(requestClass), ending, reason).inc();
    }

    /** @param code one of our own names of errors */
    void refused(String code) {
        refusals.labelValues(code).inc();
    }

    void queued(RequestClass requestClass, long nanos) {
        of(queuedByClass, requestClass).observe(nanos * 1e-9);
    }

    void overhead(long nanos) {
        overhead.observe(nanos * 1e-9);
    }

    void reloaded(boolean taken) {
        reloads.labelValues(taken ? "taken" : "refused").inc();
    }

    CounterDataPoint scrapes(String outcome) {
        return scrapes.labelValues(outcome);
    }

    /** Sets the gauges to what the loops say. */
    synchronized void observe(List<Snapshot> loops) {
        open.set(loops.stream().mapToInt(Snapshot::open).sum());
        waiting.set(loops.stream().mapToInt(Snapshot::waiting).sum());
        inFlight.clear();
        breakers.clear();
        price.clear();
        for (Snapshot loop : loops) {
            for (Snapshot.PoolView pool : loop.pools()) {
                inFlight.labelValues(pool.pool(), pool.vendor()).inc(pool.inFlight());
                price.labelValues(pool.pool(), pool.vendor()).inc(pool.usdPerChipSecond() / loops.size());
                for (Snapshot.ReplicaView replica : pool.replicas()) {
                    GaugeDataPoint breaker = breakers.labelValues(
                            pool.pool(), pool.vendor(), replica.url().toString());
                    breaker.set(Math.max(breaker.get(), breaker(replica.health())));
                }
            }
        }
    }

    private static int breaker(String health) {
        return switch (health) {
            case "ejected" -> 2;
            case "probing" -> 1;
            default -> 0;
        };
    }

    /** The page for {@code GET /metrics}. */
    byte[] page() {
        ByteArrayOutputStream out = new ByteArrayOutputStream(64 * 1024);
        try {
            PrometheusTextFormatWriter.create().write(out, registry.scrape(), EscapingScheme.UNDERSCORE_ESCAPING);
        } catch (IOException e) {
            throw new UncheckedIOException("A byte array cannot fail.", e);
        }
        return out.toByteArray();
    }

    private static <T> Map<RequestClass, T> byClass(Function<String, T> dataPoint) {
        Map<RequestClass, T> byClass = new EnumMap<>(RequestClass.class);
        for (RequestClass requestClass : RequestClass.values()) {
            byClass.put(requestClass, dataPoint.apply(label(requestClass)));
        }
        return byClass;
    }

    private static <T> T of(Map<RequestClass, T> byClass, RequestClass requestClass) {
        return Objects.requireNonNull(byClass.get(requestClass));
    }

    static String label(RequestClass requestClass) {
        return requestClass.name().toLowerCase(Locale.ROOT);
    }

    private Counter counter(String name, String help, String... labels) {
        return Counter.builder()
                .name(name)
                .help(help)
                .labelNames(labels)
                .withoutExemplars()
                .register(registry);
    }

    private Gauge gauge(String name, String help, String... labels) {
        return Gauge.builder()
                .name(name)
                .help(help)
                .labelNames(labels)
                .withoutExemplars()
                .register(registry);
    }

    private Histogram histogram(String name, String help, double[] bounds, String... labels) {
        return Histogram.builder()
                .name(name)
                .help(help)
                .labelNames(labels)
                .classicOnly()
                .classicUpperBounds(bounds)
                .withoutExemplars()
                .register(registry);
    }
}
