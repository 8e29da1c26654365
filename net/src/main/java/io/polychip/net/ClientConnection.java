package io.polychip.net;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import java.net.SocketException;
import org.jspecify.annotations.Nullable;

/**
 * One connection to a server, serving one call after the other. An answer's body is handed on in the buffers it was
 * read into: chunked payload is moved together in place, so that however many chunks one read brought, one piece comes
 * out of it. On the loop only.
 */
final class ClientConnection extends ChannelInboundHandlerAdapter {
    private static final int MAX_REMARKS = 16;

    private enum Phase {
        IDLE,
        HEAD,
        LENGTH,
        CHUNKED,
        UNTIL_CLOSE
    }

    private final Origin origin;
    private final HeadScanner scanner;
    private final ChunkDecoder chunks = new ChunkDecoder(Long.MAX_VALUE);

    private Phase phase = Phase.IDLE;
    private @Nullable Channel channel;
    private @Nullable MessageWriter writer;
    private @Nullable HttpCall call;
    private @Nullable ByteBuf held;
    private boolean sending;
    private boolean keepAlive;
    private boolean answerBegun;
    private boolean delivered;
    private boolean closedProperly;
    private long remaining;
    private long idleSinceNanos;
    private int remarks;
    private boolean kept;
    private boolean used;
    private byte[] scratch = {};

    ClientConnection(Origin origin) {
        this.origin = origin;
        this.scanner = new HeadScanner(origin.maxHeadBytes());
    }

    // ---- what origin and call ask for

    /** Whether it has waited for a call, so that the server may have closed it meanwhile. */
    boolean kept() {
        return kept;
    }

    /** Whether a call has ever gone over it. */
    boolean used() {
        return used;
    }

    long idleSinceNanos() {
        return idleSinceNanos;
    }

    boolean usable() {
        return channel().isActive();
    }

    void connecting(Channel fresh) {
        channel = fresh;
    }

    /** @param waiting null for a spare */
    void connectFailed(@Nullable HttpCall waiting, String detail) {
        channel().close();
        if (waiting != null) {
            waiting.fail(new HttpFailure(HttpFailure.Kind.CONNECT, detail));
        }
    }

    /** @param waiting null for a spare */
    void connected(@Nullable HttpCall waiting) {
        if (waiting == null) {
            keep();
        } else if (waiting.done()) {
            channel().close();
        } else {
            begin(waiting);
        }
    }

    private void keep() {
        kept = true;
        idleSinceNanos = origin.now();
        origin.keep(this);
    }

    void begin(HttpCall next) {
        call = next;
        used = true;
        next.assign(this);
        phase = Phase.HEAD;
        answerBegun = false;
        remarks = 0;
        MessageWriter out = writer();
        ByteBuf body = next.takeBody();
        out.ascii(next.method);
        out.ascii(" ");
        out.ascii(origin.prefix);
        out.ascii(next.path);
        out.ascii(" HTTP/1.1\r\n");
        if (!next.headers.contains(HttpHeaderNames.HOST)) {
            out.header("host", origin.authority);
        }
        out.headers(next.headers);
        if (body.isReadable() || !next.method.equals("GET")) {
            out.header("content-length", Integer.toString(body.readableBytes()));
        }
        out.endOfHead();
        out.body(body);
        sending = true;
        out.flush();
        sending = false;
        if (next.paused()) {
            setReading(false);
        }
    }

    void setReading(boolean on) {
        channel().config().setAutoRead(on);
    }

    /** Closes at once and says nothing to anybody. */
    void drop() {
        call = null;
        phase = Phase.IDLE;
        channel().close();
    }

