package io.polychip.testkit;

import io.netty.channel.AbstractServerChannel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelId;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.channel.IoEvent;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/** A listening port of a {@link SimulatedNetwork}. Connections wait in a backlog until it reads. */
final class SimulatedServerChannel extends AbstractServerChannel {
    private final SimulatedNetwork world;
    private final SimulatedConfig config;
    private final Queue<SimulatedChannel> backlog = new ArrayDeque<>();
    private @Nullable InetSocketAddress local;
    private @Nullable IoRegistration registration;
    private boolean readPending;
    private boolean open = true;

    SimulatedServerChannel(SimulatedNetwork world) {
        this.world = world;
        this.config = new SimulatedConfig(this, world.allocator());
    }

    /** A client has connected. */
    void arrived(SimulatedChannel connection) {
        backlog.add(connection);
        ((SimulatedLoop) eventLoop()).report(this::accept);
    }

    private void accept() {
        boolean any = false;
        while (open && readPending && !backlog.isEmpty()) {
            any = true;
            pipeline().fireChannelRead(backlog.remove());
        }
        if (any) {
            readPending = config.isAutoRead();
            pipeline().fireChannelReadComplete();
        }
    }

    @Override
    protected ChannelId newId() {
        return new SimulatedId(
                0); // asked for before the world is known; one listener per port, never in a map with others
    }

    @Override
    public ChannelConfig config() {
        return config;
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public boolean isActive() {
        return open && local != null;
    }

    @Override
    protected boolean isCompatible(EventLoop loop) {
        return loop instanceof SimulatedLoop;
    }

    @Override
    protected @Nullable SocketAddress localAddress0() {
        return local;
    }

    @Override
    protected void doBind(SocketAddress address) throws BindException {
        InetSocketAddress wanted = (InetSocketAddress) address;
        int port = wanted.getPort() == 0 ? world.freePort() : wanted.getPort();
        world.listen(port, this);
        local = new InetSocketAddress(wanted.getAddress(), port);
    }

    @Override
    protected void doClose() {
        open = false;
        if (local != null) {
            world.silence(local.getPort());
        }
        while (!backlog.isEmpty()) {
            backlog.remove().breakDown();
        }
    }

    @Override
    protected void doBeginRead() {
        readPending = true;
        if (!backlog.isEmpty()) {
            ((SimulatedLoop) eventLoop()).report(this::accept);
        }
    }

    @Override
    protected void doRegister(ChannelPromise promise) {
        ((IoEventLoop) eventLoop()).register(new Handle()).addListener(done -> {
            registration = (IoRegistration) done.getNow();
            promise.setSuccess();
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

    private final class Handle implements SimulatedLoop.SimulatedHandle {
        @Override
        public void handle(IoRegistration ignored, IoEvent event) {
            throw new IllegalStateException("Simulated channels report by themselves.");
        }

        @Override
        public void close() {
            unsafe().close(voidPromise());
        }
    }
}
