package io.polychip.testkit;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.DefaultChannelConfig;
import java.util.Set;

/** Takes the socket options a server or client sets. Only {@code SO_LINGER 0} means anything here: close resets. */
final class SimulatedConfig extends DefaultChannelConfig {
    private static final Set<ChannelOption<?>> IGNORED = Set.of(
            ChannelOption.TCP_NODELAY,
            ChannelOption.SO_KEEPALIVE,
            ChannelOption.SO_BACKLOG,
            ChannelOption.SO_REUSEADDR,
            ChannelOption.SO_RCVBUF,
            ChannelOption.SO_SNDBUF,
            ChannelOption.ALLOW_HALF_CLOSURE,
            ChannelOption.TCP_FASTOPEN_CONNECT);

    private boolean resetOnClose;

    SimulatedConfig(Channel channel, ByteBufAllocator allocator) {
        super(channel);
        setAllocator(allocator);
    }

    boolean resetOnClose() {
        return resetOnClose;
    }

    @Override
    public <T> boolean setOption(ChannelOption<T> option, T value) {
        if (option.equals(ChannelOption.SO_LINGER)) {
            resetOnClose = value.equals(0);
            return true;
        }
        return IGNORED.contains(option) || super.setOption(option, value);
    }
}
