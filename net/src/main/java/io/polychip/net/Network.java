package io.polychip.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.resolver.AddressResolverGroup;
import java.net.InetSocketAddress;
import java.time.InstantSource;
import java.util.concurrent.Executor;

/**
 * Where loops, sockets, names, memory and time come from: {@code SocketNetwork} on the machine,
 * {@code SimulatedNetwork} of the test kit on virtual time. Monotonic time is a loop's {@code ticker()}; timers are its
 * {@code schedule}.
 */
public interface Network {
    EventLoopGroup loops();

    ChannelFactory<? extends ServerChannel> serverChannels();

    ChannelFactory<? extends Channel> clientChannels();

    AddressResolverGroup<InetSocketAddress> resolver();

    ByteBufAllocator allocator();

    /** For a little that goes out soon, on a loop: what {@link #allocator()} gives, or what this loop had before. */
    default ByteBuf smallBuffer(int bytes) {
        return allocator().buffer(bytes);
    }

    /** Wall clock, for logs and certificates only. */
    InstantSource wallClock();

    /** Where blocking work goes (files, key stores); never an event loop. */
    Executor blocking();

    /** Sets what this network wants on a fresh connection of either side; sockets switch Nagle's delay off. */
    default void tune(Channel channel) {}
}
