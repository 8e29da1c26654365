package io.polychip.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.polychip.net.Network;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The network's own behaviour, shown with an echo server. */
class SimulatedNetworkTest {
    private static final int PORT = 7;
    private static final long SECOND = 1_000_000_000L;

    private SimulatedNetwork world = new SimulatedNetwork(1, Weather.FAIR);

    @Test
    void bytesComeBackInOrderHoweverTheyAreCut() {
        String text = "the quick brown fox ".repeat(200);
        for (int segment : new int[] {1, 3, 100, 1_448}) {
            world = new SimulatedNetwork(segment, new Weather(50_000, 20_000, segment, 700, true));
            listen(new Echo());
            Recorder recorder = new Recorder();
            Channel client = connect(recorder).channel();
            world.runFor(SECOND / 100);
            write(client, text);
            world.runFor(5 * SECOND);
            assertThat(recorder.text.toString()).isEqualTo(text);
            client.close();
            world.runFor(SECOND);
            assertThat(recorder.closed).isTrue();
            assertThat(world.buffersInUse()).isZero();
            assertThat(world.connections(PORT)).isZero();
        }
    }

    /** As a socket does: else an answer's last token and its end would come in two turns, others' news between them. */
    @Test
    void oneReadHandsOverAllThatHasArrived() {
        world = new SimulatedNetwork(1, Weather.NONE);
        Recorder server = new Recorder();
        listen(server);
        Channel client = connect(new Recorder()).channel();
        world.runFor(SECOND / 100);
        client.eventLoop().execute(() -> {
            write(client, "x".repeat(700));
            write(client, "y".repeat(9_000));
            write(client, "z");
        });
        world.runFor(SECOND);
        assertThat(server.text).hasSize(9_701);
        assertThat(server.readCompletes).isEqualTo(1);
    }

    @Test
    void theSameSeedGivesTheSameTranscriptAndAnotherSeedCutsElsewhere() {
        assertThat(transcript(5)).isEqualTo(transcript(5)).isNotEqualTo(transcript(6));
    }

    @Test
    void aReaderThatPausesMakesItsWriterWait() {
        Recorder server = new Recorder();
        listen(server);
        Channel client = connect(new Recorder()).channel();
        world.runFor(SECOND / 100);
        server.channel().config().setAutoRead(false);
        world.runFor(SECOND / 100);
        write(client, "x".repeat(1_000_000));
        world.runFor(SECOND);
        assertThat(server.text.length()).isLessThanOrEqualTo(65_536 + 65_536);
        assertThat(client.isWritable()).isFalse();
        server.channel().config().setAutoRead(true);
        world.runFor(SECOND);
        assertThat(server.text).hasSize(1_000_000);
        assertThat(client.isWritable()).isTrue();
    }

    @Test
    void aHangUpIsSeenWhileReadingIsPaused() {
        Recorder server = new Recorder();
        listen(server);
        Channel client = connect(new Recorder()).channel();
        world.runFor(SECOND / 100);
        server.channel().config().setAutoRead(false);
        client.close();
        world.runFor(SECOND / 100);
        assertThat(server.closed).isTrue();
    }

    @Test
    void aResetShowsAsAnErrorOnBothSides() {
        Recorder server = new Recorder();
        listen(server);
        Recorder client = new Recorder();
        connect(client);
        world.runFor(SECOND / 100);
        world.reset(PORT);
        world.runFor(SECOND / 100);
        assertThat(client.error).isEqualTo("Connection reset by peer");
        assertThat(server.error).isEqualTo("Connection reset by peer");
        assertThat(client.closed && server.closed).isTrue();
    }

    @Test
    void nobodyListeningAndARefusingPortAreRefusedAtOnce() {
        ChannelFuture nobody = connect(new Recorder());
        world.runFor(SECOND / 100);
        assertThat(nobody.cause()).hasMessageContaining("Connection refused");
        listen(new Echo());
        world.refuse(PORT, true);
        ChannelFuture refused = connect(new Recorder());
        world.runFor(SECOND / 100);
        assertThat(refused.cause()).hasMessageContaining("Connection refused");
    }

    @Test
    void aBlackHoleTimesOutAtTheClientsOwnPatience() {
        listen(new Echo());
        world.blackHole(PORT, true);
        ChannelFuture lost = connect(new Recorder());
        world.runFor(1_900_000_000L);
        assertThat(lost.isDone()).isFalse();
        world.runFor(SECOND);
        assertThat(lost.cause()).hasMessageContaining("timed out");
    }

    @Test
    void aCallAcrossLoopsIsQueuedNotRunInside() {
        Network node = world.node(2);
        var first = node.loops().next();
        var second = node.loops().next();
        StringBuilder order = new StringBuilder();
        first.execute(() -> {
            second.execute(() -> order.append("second "));
            order.append("first ");
        });
        world.runFor(SECOND);
        assertThat(order.toString()).isEqualTo("first second ");
    }

    @Test
    void timersFireAtTheirVirtualTime() {
        var loop = world.node(1).loops().next();
        long[] fired = new long[1];
        long start = world.nanos();
        loop.schedule(() -> fired[0] = world.nanos(), 90, TimeUnit.MINUTES);
        world.runFor(3 * 3600 * SECOND);
        assertThat(fired[0] - start).isEqualTo(90 * 60 * SECOND);
    }

    private String transcript(long seed) {
        world = new SimulatedNetwork(seed, new Weather(50_000, 30_000, 17, 500, true));
        listen(new Echo());
        Recorder recorder = new Recorder();
        Channel client = connect(recorder).channel();
        world.runFor(SECOND / 100);
        write(client, "0123456789".repeat(50));
        world.runFor(SECOND);
        return recorder.log.toString();
    }

    private void listen(ChannelHandler handler) {
        Network node = world.node(1);
        new ServerBootstrap()
                .group(node.loops())
                .channelFactory(node.serverChannels())
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(handler);
                    }
                })
                .bind(address());
        world.runFor(SECOND / 1000);
    }

    private ChannelFuture connect(Recorder recorder) {
        Network node = world.node(1);
        return new Bootstrap()
                .group(node.loops())
                .channelFactory(node.clientChannels())
                .resolver(node.resolver())
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 2_000)
                .handler(recorder)
                .connect(address());
    }

    private static InetSocketAddress address() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), PORT);
    }

    private void write(Channel channel, String text) {
        ByteBuf buffer = channel.alloc().buffer();
        buffer.writeCharSequence(text, StandardCharsets.US_ASCII);
        channel.writeAndFlush(buffer);
    }

    @ChannelHandler.Sharable
    private static final class Echo extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            context.write(message);
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            context.flush();
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext context) {
            context.channel().config().setAutoRead(context.channel().isWritable());
        }
    }

    @ChannelHandler.Sharable
    private final class Recorder extends ChannelInboundHandlerAdapter {
        private final StringBuilder text = new StringBuilder();
        private final StringBuilder log = new StringBuilder();
        private @Nullable Channel channel;
        private String error = "";
        private boolean closed;
        private int readCompletes;

        Channel channel() {
            return Objects.requireNonNull(channel);
        }

        @Override
        public void handlerAdded(ChannelHandlerContext context) {
            channel = context.channel();
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            ByteBuf buffer = (ByteBuf) message;
            log.append(world.nanos()).append(' ').append(buffer.readableBytes()).append('\n');
            text.append(buffer.toString(StandardCharsets.US_ASCII));
            buffer.release();
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            readCompletes++;
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            error = String.valueOf(cause.getMessage());
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            closed = true;
        }
    }
}
