package io.polychip.net;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How a client treats its connections.
 *
 * @param connectTimeout for name, TCP and TLS together
 * @param idleTimeout how long an unused plain connection is kept; shorter than the 5 s after which uvicorn, under most
 *     engines, closes
 * @param tlsIdleTimeout the same for TLS, whose handshake is worth keeping
 * @param maxIdlePerOrigin unused connections kept to one host and port, per loop
 * @param spare whether, while an answer comes in pieces and no connection is idle, one is made ahead of the next call
 * @param maxHeadBytes status line and headers of an answer
 * @param tls null for the certificates this Java trusts
 */
public record ClientOptions(
        Duration connectTimeout,
        Duration idleTimeout,
        Duration tlsIdleTimeout,
        int maxIdlePerOrigin,
        boolean spare,
        int maxHeadBytes,
        @Nullable ClientTls tls) {

    public ClientOptions {
        ServerLimits.requirePositive("connectTimeout", connectTimeout);
        ServerLimits.requirePositive("idleTimeout", idleTimeout);
        ServerLimits.requirePositive("tlsIdleTimeout", tlsIdleTimeout);
        if (maxIdlePerOrigin < 0) {
            throw new IllegalArgumentException(
                    "maxIdlePerOrigin is %d; allowed is 0 (never reuse) or more.".formatted(maxIdlePerOrigin));
        }
        if (maxHeadBytes < 64) {
            throw new IllegalArgumentException("maxHeadBytes is %d; allowed is 64 or more.".formatted(maxHeadBytes));
        }
    }

    /** 3 s to connect; idle connections kept for 4 s, with TLS for 50 s; none made ahead. */
    public static ClientOptions standard() {
        return new ClientOptions(
                Duration.ofSeconds(3), Duration.ofSeconds(4), Duration.ofSeconds(50), 1024, false, 64 * 1024, null);
    }

    public ClientOptions withConnectTimeout(Duration timeout) {
        return new ClientOptions(timeout, idleTimeout, tlsIdleTimeout, maxIdlePerOrigin, spare, maxHeadBytes, tls);
    }

    /** Of plain and of TLS connections. */
    public ClientOptions withIdleTimeout(Duration timeout) {
        return new ClientOptions(connectTimeout, timeout, timeout, maxIdlePerOrigin, spare, maxHeadBytes, tls);
    }

    public ClientOptions withMaxIdlePerOrigin(int connections) {
        return new ClientOptions(connectTimeout, idleTimeout, tlsIdleTimeout, connections, spare, maxHeadBytes, tls);
    }

    public ClientOptions withSpare() {
        return new ClientOptions(
                connectTimeout, idleTimeout, tlsIdleTimeout, maxIdlePerOrigin, true, maxHeadBytes, tls);
    }

    public ClientOptions withTls(@Nullable ClientTls newTls) {
        return new ClientOptions(
                connectTimeout, idleTimeout, tlsIdleTimeout, maxIdlePerOrigin, spare, maxHeadBytes, newTls);
    }
}
