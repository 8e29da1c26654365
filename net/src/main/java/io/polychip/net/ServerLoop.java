package io.polychip.net;

import io.netty.channel.EventLoop;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/** What the connections of one server on one loop share. On that loop only, but for {@link #open}. */
final class ServerLoop {
    private static final DateTimeFormatter IMF_DATE = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    final EventLoop loop;
    final Network network;
    final ServerOptions options;
    final HttpHandler handler;

    /** Connections of the server over all loops. */
    final AtomicInteger open;

    private final Set<ServerConnection> connections = new LinkedHashSet<>();
    private final Runnable connectionClosed;
    private byte[] scratch = new byte[1024];
    private boolean draining;
    private long dateSecond = Long.MIN_VALUE;
    private byte[] date = {};

    ServerLoop(
            EventLoop loop,
            Network network,
            ServerOptions options,
            HttpHandler handler,
            AtomicInteger open,
            Runnable connectionClosed) {
        this.loop = loop;
        this.network = network;
        this.options = options;
        this.handler = handler;
        this.open = open;
        this.connectionClosed = connectionClosed;
    }

    /** @return whether there was room for one more */
    boolean opened(ServerConnection connection) {
        connections.add(connection);
        return open.incrementAndGet() <= options.limits().maxConnections();
    }

    void closed(ServerConnection connection) {
        if (connections.remove(connection)) {
            open.decrementAndGet();
            connectionClosed.run();
        }
    }

    boolean draining() {
        return draining;
    }

    /** Every connection closes as soon as its exchange is over. */
    void drain() {
        draining = true;
        for (ServerConnection connection : List.copyOf(connections)) {
            connection.drain();
        }
    }

    void closeAll() {
        draining = true;
        for (ServerConnection connection : List.copyOf(connections)) {
            connection.abort();
        }
    }

    /** At least {@code bytes} to copy a head into; overwritten by the next. */
    byte[] scratch(int bytes) {
        if (scratch.length < bytes) {
            scratch = new byte[Math.max(bytes, 2 * scratch.length)];
        }
        return scratch;
    }

    /** The Date header's line (RFC 9110 section 6.6.1), formatted once a second. */
    byte[] date() {
        long second = Math.floorDiv(network.wallClock().millis(), 1000);
        if (second != dateSecond) {
            dateSecond = second;
            date = ("date: " + IMF_DATE.format(Instant.ofEpochSecond(second)) + "\r\n")
                    .getBytes(StandardCharsets.US_ASCII);
        }
        return date;
    }
}
