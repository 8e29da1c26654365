package io.polychip.net;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * A server's certificate and key, read from PEM files. {@link #reload} takes the files again, for connections from then
 * on. Safe for any thread.
 */
public final class ServerTls {
    private static final Duration HANDSHAKE_TIMEOUT = Duration.ofSeconds(10);

    private final Path certificateChain;
    private final Path privateKey;
    private volatile SslContext context;

    /**
     * Reads both files; blocks.
     *
     * @param certificateChain the server's certificate first, then what signed it
     * @param privateKey PKCS#8, not encrypted
     */
    public ServerTls(Path certificateChain, Path privateKey) {
        this.certificateChain = certificateChain;
        this.privateKey = privateKey;
        this.context = read();
    }

    /** Reads the files again; blocks. When they are not usable the ones read before stay and this throws. */
    public void reload() {
        context = read();
    }

    private SslContext read() {
        try (InputStream chain = Files.newInputStream(certificateChain);
                InputStream key = Files.newInputStream(privateKey)) {
            return SslContextBuilder.forServer(chain, key).build();
        } catch (IOException | IllegalArgumentException unusable) {
            throw new TlsException(
                    "The certificate %s with the key %s is not usable: %s. Allowed are PEM files, the key in PKCS#8 without password. Maybe convert it with: openssl pkcs8 -topk8 -nocrypt"
                            .formatted(certificateChain, privateKey, unusable.getMessage()),
                    unusable);
        }
    }

    ChannelHandler handler(Network network, Channel channel) {
        SslHandler handler = context.newHandler(channel.alloc(), network.blocking());
        handler.setHandshakeTimeoutMillis(HANDSHAKE_TIMEOUT.toMillis());
        return handler;
    }
}
