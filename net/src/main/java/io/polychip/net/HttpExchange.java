package io.polychip.net;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpHeaders;
import org.jspecify.annotations.Nullable;

/**
 * One request with its whole body and its one answer: either {@link #respond}, or {@link #start}, any number of
 * {@link #write} and then {@link #finish}, {@link #breakOff} or {@link #abort}. All methods on {@link #loop()} only.
 *
 * <p>Headers given for an answer may be those of another server: {@link HopByHop} ones are dropped, and what frames the
 * body is written here. Once the client is gone everything written is dropped and released.
 */
public final class HttpExchange {
    private enum State {
        OPEN,
        STREAMING,
        ENDED
    }

    private final ServerConnection connection;
    private final RequestHead head;
    private final ByteBuf body;
    private final long arrivedNanos;
    private State state = State.OPEN;
    private boolean keepAlive;
    private boolean last;
    private boolean chunked;
    private boolean gone;
    private @Nullable Runnable writability;
    private @Nullable Runnable abandoned;

    HttpExchange(ServerConnection connection, RequestHead head, ByteBuf body, long arrivedNanos) {
        this.connection = connection;
        this.head = head;
        this.body = body;
        this.arrivedNanos = arrivedNanos;
    }

    public EventLoop loop() {
        return connection.loop();
    }

    public String method() {
        return head.method();
    }

    /** Raw request target without query, never decoded. */
    public String path() {
        return head.path();
    }

    /** Raw query without the question mark; empty when none. */
    public String query() {
        return head.query();
    }

    public HttpHeaders requestHeaders() {
        return head.headers();
    }

    /** Released by the exchange when it ends; retain to keep it longer. */
    public ByteBuf body() {
        return body;
    }

    /** When the last byte of the request arrived, on the loop's ticker. */
    public long arrivedNanos() {
        return arrivedNanos;
    }

    /** Host and port of the client. */
    public String remoteAddress() {
        return connection.remoteAddress();
    }

    /** A whole answer; the buffer is consumed. Content-Length is set here. */
    public void respond(int status, HttpHeaders headers, ByteBuf answer) {
        if (state != State.OPEN) {
            answer.release();
            requireGone("respond");
            return;
        }
        MessageWriter out = connection.writer();
        keepAlive = !last && connection.keepAlive(head);
        answerHead(out, status, headers);
        if (allowsBody(status)) {
            out.header("content-length", Integer.toString(answer.readableBytes()));
        }
        out.endOfHead();
        if (allowsBody(status) && !head.method().equals("HEAD")) {
            out.body(answer);
        } else {
            answer.release();
        }
        end();
    }

    /** Closes the connection behind this answer, and says so in its head. Called before the answer begins. */
    public void closeAfterwards() {
        last = true;
    }

    /** Begin a streamed answer (chunked). */
    public void start(int status, HttpHeaders headers) {
        if (state != State.OPEN) {
            requireGone("start");
            return;
        }
        MessageWriter out = connection.writer();
        state = State.STREAMING;
        chunked = allowsBody(status) && !head.http10();
        keepAlive = !last && connection.keepAlive(head);
        answerHead(out, status, headers);
        if (chunked) {
            out.ascii("transfer-encoding: chunked\r\n");
        }
        out.endOfHead();
        chunked &= !head.method().equals("HEAD");
    }

    /** A piece of it; consumed. Not flushed. */
    public void write(ByteBuf piece) {
        try {
            write(piece, piece.readerIndex(), piece.readableBytes());
        } finally {
            piece.release();
        }
    }

    /** A piece of it, out of a buffer that stays the caller's. Not flushed. */
    public void write(ByteBuf source, int from, int length) {
        if (state != State.STREAMING) {
            requireGone("write");
        } else if (chunked) {
            connection.writer().chunk(source, from, length);
        } else if (head.http10() && !head.method().equals("HEAD")) {
            connection.writer().body(source, from, length);
        }
    }

    /**
     * Sends what was written; inside the handler's own call it waits for the end of the read that brought the request.
     */
    public void flush() {
        if (state != State.ENDED) {
            connection.flush();
        }
    }

    /** Ends a streamed answer properly, and flushes. */
    public void finish() {
        if (state != State.STREAMING) {
            requireGone("finish");
            return;
        }
        if (chunked) {
            connection.writer().lastChunk();
        }
        end();
    }

    /**
     * Ends a streamed answer so that a client cannot take it for complete: what was written arrives, and is left alone
     * for a moment, since many clients throw away what they have not handed on yet when a body breaks off; then the
     * connection ends without the body's proper end, by a FIN and not by a reset.
     */
    public void breakOff() {
        if (state != State.STREAMING) {
            requireGone("breakOff");
            return;
        }
        state = State.ENDED;
        body.release();
        connection.breakOff();
    }

    /** Closes the connection at once, without the proper end; what was written may be lost with it. */
    public void abort() {
        if (state == State.ENDED) {
            return;
        }
        state = State.ENDED;
        body.release();
        connection.abort();
    }

    /** False while the client reads slower than we write. */
    public boolean writable() {
        return connection.writable();
    }

    /** Told on every change of {@link #writable()}. */
    public void onWritability(Runnable listener) {
        writability = listener;
    }

    /**
     * Told once when the client is gone before the answer was complete: it closed or reset the connection, or took
     * nothing for too long. A client that closes only its sending half counts as gone.
     */
    public void onAbandoned(Runnable listener) {
        abandoned = listener;
        if (gone) {
            loop().execute(listener);
        }
    }

    /** Called when the connection is gone. */
    void connectionLost() {
        if (state == State.ENDED) {
            return;
        }
        state = State.ENDED;
        gone = true;
        body.release();
        if (abandoned != null) {
            abandoned.run();
        }
    }

    /** Answered by the server itself; whatever the handler still does with this exchange is dropped. */
    void abandon() {
        state = State.ENDED;
        body.release();
    }

    void writabilityChanged() {
        if (writability != null && state != State.ENDED) {
            writability.run();
        }
    }

    /** Whether nothing of an answer was written. */
    boolean unanswered() {
        return state == State.OPEN;
    }

    private void answerHead(MessageWriter out, int status, HttpHeaders headers) {
        out.bytes(StatusLine.of(status));
        out.headers(headers);
        connection.commonHeaders(headers);
        if (!keepAlive) {
            out.ascii("connection: close\r\n");
        }
    }

    private void end() {
        state = State.ENDED;
        body.release();
        connection.answered(keepAlive);
    }

    private void requireGone(String method) {
        if (state != State.ENDED) {
            throw new IllegalStateException(
                    "%s() in state %s: an answer is respond(), or start(), write()s and finish()."
                            .formatted(method, state));
        }
    }

    private static boolean allowsBody(int status) {
        return status >= 200 && status != 204 && status != 304;
    }
}
