package io.polychip.fleet;

import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One service over many vendors' chips, as {@code fleet.yaml} describes it. Immutable; a changed file gives a new one.
 *
 * @param keys empty: an open gateway, on loopback only
 * @param start where the slow loop begins; of the same plan as the fleet, not of its file
 */
public record Fleet(
        InetSocketAddress listen,
        @Nullable Tls tls,
        List<ApiKey> keys,
        Timeouts timeouts,
        Limits limits,
        Map<String, ServedModel> models,
        List<Pool> pools,
        Map<RequestClass, Objective> objectives,
        Independence independence,
        Disclosure disclosure,
        Catalogue catalogue,
        RoutingStart start) {
    public Fleet {
        keys = List.copyOf(keys);
        models = Map.copyOf(models);
        pools = List.copyOf(pools);
        objectives = Map.copyOf(objectives);
    }

    /** One that begins from nothing. */
    public Fleet(
            InetSocketAddress listen,
            @Nullable Tls tls,
            List<ApiKey> keys,
            Timeouts timeouts,
            Limits limits,
            Map<String, ServedModel> models,
            List<Pool> pools,
            Map<RequestClass, Objective> objectives,
            Independence independence,
            Disclosure disclosure,
            Catalogue catalogue) {
        this(
                listen,
                tls,
                keys,
                timeouts,
                limits,
                models,
                pools,
                objectives,
                independence,
                disclosure,
                catalogue,
                RoutingStart.NONE);
    }

    /** The same fleet, begun from what a plan found. */
    public Fleet withStart(RoutingStart other) {
        return new Fleet(
                listen,
                tls,
                keys,
                timeouts,
                limits,
                models,
                pools,
                objectives,
                independence,
                disclosure,
                catalogue,
                other);
    }

    /** The same fleet with other pools; models that none of them serves are left out. */
    public Fleet withPools(List<Pool> others) {
        Map<String, ServedModel> served = new HashMap<>();
        for (Pool pool : others) {
            ServedModel model = models.get(pool.model());
            if (model != null) {
                served.put(pool.model(), model);
            }
        }
        return new Fleet(
                listen,
                tls,
                keys,
                timeouts,
                limits,
                served,
                others,
                objectives,
                independence,
                disclosure,
                catalogue,
                start);
    }

    public Objective objective(RequestClass requestClass) {
        return objectives.getOrDefault(requestClass, Objective.NONE);
    }

    /** Certificate chain and key of the listening side, PEM files. */
    public record Tls(String certificateFile, String keyFile) {}

    /** What one client may take of the gateway. */
    public record Limits(
            int headerBytes, int bodyBytes, int connections, long idleNanos, int queuedRequests, long queueNanos) {
        public static final Limits DEFAULT =
                new Limits(64 * 1024, 32 * 1024 * 1024, 20_000, 75_000_000_000L, 10_000, 30_000_000_000L);
    }

    /** What answers tell of the inside. @param routeHeader names pool and replica in a response header */
    public record Disclosure(boolean routeHeader, double decisionSample) {
        public static final Disclosure DEFAULT = new Disclosure(false, 0.01);
    }
}
