package io.polychip.gateway;

import io.netty.util.AsciiString;
import io.polychip.fleet.Hosted;
import io.polychip.fleet.Pool;
import io.polychip.fleet.Price;
import io.polychip.fleet.Provider;
import io.polychip.net.ClientTls;
import io.polychip.protocol.ChatScan;
import io.polychip.protocol.Edits;
import io.polychip.protocol.Endpoint;
import io.polychip.protocol.JsonText;
import io.polychip.routing.Usage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is the same for every request that goes to one pool: the changes its wire needs, its credential, its price. Made
 * once per fleet file. Immutable.
 */
final class UpstreamPlan {
    private static final String STREAM_OPTIONS = "stream_options";
    private static final double MILLION = 1e6;

    private final Pool pool;
    private final @Nullable String quotedModel;
    private final @Nullable AsciiString authorization;
    private final List<String> dropped;
    private final boolean reportsUsage;
    private final @Nullable ClientTls tls;
    private final Metrics.OfPool metrics;

    /** Reads the pool's certificates where it has its own; blocks. */
    UpstreamPlan(Pool pool, Map<String, Provider> providers, Metrics metrics) {
        this.pool = pool;
        this.tls = tls(pool.access());
        this.metrics = metrics.pool(pool.name(), pool.vendor());
        Hosted hosted = pool.hosted();
        if (hosted == null) {
            this.quotedModel = null;
            this.authorization = bearer(pool.access().key());
            this.dropped = List.of();
            this.reportsUsage = true;
            return;
        }
        Provider provider = providers.get(hosted.provider());
        List<String> unwanted = new ArrayList<>();
        unwanted.add("service_tier"); // meant for us and already followed; there it would name another price
        if (provider != null) {
            unwanted.addAll(provider.dropped());
        }
        this.quotedModel = JsonText.quote(hosted.model());
        this.authorization = bearer(hosted.key());
        this.reportsUsage = provider == null
                || !(unwanted.contains(STREAM_OPTIONS) || provider.unsupported().contains(STREAM_OPTIONS));
        this.dropped = unwanted.stream().distinct().toList();
    }

    private static @Nullable ClientTls tls(Pool.Access access) {
        if (access.caFile().isEmpty() && access.serverName().isEmpty()) {
            return null;
        }
        ClientTls trust = access.caFile().isEmpty() ? ClientTls.system() : ClientTls.trusting(Path.of(access.caFile()));
        return access.serverName().isEmpty() ? trust : trust.expecting(access.serverName());
    }

    private static @Nullable AsciiString bearer(String key) {
        return key.isEmpty() ? null : AsciiString.of("Bearer " + key);
    }

    Pool pool() {
        return pool;
    }

    Metrics.OfPool metrics() {
        return metrics;
    }

    /** The value of the header, or null where replicas want none. Never the client's own. */
    @Nullable
    AsciiString authorization() {
        return authorization;
    }

    /** What must change in the client's body, as byte splices. */
    Edits edits(ChatScan scan) {
        Edits edits = scan.edits();
        if (quotedModel != null) {
            edits.set("model", quotedModel);
        }
        for (String field : dropped) {
            edits.remove(field);
        }
        return reportsUsage ? scan.askForUsage(edits) : edits;
    }

    /** Put behind a replica's URL: a provider's ends behind its version segment, an engine's before it. */
    String path(Endpoint endpoint) {
        return pool.hosted() == null ? endpoint.path() : endpoint.suffix();
    }

    /** Whom to trust there, or null for the platform's authorities. */
    @Nullable
    ClientTls tls() {
        return tls;
    }

    /** At token prices; owned capacity is paid by the hour, whoever uses it, and costs nothing here. */
    double usd(Usage usage) {
        return switch (pool.price()) {
            case Price.PerChipHour hourly -> 0;
            case Price.PerToken tokens ->
                ((usage.promptTokens() - usage.cachedTokens()) * tokens.usdPerMillionInput()
                                + usage.cachedTokens() * tokens.usdPerMillionCachedInput()
                                + usage.completionTokens() * tokens.usdPerMillionOutput())
                        / MILLION;
        };
    }
}
