package io.polychip.net;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ScheduledFuture;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The connections of one loop to one base URL. The one used last is used first, while TCP still trusts it with many
 * bytes; but one unused for a quarter of its time goes before, since what closes now is missed at the next peak. Where
 * asked for, a spare is made while an answer streams and no connection is idle: making one on the way of a call put 200
 * us on every fifth stream's first token.
 */
final class Origin {
    private final EventLoop loop;
    private final ClientOptions options;
    private final boolean tls;
    private final String host;
    private final int port;
    private final long idleNanos;
    private final Deque<ClientConnection> idle = new ArrayDeque<>();
    private final Deadline oldestIdle;
    private boolean sparing;
    private long spareFailedNanos;
    private boolean closed;

    /** Where its connections are made. */
    final Network network;

    /** The Host header. */
    final String authority;

    /** Put before every path. */
    final String prefix;

    Origin(Network network, EventLoop loop, ClientOptions options, URI base) {
        this.network = network;
        this.loop = loop;
        this.options = options;
        String scheme = base.getScheme() == null ? "" : base.getScheme().toLowerCase(Locale.ROOT);
        this.tls = scheme.equals("https");
        if ((!tls && !scheme.equals("http")) || base.getHost() == null || base.getRawQuery() != null) {
            throw new IllegalArgumentException(
                    "\"%s\" is no base URL; allowed is http[s]://host[:port][/path]. Maybe http://%s"
                            .formatted(base, base.getSchemeSpecificPart()));
        }
        this.host = base.getHost().startsWith("[")
                ? base.getHost().substring(1, base.getHost().length() - 1)
                : base.getHost();
        this.port = base.getPort() >= 0 ? base.getPort() : tls ? 443 : 80;
        this.authority = base.getPort() >= 0 ? base.getHost() + ":" + base.getPort() : base.getHost();
        String path = base.getRawPath() == null ? "" : base.getRawPath();
        this.prefix = path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
        this.idleNanos = (tls ? options.tlsIdleTimeout() : options.idleTimeout()).toNanos();
        this.oldestIdle = new Deadline(loop, this::dropOld);
        this.spareFailedNanos = now() - options.connectTimeout().toNanos();
    }

    boolean tls() {
        return tls;
    }

    int maxHeadBytes() {
        return options.maxHeadBytes();
    }

    long now() {
        return loop.ticker().nanoTime();
    }

    int idleConnections() {
        return idle.size();
    }

    void send(HttpCall call) {
        ClientConnection kept;
        while ((kept = takeIdle()) != null) {
            if (kept.usable()) {
                kept.begin(call);
                return;
            }
        }
        connect(call, true);
    }

    private @Nullable ClientConnection takeIdle() {
        ClientConnection oldest = idle.peekFirst();
        if (oldest != null && now() - oldest.idleSinceNanos() > idleNanos / 4) {
            return idle.pollFirst();
        }
        return idle.pollLast();
    }

    /** One of the connections has read a part of an answer that goes on. */
    void streaming() {
        boolean wanted = options.spare() && options.maxIdlePerOrigin() > 0 && idle.isEmpty() && !sparing && !closed;
        if (wanted && now() - spareFailedNanos >= options.connectTimeout().toNanos()) {
            sparing = true;
            connect(null, false);
        }
    }

    /** A fresh connection for a call that met a stale one. */
    void sendAgain(HttpCall call) {
        call.resending();
        connect(call, true);
    }

    /**
     * Closed before it was connected, by neither side, is a socket that took an event of the one before it: a number
     * just let go is given out again, and what epoll had to tell of the old one is told to the new one. Nothing was
     * sent, so there is another try.
     *
     * @param call null for a spare
     */
    private void connect(@Nullable HttpCall call, boolean again) {
        ClientConnection connection = new ClientConnection(this);
        if (call != null) {
            call.assign(connection);
        }
        ChannelFuture connecting = new Bootstrap()
                .group(loop)
                .channelFactory(network.clientChannels())
                .resolver(network.resolver())
                .handler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        initialise(channel, connection);
                    }
                })
                .connect(InetSocketAddress.createUnresolved(host, port));
        Channel channel = connecting.channel();
        connection.connecting(channel);
        ScheduledFuture<?> timer = loop.schedule(
                () -> failed(
                        connection,
                        call,
                        "no connection to %s:%d within %s".formatted(host, port, options.connectTimeout())),
                options.connectTimeout().toNanos(),
                TimeUnit.NANOSECONDS);
        connecting.addListener(done -> {
            if (!done.isSuccess()) {
                timer.cancel(false);
                if (again && done.cause() instanceof ClosedChannelException && call != null && !call.done()) {
                    connect(call, false);
                } else {
                    failed(connection, call, reason(done.cause()));
                }
                return;
            }
            SslHandler handler = tls ? channel.pipeline().get(SslHandler.class) : null;
            if (handler == null) {
                timer.cancel(false);
                ready(connection, call);
            } else {
                handler.handshakeFuture().addListener(shaken -> handshakeOver(shaken, timer, connection, call));
            }
        });
    }

    private void handshakeOver(
            Future<? super Channel> shaken,
            ScheduledFuture<?> timer,
            ClientConnection connection,
            @Nullable HttpCall call) {
        timer.cancel(false);
        if (shaken.isSuccess()) {
            ready(connection, call);
        } else {
            failed(connection, call, "TLS with %s:%d failed: %s".formatted(host, port, reason(shaken.cause())));
        }
    }

    private void ready(ClientConnection connection, @Nullable HttpCall call) {
        sparing &= call != null;
        connection.connected(call);
    }

    private void failed(ClientConnection connection, @Nullable HttpCall call, String detail) {
        if (call == null) {
            sparing = false;
            spareFailedNanos = now();
        }
        connection.connectFailed(call, detail);
    }

    private void initialise(Channel channel, ClientConnection connection) {
        channel.config().setAllocator(network.allocator());
        channel.config().setConnectTimeoutMillis(0); // one timer covers name, TCP and TLS
        network.tune(channel);
        if (tls) {
            ClientTls trust = options.tls();
            channel.pipeline().addLast((trust == null ? SystemTrust.TLS : trust).handler(network, channel, host, port));
        }
        channel.pipeline().addLast(connection);
    }

    /** Back from a complete answer, or made as a spare. */
    void keep(ClientConnection connection) {
        if (closed || idle.size() >= options.maxIdlePerOrigin()) {
            connection.drop();
            return;
        }
        idle.addLast(connection);
        if (idle.size() == 1) {
            oldestIdle.after(idleNanos);
        }
    }

    /** A kept connection was closed by the server. */
    void lost(ClientConnection connection) {
        idle.remove(connection);
        if (!connection.used()) {
            spareFailedNanos = now(); // as of a server that drains: the next one would fare no better
        }
    }

    private void dropOld() {
        long now = now();
        ClientConnection oldest;
        while ((oldest = idle.peekFirst()) != null) {
            long left = oldest.idleSinceNanos() + idleNanos - now;
            if (left > 0) {
                oldestIdle.after(left);
                return;
            }
            idle.removeFirst();
            oldest.drop();
        }
    }

    void close() {
        closed = true;
        oldestIdle.close();
        for (ClientConnection connection : List.copyOf(idle)) {
            connection.drop();
        }
        idle.clear();
    }

    static String reason(Throwable cause) {
        String message = cause.getMessage();
        return message == null ? cause.getClass().getSimpleName() : message;
    }

    /** Loaded when first needed: it reads this Java's trust store. */
    private static final class SystemTrust {
        static final ClientTls TLS = ClientTls.system();
    }
}