    // ---- what the channel tells

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        channel = context.channel();
        writer = new MessageWriter(context, origin.network);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf in = (ByteBuf) message;
        if (call == null) {
            in.release();
            context.close(); // nobody asked: whatever this is, the next answer would be taken for it
            return;
        }
        if (held != null) {
            held.writeBytes(in);
            in.release();
            in = held;
            held = null;
        }
        try {
            read(in);
        } catch (MalformedHttp malformed) {
            fail(HttpFailure.Kind.MALFORMED, malformed.reason());
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        HttpCall current = call;
        if (current != null && delivered) {
            delivered = false;
            current.listener.readComplete();
            if (call == current) {
                origin.streaming();
            }
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        closedProperly |= event instanceof SslCloseCompletionEvent completion && completion.isSuccess();
        context.fireUserEventTriggered(event);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        releaseHeld();
        writer().release();
        if (call == null) {
            origin.lost(this);
        } else if (phase == Phase.UNTIL_CLOSE && (!origin.tls() || closedProperly)) {
            complete();
        } else {
            fail(HttpFailure.Kind.RESET, answerBegun ? "closed inside the answer" : "closed before any answer");
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        String detail = cause instanceof SocketException ? "reset by the server" : Origin.reason(cause);
        if (call == null || sending) {
            context.close(); // and channelInactive tells, on a later turn
        } else {
            fail(HttpFailure.Kind.RESET, detail);
        }
    }

    // ---- the answer

    /**
     * Consumes what one read brought; the buffer goes to the listener, waits for the rest of a head, or is released.
     */
    private void read(ByteBuf in) {
        try {
            while (phase == Phase.HEAD && in.isReadable()) {
                int length = scanner.find(in);
                if (length < 0) {
                    held = in.retain();
                    return;
                }
                if (scratch.length < length) {
                    scratch = new byte[length];
                }
                in.readBytes(scratch, 0, length);
                head(ResponseHead.parse(scratch, length));
            }
            if (call != null && in.isReadable()) {
                body(in.retain());
            }
        } finally {
            in.release();
        }
    }

    private void head(ResponseHead head) {
        HttpCall current = requireCall();
        if (head.informational()) {
            if (head.status() == 101 || ++remarks > MAX_REMARKS) {
                throw MalformedHttp.syntax("An answer with status %d, unasked.".formatted(head.status()));
            }
            return;
        }
        answerBegun = true;
        delivered = true;
        keepAlive = head.keepAlive();
        boolean empty = head.bodiless(current.method) || head.contentLength() == 0;
        if (head.chunked()) {
            chunks.reset();
            phase = Phase.CHUNKED;
        } else if (head.contentLength() >= 0) {
            remaining = head.contentLength();
            phase = Phase.LENGTH;
        } else {
            keepAlive = keepAlive && empty;
            phase = Phase.UNTIL_CLOSE;
        }
        current.listener.head(head.status(), head.headers());
        if (empty && call == current) {
            complete();
        }
    }

    private void body(ByteBuf in) {
        HttpCall current = requireCall();
        boolean ended = false;
        if (phase == Phase.LENGTH) {
            ended = in.readableBytes() >= remaining;
            keepAlive = keepAlive && in.readableBytes() <= remaining;
            in.writerIndex(in.readerIndex() + (int) Math.min(remaining, in.readableBytes()));
            remaining -= in.readableBytes();
        } else if (phase == Phase.CHUNKED) {
            try {
                ended = joinChunks(in);
            } catch (MalformedHttp malformed) {
                in.release();
                throw malformed;
            }
        }
        delivered = true;
        if (in.isReadable()) {
            current.listener.data(in);
        } else {
            in.release();
        }
        if (ended && call == current) {
            complete();
        }
    }

    /** Moves the payload of all chunks in the buffer together. @return whether the answer ended in it */
    private boolean joinChunks(ByteBuf in) {
        int start = in.readerIndex();
        int end = start;
        int run;
        while ((run = chunks.next(in)) > 0) {
            int from = in.readerIndex();
            if (end == start) {
                start = from;
                end = from;
            } else if (from != end) {
                in.setBytes(end, in, from, run);
            }
            end += run;
            in.readerIndex(from + run);
        }
        keepAlive = keepAlive && !in.isReadable();
        in.setIndex(start, end);
        return run == ChunkDecoder.END;
    }

    private void complete() {
        HttpCall finished = requireCall();
        call = null;
        phase = Phase.IDLE;
        ChannelOutboundBuffer unsent = channel().unsafe().outboundBuffer();
        if (keepAlive && usable() && unsent != null && unsent.isEmpty()) {
            setReading(true);
            keep();
        } else {
            channel().close();
        }
        finished.finish();
        finished.listener.end();
    }

    private void fail(HttpFailure.Kind kind, String detail) {
        HttpCall failed = requireCall();
        call = null;
        phase = Phase.IDLE;
        releaseHeld();
        channel().close();
        boolean stale = kind == HttpFailure.Kind.RESET && !answerBegun && kept;
        if (stale && failed.mayResend()) {
            origin.sendAgain(failed);
        } else {
            failed.fail(new HttpFailure(stale ? HttpFailure.Kind.STALE : kind, detail));
        }
    }

    private void releaseHeld() {
        if (held != null) {
            held.release();
            held = null;
        }
    }

    private Channel channel() {
        if (channel == null) {
            throw new IllegalStateException("There is no channel yet.");
        }
        return channel;
    }

    private MessageWriter writer() {
        if (writer == null) {
            throw new IllegalStateException("There is no channel yet.");
        }
        return writer;
    }

    private HttpCall requireCall() {
        if (call == null) {
            throw new IllegalStateException("No call is under way on this connection.");
        }
        return call;
    }
}
