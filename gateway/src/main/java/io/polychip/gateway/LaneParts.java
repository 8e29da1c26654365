package io.polychip.gateway;

import io.netty.channel.EventLoop;
import io.polychip.net.ClientOptions;
import io.polychip.net.ClientTls;
import io.polychip.net.HttpClient;
import io.polychip.net.Network;
import io.polychip.routing.Board;
import io.polychip.routing.Dispatcher;
import io.polychip.routing.Host;
import io.polychip.routing.Options;
import io.polychip.routing.Roster;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link Lane} is made of.
 *
 * @param shard its row of the board
 */
record LaneParts(
        Network network,
        EventLoop loop,
        ClientOptions clientOptions,
        Metrics metrics,
        AccessLog log,
        Board board,
        int shard,
        long seed,
        Options routing,
        @Nullable String adminKey) {
    /** Trusts the platform's authorities. */
    HttpClient client() {
        return new HttpClient(network, loop, clientOptions);
    }

    HttpClient client(ClientTls trusted) {
        return new HttpClient(network, loop, clientOptions.withTls(trusted));
    }

    Dispatcher dispatcher(Host host, Roster roster, long dispatcherSeed) {
        return new Dispatcher(
                host,
                roster,
                board,
                shard,
                dispatcherSeed,
                routing,
                loop.ticker().nanoTime());
    }
}
