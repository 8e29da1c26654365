package io.polychip.testkit;

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

/** Resolves literal addresses and {@code localhost}; every other name is unknown. Never asks the machine. */
final class SimulatedNames extends InetNameResolver {
    static final AddressResolverGroup<InetSocketAddress> GROUP = new AddressResolverGroup<>() {
        @Override
        protected AddressResolver<InetSocketAddress> newResolver(EventExecutor executor) {
            return new SimulatedNames(executor).asAddressResolver();
        }
    };

    private SimulatedNames(EventExecutor executor) {
        super(executor);
    }

    @Override
    protected void doResolve(String name, Promise<InetAddress> promise) {
        byte[] bytes = NetUtil.createByteArrayFromIpAddressString(name.equals("localhost") ? "127.0.0.1" : name);
        if (bytes == null) {
            promise.setFailure(new UnknownHostException(name));
            return;
        }
        try {
            promise.setSuccess(InetAddress.getByAddress(name, bytes));
        } catch (UnknownHostException impossible) {
            promise.setFailure(impossible);
        }
    }

    @Override
    protected void doResolveAll(String name, Promise<List<InetAddress>> promise) {
        Promise<InetAddress> one = executor().newPromise();
        doResolve(name, one);
        if (one.isSuccess()) {
            promise.setSuccess(List.of(one.getNow()));
        } else {
            promise.setFailure(one.cause());
        }
    }
}
