package io.polychip.net;

import io.netty.resolver.AddressResolver;
import io.netty.resolver.AddressResolverGroup;
import io.netty.resolver.InetNameResolver;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Promise;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.Executor;

/** Asks the system's resolver on another thread, since it blocks; the answer arrives on the loop that asked. */
final class OffLoopResolverGroup extends AddressResolverGroup<InetSocketAddress> {
    private final Executor blocking;

    OffLoopResolverGroup(Executor blocking) {
        this.blocking = blocking;
    }

    @Override
    protected AddressResolver<InetSocketAddress> newResolver(EventExecutor loop) {
        return new OffLoopResolver(loop, blocking).asAddressResolver();
    }

    private static final class OffLoopResolver extends InetNameResolver {
        private final Executor blocking;

        OffLoopResolver(EventExecutor loop, Executor blocking) {
            super(loop);
            this.blocking = blocking;
        }

        @Override
        protected void doResolve(String host, Promise<InetAddress> answer) {
            InetAddress literal = NetUtil.createInetAddressFromIpAddressString(host);
            if (literal != null) {
                answer.trySuccess(literal);
                return;
            }
            blocking.execute(() -> {
                try {
                    answer.trySuccess(InetAddress.getByName(host));
                } catch (UnknownHostException unknown) {
                    answer.tryFailure(unknown);
                }
            });
        }

        @Override
        protected void doResolveAll(String host, Promise<List<InetAddress>> answer) {
            blocking.execute(() -> {
                try {
                    answer.trySuccess(List.of(InetAddress.getAllByName(host)));
                } catch (UnknownHostException unknown) {
                    answer.tryFailure(unknown);
                }
            });
        }
    }
}
