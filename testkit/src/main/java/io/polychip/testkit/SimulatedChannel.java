package io.polychip.testkit;

import io.netty.buffer.ByteBuf;
import io.netty.channel.AbstractChannel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.EventLoop;
import io.netty.channel.IoEvent;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One end of a connection in a {@link SimulatedNetwork}: a window, an inbox of segments, FIN and RST, as a stream
 * socket shows them to Netty.
 *
 * <p>Bytes leave in {@link #doWrite} while the peer's window has room and arrive in order after the network's latency.
 * Reading gives room back, again after the latency. Closing with unread bytes resets the peer, as TCP does.
 */
final class SimulatedChannel extends AbstractChannel {
    private static final ChannelMetadata METADATA = new ChannelMetadata(false, 16);

    private final SimulatedNetwork world;
    private final SimulatedConfig config;
    private final Queue<byte[]> inbox = new ArrayDeque<>();
    private final Queue<Runnable> early = new ArrayDeque<>();
    private int servicePort;
    private @Nullable SimulatedChannel peer;
    private @Nullable InetSocketAddress local;
    private @Nullable InetSocketAddress remote;
    private @Nullable IoRegistration registration;
    private int headOffset;
    private boolean finArrived;
    private boolean resetArrived;
    private boolean readPending;
    private boolean readReported;
    private boolean writeBlocked;
    private int unread;
    private long lastArrivalNanos;
    private boolean open = true;
    private boolean active;

    /** A client's end, not yet connected. */
    SimulatedChannel(SimulatedNetwork world) {
        this(world, null);
    }

    private SimulatedChannel(SimulatedNetwork world, @Nullable SimulatedServerChannel parent) {
        super(parent, new SimulatedId(world.nextChannel()));
        this.world = world;
        this.config = new SimulatedConfig(this, world.allocator());
    }

    /** The server's end of a connection that {@code client} asked for. */
    static SimulatedChannel accepted(SimulatedServerChannel server, SimulatedChannel client) {
        SimulatedChannel end = new SimulatedChannel(client.world, server);
        end.peer = client;
        end.servicePort = client.servicePort;
        end.local = client.remote;
        end.remote = client.local;
        end.active = true;
        client.world.opened(end);
        return end;
    }

    /** Port of the listening side of this connection. */
    int servicePort() {
        return servicePort;
    }

    /** The network breaks: this end learns of a reset. */
    void breakDown() {
        at(world.nanos(), this::resetReceived);
    }

    @Override
    public ChannelConfig config() {
        return config;
    }

    @Override
    public ChannelMetadata metadata() {
        return METADATA;
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public boolean isActive() {
        return active;
    }

    @Override
    protected boolean isCompatible(EventLoop loop) {
        return loop instanceof SimulatedLoop;
    }

    @Override
    protected AbstractUnsafe newUnsafe() {
        return new Unsafe();
    }

    @Override
    protected @Nullable SocketAddress localAddress0() {
        return local;
    }

    @Override
    protected @Nullable SocketAddress remoteAddress0() {
        return remote;
    }

    @Override
    protected void doRegister(ChannelPromise promise) {
        ((IoEventLoop) eventLoop()).register((Unsafe) unsafe()).addListener(done -> {
            registration = (IoRegistration) done.getNow();
            promise.setSuccess();
            for (Runnable event = early.poll(); event != null; event = early.poll()) {
                report(event);
            }
        });
    }

    @Override
    protected void doDeregister() {
        IoRegistration was = registration;
        registration = null;
        if (was != null) {
            was.cancel();
        }
    }

    @Override
    protected void doBind(SocketAddress address) {
        local = (InetSocketAddress) address;
    }

    @Override
    protected void doDisconnect() {
        doClose();
    }

    @Override
    protected void doClose() {
        if (!open) {
            return;
        }
        open = false;
        boolean wasConnected = active;
        active = false;
        boolean abort = unread > 0 || config.resetOnClose();
        inbox.clear();
        world.closed(this);
        SimulatedChannel other = peer;
        if (wasConnected && other != null && !resetArrived) {
            transmit(other, abort ? other::resetReceived : other::finReceived);
        }
    }

    @Override
    protected void doBeginRead() {
        readPending = true;
        reportRead();
    }

    @Override
    protected void doWrite(ChannelOutboundBuffer out) {
        SimulatedChannel other = peer;
        while (out.current() instanceof ByteBuf message) {
            int length = message.readableBytes();
            if (length == 0) {
                out.remove();
                continue;
            }
            int room = other == null ? 0 : world.weather().windowBytes() - other.unread;
            if (other == null || room <= 0) {
                writeBlocked = true;
                return;
            }
            int taken = Math.min(segment(length), room);
            byte[] segment = new byte[taken];
            message.getBytes(message.readerIndex(), segment);
            other.unread += taken; // counted from the moment it is sent: it is the window's
            transmit(other, () -> other.received(segment));
            out.removeBytes(taken); // last: it may complete promises that close the channel
        }
    }

    private int segment(int length) {
        int most = Math.min(length, world.weather().maxSegmentBytes());
        return odd() ? 1 + world.random().nextInt(most) : most;
    }

    private boolean odd() {
        return world.weather().maxSegmentBytes() < 1_448;
    }

    /** Carries a packet to the other end, behind all earlier ones. */
    private void transmit(SimulatedChannel to, Runnable arrival) {
        Weather weather = world.weather();
        long jitter = weather.jitterNanos() == 0 ? 0 : world.random().nextLong(weather.jitterNanos());
        lastArrivalNanos = Math.max(lastArrivalNanos, world.nanos() + weather.latencyNanos() + jitter);
        to.at(lastArrivalNanos, arrival);
    }

    /** On this channel's loop at that time, unless the network swallows it. */
    private void at(long nanos, Runnable arrival) {
        world.after(nanos - world.nanos(), () -> {
            if (!world.swallows(servicePort)) {
                report(arrival);
            }
        });
    }

    private void report(Runnable event) {
        if (isRegistered()) {
            ((SimulatedLoop) eventLoop()).report(event);
        } else if (open) {
            early.add(event); // accepted, not yet handed to its loop
        }
    }

    private void received(byte[] segment) {
        if (!open) {
            unread -= segment.length;
            SimulatedChannel other = peer;
            if (other != null) {
                transmit(other, other::resetReceived);
            }
            return;
        }
        inbox.add(segment);
        reportRead();
    }

    private void finReceived() {
        finArrived = true;
        reportRead();
    }

    private void resetReceived() {
        if (!open || resetArrived) {
            return;
        }
        resetArrived = true;
        pipeline().fireExceptionCaught(new IOException("Connection reset by peer"));
        unsafe().close(voidPromise());
    }

    private void reportRead() {
        boolean something = !inbox.isEmpty() || finArrived;
        boolean hangUp = finArrived && inbox.isEmpty() && world.weather().hangUpSeenWhilePaused();
        if (something && !readReported && open && (readPending || hangUp) && isRegistered()) {
            readReported = true;
            ((SimulatedLoop) eventLoop()).report(() -> ((Unsafe) unsafe()).read());
        }
    }

    /** Takes what has arrived, as a socket does; in odd weather one segment at a time, so that readers see them. */
    private int take(ByteBuf into) {
        if (inbox.isEmpty()) {
            return finArrived ? -1 : 0;
        }
        int taken = 0;
        do {
            taken += takeHead(into);
        } while (!odd() && !inbox.isEmpty() && into.isWritable());
        unread -= taken;
        SimulatedChannel other = peer;
        if (other != null && other.writeBlocked) {
            transmit(other, ((Unsafe) other.unsafe())::windowOpened);
        }
        return taken;
    }

    private int takeHead(ByteBuf into) {
        byte[] head = inbox.element();
        int taken = Math.min(into.writableBytes(), head.length - headOffset);
        into.writeBytes(head, headOffset, taken);
        headOffset += taken;
        if (headOffset == head.length) {
            inbox.remove();
            headOffset = 0;
        }
        return taken;
    }

    private final class Unsafe extends AbstractUnsafe implements SimulatedLoop.SimulatedHandle {
        private @Nullable ChannelPromise connecting;
        private @Nullable Future<?> connectTimeout;

        @Override
        public void handle(IoRegistration ignored, IoEvent event) {
            throw new IllegalStateException("Simulated channels report by themselves.");
        }

        @Override
        public void close() {
            close(voidPromise());
        }

        @Override
        public void connect(SocketAddress to, @Nullable SocketAddress from, ChannelPromise promise) {
            if (!promise.setUncancellable() || !ensureOpen(promise)) {
                return;
            }
            remote = (InetSocketAddress) to;
            servicePort = remote.getPort();
            local = new InetSocketAddress(InetAddress.getLoopbackAddress(), world.freePort());
            connecting = promise;
            int patience = config.getConnectTimeoutMillis();
            if (patience > 0) {
                connectTimeout = eventLoop()
                        .schedule(
                                () -> failConnect(new ConnectTimeoutException("connection timed out: " + to)),
                                patience,
                                TimeUnit.MILLISECONDS);
            }
            long latency = world.weather().latencyNanos();
            world.after(latency, () -> {
                if (world.swallows(servicePort)) {
                    return;
                }
                SimulatedServerChannel server = world.listener(servicePort);
                if (server == null) {
                    at(world.nanos() + latency, () -> failConnect(new ConnectException("Connection refused: " + to)));
                } else if (open) {
                    SimulatedChannel end = accepted(server, SimulatedChannel.this);
                    peer = end;
                    server.arrived(end);
                    at(world.nanos() + latency, this::connected);
                }
            });
        }

        private void connected() {
            ChannelPromise promise = connecting;
            if (promise == null || !open) {
                return;
            }
            connecting = null;
            stopTimeout();
            active = true;
            world.opened(SimulatedChannel.this);
            boolean wanted = promise.trySuccess();
            pipeline().fireChannelActive();
            if (!wanted) {
                close(voidPromise());
            }
        }

        private void failConnect(Exception cause) {
            ChannelPromise promise = connecting;
            connecting = null;
            stopTimeout();
            if (promise != null) {
                promise.tryFailure(cause);
                closeIfClosed();
                close(voidPromise());
            }
        }

        private void stopTimeout() {
            Future<?> timeout = connectTimeout;
            connectTimeout = null;
            if (timeout != null) {
                timeout.cancel(false);
            }
        }

        @Override
        protected void flush0() {
            if (!writeBlocked) {
                super.flush0();
            }
        }

        private void windowOpened() {
            if (writeBlocked && open) {
                writeBlocked = false;
                super.flush0();
            }
        }

        /** Reads as NIO does: up to what the receive allocator allows in one go, then the end if it has come. */
        private void read() {
            readReported = false;
            boolean hangUp = finArrived && inbox.isEmpty();
            if (!open || (!readPending && !hangUp)) {
                return;
            }
            var handle = recvBufAllocHandle(); // its type's name is deprecated, the method is not
            handle.reset(config);
            boolean end = false;
            do {
                ByteBuf buffer = handle.allocate(config.getAllocator());
                handle.attemptedBytesRead(buffer.writableBytes());
                handle.lastBytesRead(take(buffer));
                if (handle.lastBytesRead() <= 0) {
                    buffer.release();
                    end = handle.lastBytesRead() < 0;
                    break;
                }
                handle.incMessagesRead(1);
                readPending = false;
                pipeline().fireChannelRead(buffer);
            } while (open && handle.continueReading());
            handle.readComplete();
            pipeline().fireChannelReadComplete();
            if (end) {
                close(voidPromise());
            } else {
                reportRead();
            }
        }
    }
}
