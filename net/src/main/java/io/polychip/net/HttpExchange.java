package io.polychip.net;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpHeaders;

/** One request with its whole body and its one answer. All methods on {@link #loop()} only. */
public abstract class HttpExchange {
    public abstract EventLoop loop();

    public abstract String method();

    /** Raw request target without query, never decoded. */
    public abstract String path();

    /** Raw query without the question mark; empty when none. */
    public abstract String query();

    public abstract HttpHeaders requestHeaders();

    /** Released by the exchange when it ends; retain to keep it longer. */
    public abstract ByteBuf body();

    /** When the last byte of the request arrived, on the loop's ticker. */
    public abstract long arrivedNanos();

    public abstract String remoteAddress();

    /** A whole answer; the buffer is consumed. Content-Length is set here. */
    public abstract void respond(int status, HttpHeaders headers, ByteBuf body);

    /** Begin a streamed answer (chunked). */
    public abstract void start(int status, HttpHeaders headers);

    /** A piece of it; consumed. Not flushed. */
    public abstract void write(ByteBuf piece);

    public abstract void flush();

    /** Ends a streamed answer properly. */
    public abstract void finish();

    /** Closes the connection without the proper end, so that a client cannot take what it has for complete. */
    public abstract void abort();

    /** False while the client reads slower than we write. */
    public abstract boolean writable();

    /** Told on every change of {@link #writable()}. */
    public abstract void onWritability(Runnable listener);

    /** Told once when the client is gone before the answer was complete. */
    public abstract void onAbandoned(Runnable listener);
}
