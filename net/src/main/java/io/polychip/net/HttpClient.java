package io.polychip.net;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpHeaders;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Sends requests from one event loop, with keep-alive connections per origin. Everything happens on that loop, this
 * class's methods included; make one per loop.
 *
 * <p>A listener is never called from inside {@link #send} or a method of {@link HttpCall}, always on a later turn.
 *
 * <p>A kept connection that turns out dead before the first byte of an answer fails with
 * {@link HttpFailure.Kind#STALE}. GET, HEAD and OPTIONS are then sent once more on a fresh connection; anything else
 * might run twice, so that is left to the caller.
 */
public final class HttpClient {
    private final Network network;
    private final EventLoop loop;
    private final ClientOptions options;
    private final Map<URI, Origin> origins = new LinkedHashMap<>();

    public HttpClient(Network network, EventLoop loop, ClientOptions options) {
        this.network = network;
        this.loop = loop;
        this.options = options;
    }

    /**
     * Sends one request.
     *
     * @param base {@code http} or {@code https}, a host, perhaps a port and a path that is put before {@code path}
     * @param path raw, beginning with a slash, its query included
     * @param headers written but for {@link HopByHop} ones; Host is set from {@code base} unless given
     * @param body the whole body, consumed; may be empty
     */
    public HttpCall send(
            URI base, String method, String path, HttpHeaders headers, ByteBuf body, HttpListener listener) {
        Origin origin = origins.get(base);
        if (origin == null) {
            origin = new Origin(network, loop, options, base);
            origins.put(base, origin);
        }
        HttpCall call = new HttpCall(method, path, headers, body, listener);
        origin.send(call);
        return call;
    }

    /** Kept connections without a request. */
    public int idleConnections() {
        int idle = 0;
        for (Origin origin : origins.values()) {
            idle += origin.idleConnections();
        }
        return idle;
    }

    /** Closes idle connections of an origin that is no longer used. */
    public void forget(URI base) {
        Origin origin = origins.remove(base);
        if (origin != null) {
            origin.close();
        }
    }

    /** Closes idle connections now and busy ones after their answer. */
    public void close() {
        for (Origin origin : origins.values()) {
            origin.close();
        }
        origins.clear();
    }
}
