package io.polychip.net;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;
import org.jspecify.annotations.Nullable;

/** A request of a {@link HttpClient} under way. All methods on the client's loop only. */
public final class HttpCall {
    final String method;
    final String path;
    final HttpHeaders headers;
    final HttpListener listener;

    private @Nullable ByteBuf body;
    private @Nullable ClientConnection connection;
    private boolean done;
    private boolean paused;
    private boolean resent;
    private boolean reused;

    HttpCall(String method, String path, HttpHeaders headers, ByteBuf body, HttpListener listener) {
        this.method = method;
        this.path = path;
        this.headers = headers;
        this.body = body;
        this.listener = listener;
    }

    /** Stops reading from the server. What was read already, and the end or failure, may still be told. */
    public void pause() {
        paused = true;
        if (connection != null) {
            connection.setReading(false);
        }
    }

    /** Reads on. */
    public void resume() {
        paused = false;
        if (connection != null) {
            connection.setReading(true);
        }
    }

    /** Closes the connection to the server at once; the listener is told nothing more. */
    public void cancel() {
        if (done) {
            return;
        }
        ClientConnection used = connection;
        finish();
        if (used != null) {
            used.drop();
        }
    }

    /** Whether the request went out on a connection that was there before it. */
    public boolean reusedConnection() {
        return reused;
    }

    boolean done() {
        return done;
    }

    boolean paused() {
        return paused;
    }

    /** On its way over a connection, which may still have to be made. */
    void assign(ClientConnection used) {
        connection = used;
        reused = used.kept();
    }

    /** The body to write; kept for a second attempt where one would be allowed. */
    ByteBuf takeBody() {
        ByteBuf taken = body;
        if (taken == null) {
            throw new IllegalStateException("The body was sent already.");
        }
        if (mayResend()) {
            return taken.retainedDuplicate();
        }
        body = null;
        return taken;
    }

    /** Only what changes nothing at the server, only once, and only where a kept connection may be to blame. */
    boolean mayResend() {
        return !resent
                && reused
                && switch (method) {
                    case "GET", "HEAD", "OPTIONS" -> true;
                    default -> false;
                };
    }

    void resending() {
        resent = true;
        connection = null;
    }

    /** No more callbacks from here on, but those the caller makes. */
    void finish() {
        done = true;
        connection = null;
        if (body != null) {
            body.release();
            body = null;
        }
    }

    void fail(HttpFailure failure) {
        if (!done) {
            finish();
            listener.failed(failure);
        }
    }
}
