package io.polychip.net;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.EventExecutor;
import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A listening HTTP/1.1 server whose connections are spread over all loops of its network. Safe for any thread; nothing
 * here waits.
 */
public final class HttpServer {
    private final Map<EventLoop, ServerLoop> loops = new LinkedHashMap<>();
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicBoolean closing = new AtomicBoolean();
    private final CompletableFuture<Void> closed = new CompletableFuture<>();
    private @Nullable Channel listener;
    private volatile @Nullable InetSocketAddress address;

    private HttpServer(Network network, ServerOptions options, HttpHandler handler) {
        for (EventExecutor executor : network.loops()) {
            EventLoop loop = (EventLoop) executor;
            loops.put(loop, new ServerLoop(loop, network, options, handler, open, this::connectionClosed));
        }
    }

    /**
     * Listens.
     *
     * @param address port 0 for any free one
     * @return completed on a loop once the port is bound; fails with the system's exception when it is not
     */
    public static CompletableFuture<HttpServer> start(
            Network network, InetSocketAddress address, ServerOptions options, HttpHandler handler) {
        HttpServer server = new HttpServer(network, options, handler);
        CompletableFuture<HttpServer> started = new CompletableFuture<>();
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(network.loops())
                .channelFactory(network.serverChannels())
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel child) {
                        server.accept(network, options, child);
                    }
                });
        ChannelFuture bound = bootstrap.bind(address);
        server.listener = bound.channel();
        bound.addListener(done -> {
            if (done.isSuccess()) {
                server.address = (InetSocketAddress) bound.channel().localAddress();
                started.complete(server);
            } else {
                started.completeExceptionally(done.cause());
            }
        });
        return started;
    }

    private void accept(Network network, ServerOptions options, Channel child) {
        child.config().setAllocator(network.allocator());
        network.tune(child);
        child.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true); // or half a request could not be answered
        if (options.tls() != null) {
            child.pipeline().addLast(options.tls().handler(network, child));
        }
        ServerLoop loop = loops.get(child.eventLoop());
        if (loop == null) {
            throw new IllegalStateException("The network gave a connection to a loop that is not one of its own.");
        }
        child.pipeline().addLast(new ServerConnection(loop));
    }

    /** Where it listens or listened, with the port that was found. */
    public InetSocketAddress address() {
        InetSocketAddress bound = address;
        if (bound == null) {
            throw new IllegalStateException("The server was not started.");
        }
        return bound;
    }

    public int port() {
        return address().getPort();
    }

    /** Open at this moment. */
    public int connections() {
        return open.get();
    }

    /**
     * Stops listening and lets every exchange under way end, however long that takes; idle connections close after half
     * a second, within which a request just arriving is still answered.
     *
     * @return completed when the last connection is closed
     */
    public CompletableFuture<Void> drain() {
        return stop(ServerLoop::drain);
    }

    /** Stops listening and cuts every connection. May follow {@link #drain}. */
    public CompletableFuture<Void> close() {
        return stop(ServerLoop::closeAll);
    }

    private CompletableFuture<Void> stop(Consumer<ServerLoop> order) {
        listener().close().addListener(unbound -> {
            closing.set(true);
            for (ServerLoop loop : loops.values()) {
                loop.loop.execute(() -> {
                    order.accept(loop);
                    connectionClosed();
                });
            }
        });
        return closed;
    }

    private void connectionClosed() {
        if (closing.get() && open.get() == 0) {
            closed.complete(null);
        }
    }

    private Channel listener() {
        if (listener == null) {
            throw new IllegalStateException("The server was not started.");
        }
        return listener;
    }
}
