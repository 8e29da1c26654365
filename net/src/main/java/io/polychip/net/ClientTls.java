package io.polychip.net;

import io.netty.channel.Channel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Whom a client trusts. The name in the certificate must be the host's, or the one {@link #expecting} says. Safe for
 * any thread.
 */
public final class ClientTls {
    private final SslContext context;
    private final @Nullable String serverName;

    private ClientTls(SslContext context, @Nullable String serverName) {
        this.context = context;
        this.serverName = serverName;
    }

    /** The same trust in servers whose certificates carry this name, whatever address they are reached by. */
    public ClientTls expecting(String name) {
        return new ClientTls(context, name);
    }

    /** What this Java trusts by default. */
    public static ClientTls system() {
        return read(null);
    }

    /** Only servers certified by one of the certificates in a PEM file; blocks. */
    public static ClientTls trusting(Path certificates) {
        return read(certificates);
    }

    private static ClientTls read(@Nullable Path certificates) {
        SslContextBuilder builder = SslContextBuilder.forClient().endpointIdentificationAlgorithm("HTTPS");
        try {
            if (certificates == null) {
                return new ClientTls(builder.build(), null);
            }
            try (InputStream pem = Files.newInputStream(certificates)) {
                return new ClientTls(builder.trustManager(pem).build(), null);
            }
        } catch (SSLException | IllegalArgumentException unusable) {
            throw unusable(certificates, unusable);
        } catch (IOException unreadable) {
            throw unusable(certificates, unreadable);
        }
    }

    private static TlsException unusable(@Nullable Path certificates, Exception cause) {
        return new TlsException(
                "The trusted certificates %s are not usable: %s. Allowed is a file of PEM certificates."
                        .formatted(certificates == null ? "of this Java" : certificates, cause.getMessage()),
                cause);
    }

    SslHandler handler(Network network, Channel channel, String host, int port) {
        SslHandler handler =
                context.newHandler(channel.alloc(), serverName == null ? host : serverName, port, network.blocking());
        handler.setHandshakeTimeoutMillis(0); // the connect time-out covers it
        return handler;
    }
}
