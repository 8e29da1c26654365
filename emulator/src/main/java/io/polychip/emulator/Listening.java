package io.polychip.emulator;

import io.polychip.net.HttpServer;
import io.polychip.net.Network;
import io.polychip.net.ServerOptions;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A replica's port: open, shut to newcomers, or dead, always with the number it had first. Home loop only, but for
 * {@link #port}.
 */
final class Listening {
    private static final System.Logger LOG = System.getLogger(Listening.class.getName());
    private static final long RETRY_MILLIS = 20;
    private static final int RETRIES = 250;

    private final EmulatedReplica replica;
    private final Network network;
    private final List<HttpServer> retired = new ArrayList<>();
    private volatile int port;
    private boolean wanted = true;
    private boolean starting;
    private @Nullable HttpServer server;

    Listening(EmulatedReplica replica, Network network, int port) {
        this.replica = replica;
        this.network = network;
        this.port = port;
    }

    int port() {
        return port;
    }

    CompletableFuture<Void> start() {
        return bind().thenAccept(started -> {
            server = started;
            port = started.port();
        });
    }

    private CompletableFuture<HttpServer> bind() {
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        return HttpServer.start(network, address, ServerOptions.standard(), replica);
    }

    /** Makes the port what the faults in force want it to be. */
    void apply(boolean open, boolean dead) {
        wanted = open;
        HttpServer current = server;
        if (dead) {
            replica.driver.lose();
            if (current != null) {
                current.close();
                server = null;
            }
            retired.forEach(HttpServer::close);
            retired.clear();
        } else if (!open && current != null) {
            current.drain();
            retired.add(current);
            server = null;
        } else if (open && current == null && !starting) {
            starting = true;
            reopen(RETRIES);
        }
    }

    /** The old socket may take a moment to go. */
    private void reopen(int retries) {
        bind().whenCompleteAsync(
                        (started, failure) -> {
                            if (failure == null) {
                                starting = false;
                                if (wanted) {
                                    server = started;
                                } else {
                                    started.close();
                                }
                            } else if (retries > 0 && wanted) {
                                replica.home.schedule(() -> reopen(retries - 1), RETRY_MILLIS, TimeUnit.MILLISECONDS);
                            } else {
                                starting = false;
                                LOG.log(
                                        System.Logger.Level.ERROR,
                                        "{0}/{1} cannot listen on port {2} again: {3}",
                                        replica.pool.name(),
                                        replica.number,
                                        Integer.toString(port),
                                        failure instanceof CompletionException wrapped ? wrapped.getCause() : failure);
                            }
                        },
                        replica.home);
    }

    CompletableFuture<Void> close() {
        wanted = false;
        retired.forEach(HttpServer::close);
        HttpServer current = server;
        server = null;
        return current == null ? CompletableFuture.completedFuture(null) : current.close();
    }

    /** Where clients find it, with the path the fleet's own URL had. */
    URI url(URI original) {
        String path = original.getRawPath() == null ? "" : original.getRawPath();
        return URI.create("http://127.0.0.1:" + port + path);
    }
}
