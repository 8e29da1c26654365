package io.polychip.gateway;

import io.polychip.routing.Policy;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How a gateway runs, apart from what the fleet file says.
 *
 * @param listen overrides the fleet's address; null: as the fleet says
 * @param admin a second listener for {@code /admin}, {@code /metrics} and {@code /health} alone, which asks for no key;
 *     meant for loopback or an operators' network. Null: none
 * @param adminKey bearer key that opens the operator's paths on the main listener from elsewhere than this machine
 * @param seed of all request ids and of every random choice
 * @param accessLog where its lines go; written by the network's blocking executor, never closed here
 * @param scrapeEvery how often each replica's load is read
 * @param source where a changed fleet is read from on reload; null: it never changes
 */
public record GatewayOptions(
        @Nullable InetSocketAddress listen,
        @Nullable InetSocketAddress admin,
        @Nullable String adminKey,
        Policy policy,
        long seed,
        OutputStream accessLog,
        Duration scrapeEvery,
        @Nullable FleetSource source) {
    /** Polychip's own routing, no access log, no second listener. */
    public static GatewayOptions standard(long seed) {
        return new GatewayOptions(
                null, null, null, Policy.POLYCHIP, seed, OutputStream.nullOutputStream(), Duration.ofMillis(250), null);
    }

    public GatewayOptions withListen(@Nullable InetSocketAddress address) {
        return new GatewayOptions(address, admin, adminKey, policy, seed, accessLog, scrapeEvery, source);
    }

    public GatewayOptions withAdmin(@Nullable InetSocketAddress address, @Nullable String key) {
        return new GatewayOptions(listen, address, key, policy, seed, accessLog, scrapeEvery, source);
    }

    public GatewayOptions withPolicy(Policy other) {
        return new GatewayOptions(listen, admin, adminKey, other, seed, accessLog, scrapeEvery, source);
    }

    public GatewayOptions withAccessLog(OutputStream out) {
        return new GatewayOptions(listen, admin, adminKey, policy, seed, out, scrapeEvery, source);
    }

    public GatewayOptions withScrapeEvery(Duration interval) {
        return new GatewayOptions(listen, admin, adminKey, policy, seed, accessLog, interval, source);
    }

    public GatewayOptions withSource(@Nullable FleetSource from) {
        return new GatewayOptions(listen, admin, adminKey, policy, seed, accessLog, scrapeEvery, from);
    }

    @Override
    public String toString() {
        return "GatewayOptions[listen=%s, admin=%s, policy=%s, seed=%d]".formatted(listen, admin, policy, seed);
    }
}
