package io.polychip.net;

import java.time.Duration;

/**
 * What a server grants one client.
 *
 * @param maxHeadBytes request line and headers together; more is 431
 * @param maxBodyBytes a request body, whatever its framing; more is 413
 * @param maxConnections open at once over all loops; more get 503
 * @param idleTimeout between requests; silence longer than this closes
 * @param headTimeout from the first byte of a request to the end of its head, however fast single bytes drip; 408
 * @param bodyTimeout from the end of the head to the last byte of the body; 408
 * @param stallTimeout while we have bytes to send and the client takes none
 */
public record ServerLimits(
        int maxHeadBytes,
        long maxBodyBytes,
        int maxConnections,
        Duration idleTimeout,
        Duration headTimeout,
        Duration bodyTimeout,
        Duration stallTimeout) {

    /** 64 KiB heads, as OpenAI's; 64 MiB bodies; 20,000 connections. */
    public static ServerLimits standard() {
        return new ServerLimits(
                64 * 1024,
                64L * 1024 * 1024,
                20_000,
                Duration.ofSeconds(75),
                Duration.ofSeconds(10),
                Duration.ofSeconds(60),
                Duration.ofMinutes(5));
    }

    public ServerLimits {
        if (maxHeadBytes < 64 || maxHeadBytes > 1024 * 1024) {
            throw new IllegalArgumentException(
                    "maxHeadBytes is %d; allowed is 64 to 1048576, usual 65536.".formatted(maxHeadBytes));
        }
        if (maxBodyBytes < 0 || maxBodyBytes > Integer.MAX_VALUE / 2) {
            throw new IllegalArgumentException(
                    "maxBodyBytes is %d; allowed is 0 to 1073741823, usual 67108864.".formatted(maxBodyBytes));
        }
        if (maxConnections < 1) {
            throw new IllegalArgumentException(
                    "maxConnections is %d; allowed is 1 or more, usual 20000.".formatted(maxConnections));
        }
        requirePositive("idleTimeout", idleTimeout);
        requirePositive("headTimeout", headTimeout);
        requirePositive("bodyTimeout", bodyTimeout);
        requirePositive("stallTimeout", stallTimeout);
    }

    static void requirePositive(String name, Duration value) {
        if (!value.isPositive()) {
            throw new IllegalArgumentException(
                    "%s is %s; it must be positive, for example 10s.".formatted(name, value));
        }
    }

    public ServerLimits withMaxHeadBytes(int bytes) {
        return new ServerLimits(
                bytes, maxBodyBytes, maxConnections, idleTimeout, headTimeout, bodyTimeout, stallTimeout);
    }

    public ServerLimits withMaxBodyBytes(long bytes) {
        return new ServerLimits(
                maxHeadBytes, bytes, maxConnections, idleTimeout, headTimeout, bodyTimeout, stallTimeout);
    }

    public ServerLimits withMaxConnections(int connections) {
        return new ServerLimits(
                maxHeadBytes, maxBodyBytes, connections, idleTimeout, headTimeout, bodyTimeout, stallTimeout);
    }

    public ServerLimits withIdleTimeout(Duration timeout) {
        return new ServerLimits(
                maxHeadBytes, maxBodyBytes, maxConnections, timeout, headTimeout, bodyTimeout, stallTimeout);
    }

    public ServerLimits withHeadTimeout(Duration timeout) {
        return new ServerLimits(
                maxHeadBytes, maxBodyBytes, maxConnections, idleTimeout, timeout, bodyTimeout, stallTimeout);
    }

    public ServerLimits withBodyTimeout(Duration timeout) {
        return new ServerLimits(
                maxHeadBytes, maxBodyBytes, maxConnections, idleTimeout, headTimeout, timeout, stallTimeout);
    }

    public ServerLimits withStallTimeout(Duration timeout) {
        return new ServerLimits(
                maxHeadBytes, maxBodyBytes, maxConnections, idleTimeout, headTimeout, bodyTimeout, timeout);
    }
}
