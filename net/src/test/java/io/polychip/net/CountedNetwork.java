package io.polychip.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.resolver.AddressResolverGroup;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Real sockets whose buffers are counted: closing stops every server and client and asserts that none is left. */
final class CountedNetwork implements Network, AutoCloseable {
    private final SocketNetwork sockets;
    private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true);
    private final List<HttpServer> servers = new ArrayList<>();
    private final List<Runnable> clients = new ArrayList<>();
    private Consumer<Channel> tuned = channel -> {};

    CountedNetwork(Transport transport, int loops) {
        sockets = SocketNetwork.open(loops, transport);
    }

    CountedNetwork() {
        this(Transport.best(), 1);
    }

    /** Told of every connection when it is new. */
    void onNew(Consumer<Channel> listener) {
        tuned = listener;
    }

    HttpServer serve(ServerOptions options, HttpHandler handler) {
        HttpServer server = HttpServer.start(
                        this, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), options, handler)
                .join();
        servers.add(server);
        return server;
    }

    HttpServer serve(HttpHandler handler) {
        return serve(ServerOptions.standard(), handler);
    }

    HttpClient client(ClientOptions options) {
        EventLoop loop = loop();
        HttpClient client = new HttpClient(this, loop, options);
        clients.add(() -> on(() -> {
            client.close();
            return true;
        }));
        return client;
    }

    /** The first loop. */
    EventLoop loop() {
        return (EventLoop) sockets.loops().iterator().next();
    }

    /** Runs on the first loop and waits for the result. */
    <T> T on(Supplier<T> task) {
        return CompletableFuture.supplyAsync(task, loop())
                .orTimeout(10, TimeUnit.SECONDS)
                .join();
    }

    static URI url(int port) {
        return URI.create("http://127.0.0.1:" + port);
    }

    static URI url(HttpServer server) {
        return url(server.port());
    }

    @Override
    public EventLoopGroup loops() {
        return sockets.loops();
    }

    @Override
    public ChannelFactory<? extends ServerChannel> serverChannels() {
        return sockets.serverChannels();
    }

    @Override
    public ChannelFactory<? extends Channel> clientChannels() {
        return sockets.clientChannels();
    }

    @Override
    public AddressResolverGroup<InetSocketAddress> resolver() {
        return sockets.resolver();
    }

    @Override
    public ByteBufAllocator allocator() {
        return allocator;
    }

    @Override
    public InstantSource wallClock() {
        return sockets.wallClock();
    }

    @Override
    public Executor blocking() {
        return sockets.blocking();
    }

    @Override
    public void tune(Channel channel) {
        sockets.tune(channel);
        tuned.accept(channel);
    }

    /** Bytes in buffers that nobody has released yet. */
    long usedBytes() {
        return allocator.metric().usedDirectMemory() + allocator.metric().usedHeapMemory();
    }

    @Override
    public void close() {
        for (Runnable client : clients) {
            client.run();
        }
        for (HttpServer server : servers) {
            assertThat(server.close()).succeedsWithin(5, TimeUnit.SECONDS);
            assertThat(server.connections()).isZero();
        }
        sockets.close();
        assertThat(usedBytes()).as("bytes of buffers not released").isZero();
    }
}
