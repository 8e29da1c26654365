package io.polychip.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.polychip.net.RequestReader.Progress;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One client's connection: reads requests one after the other, hands each to the handler when it is whole, and reads
 * the next only when the answer is complete. What a client pipelines meanwhile waits in one bounded buffer.
 *
 * <p>Reading goes on while an answer is under way, so that a client that hangs up is noticed at once on every
 * transport. Input that is no valid HTTP is answered with one {@link Refusal} and the connection closes: after an
 * unclear boundary nothing that follows can be trusted.
 */
final class ServerConnection extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = System.getLogger(ServerConnection.class.getName());

    /** Pipelined bytes taken from the socket while an answer is under way. */
    private static final int BACKLOG_BYTES = 64 * 1024;

    /** How long input is still read and dropped after a refusal, so that a reset does not overtake the answer. */
    private static final Duration LINGER = Duration.ofSeconds(1);

    /** Between the last of an answer that breaks off and its break, see {@link HttpExchange#breakOff}. */
    private static final Duration LAST_WORD = Duration.ofMillis(250);

    private static final Duration DRAIN_GRACE = Duration.ofMillis(500);

    private enum Phase {
        READING,
        ANSWERING,
        LINGERING,
        CLOSED
    }

    private final ServerLoop shared;
    private final ServerLimits limits;
    private final RequestReader reader;
    private final Deadline deadline;

    private Phase phase = Phase.READING;
    private Progress progress = Progress.NOTHING;
    private @Nullable ChannelHandlerContext context;
    private @Nullable MessageWriter writer;
    private @Nullable ByteBuf held;
    private @Nullable HttpExchange exchange;
    private boolean advancing;
    private boolean insideRead;
    private boolean flushDue;
    private boolean inputEnded;

    ServerConnection(ServerLoop shared) {
        this.shared = shared;
        this.limits = shared.options.limits();
        this.reader = new RequestReader(shared);
        this.deadline = new Deadline(shared.loop, this::expired);
    }

    // ---- what an exchange asks for

    EventLoop loop() {
        return shared.loop;
    }

    String remoteAddress() {
        SocketAddress address = context().channel().remoteAddress();
        return address instanceof InetSocketAddress inet
                ? inet.getAddress().getHostAddress() + ":" + inet.getPort()
                : String.valueOf(address);
    }

    MessageWriter writer() {
        if (writer == null) {
            throw new IllegalStateException("The connection is not open yet.");
        }
        return writer;
    }

    boolean writable() {
        return context().channel().isWritable();
    }

    boolean keepAlive(RequestHead request) {
        return request.keepAlive() && !shared.draining();
    }

    void commonHeaders(HttpHeaders headers) {
        if (!headers.contains(HttpHeaderNames.DATE)) {
            writer().bytes(shared.date());
        }
    }

    void flush() {
        if (insideRead) {
            flushDue = true;
        } else {
            writer().flush();
        }
    }

    void answered(boolean keepAlive) {
        exchange = null;
        flush();
        if (!keepAlive || shared.draining()) {
            closeWhenWritten();
            return;
        }
        phase = Phase.READING;
        deadline.after(limits.idleTimeout().toNanos());
        advance();
    }

    /** Ends without the proper end of a body, but not before the client could read what there is of it. */
    void breakOff() {
        exchange = null;
        phase = Phase.LINGERING;
        releaseInput();
        deadline.after(limits.stallTimeout().toNanos());
        setReading(true);
        writer().flush();
        context().writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(written -> {
            if (phase != Phase.CLOSED) {
                deadline.after(LAST_WORD.plus(LINGER).toNanos());
                shared.loop.schedule(this::endOutput, LAST_WORD.toNanos(), TimeUnit.NANOSECONDS);
            }
        });
    }

    /** Closes at once; what was written before is still offered to the socket. */
    void abort() {
        if (phase != Phase.CLOSED) {
            writer().flush();
            context().close();
        }
    }

    /** Takes no new request after the one under way; a request that is just arriving still gets its answer. */
    void drain() {
        if (phase == Phase.READING && progress == Progress.NOTHING) {
            deadline.after(DRAIN_GRACE.toNanos());
        }
    }

    // ---- what the channel tells

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
        context = added;
        writer = new MessageWriter(added, shared.network);
    }

    @Override
    public void channelActive(ChannelHandlerContext active) {
        if (shared.opened(this)) {
            deadline.after(limits.idleTimeout().toNanos());
            if (shared.draining()) {
                drain();
            }
        } else {
            refuse(new MalformedHttp(503, "too_many_connections", "Too many open connections. Maybe retry later."));
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext from, Object message) {
        ByteBuf in = (ByteBuf) message;
        insideRead = true;
        if (phase == Phase.LINGERING || phase == Phase.CLOSED) {
            in.release();
            return;
        }
        if (held == null) {
            held = in;
        } else {
            held.discardSomeReadBytes();
            held.writeBytes(in);
            in.release();
        }
        advance();
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext from) {
        insideRead = false;
        if (flushDue) {
            flushDue = false;
            writer().flush();
        }
    }

    /** A client that sends no more is gone, unless it waits to hear what its half request was worth. */
    @Override
    public void userEventTriggered(ChannelHandlerContext from, Object event) {
        if (!(event instanceof ChannelInputShutdownEvent)) {
            from.fireUserEventTriggered(event);
            return;
        }
        inputEnded = true;
        if (phase == Phase.READING && progress != Progress.NOTHING) {
            refuse(new MalformedHttp(
                    400,
                    "request_incomplete",
                    "The connection ended in the middle of the request's %s. Maybe Content-Length is larger than the body."
                            .formatted(progress == Progress.HEAD ? "head" : "body")));
        } else if (phase == Phase.LINGERING) {
            linger();
        } else {
            from.close();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext from) {
        if (phase == Phase.CLOSED) {
            return;
        }
        boolean writable = writable();
        if (exchange != null) {
            if (writable) {
                deadline.none();
            } else {
                deadline.after(limits.stallTimeout().toNanos());
            }
            exchange.writabilityChanged();
        } else if (writable) {
            advance();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext from) {
        phase = Phase.CLOSED;
        deadline.close();
        releaseInput();
        writer().release();
        shared.closed(this);
        HttpExchange cut = exchange;
        exchange = null;
        if (cut != null) {
            cut.connectionLost();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext from, Throwable cause) {
        if (cause instanceof IOException || cause instanceof DecoderException) {
            // Resets and failed handshakes are the client's doing, and the latter's message may quote its bytes.
            LOG.log(Level.DEBUG, "{0}: {1}", remoteAddress(), cause.getClass().getSimpleName());
        } else {
            LOG.log(Level.WARNING, "Closing the connection of " + remoteAddress(), cause);
        }
        from.close();
    }

    // ---- requests

    /** Goes on as far as the input reaches; never entered twice, so answers given inside a handler do not recurse. */
    private void advance() {
        if (advancing) {
            return;
        }
        advancing = true;
        try {
            boolean more = true;
            while (more && phase == Phase.READING && held != null && held.isReadable() && mayRead()) {
                more = proceeded(reader.read(held, context().alloc()));
            }
        } catch (MalformedHttp refused) {
            refuse(refused);
        } finally {
            advancing = false;
        }
        if (held != null && !held.isReadable()) {
            held.release();
            held = null;
        }
        boolean full = held != null && held.readableBytes() >= BACKLOG_BYTES;
        boolean waiting = phase == Phase.ANSWERING || (phase == Phase.READING && !writable());
        setReading(!(full && waiting));
    }

    private void setReading(boolean on) {
        Channel channel = context().channel();
        if (channel.config().isAutoRead() != on) {
            channel.config().setAutoRead(on);
        }
    }

    /** No new request while the client does not take the answers it has; one half read is within its limits anyway. */
    private boolean mayRead() {
        return progress != Progress.NOTHING || writable();
    }

    /** Each part of a request has its own time, counted from its beginning. @return whether to look for another */
    private boolean proceeded(Progress to) {
        boolean moved = to != progress;
        progress = to;
        return switch (to) {
            case WHOLE -> {
                dispatch(reader.takeHead(), reader.takeBody());
                yield true;
            }
            case HEAD -> {
                if (moved) {
                    deadline.after(limits.headTimeout().toNanos());
                }
                yield false;
            }
            case BODY -> {
                if (moved) {
                    deadline.after(limits.bodyTimeout().toNanos());
                    sayContinue();
                }
                yield false;
            }
            case NOTHING -> false;
        };
    }

    /** Only to who waits for it: a body that came along needs none. */
    private void sayContinue() {
        if (reader.head().expectContinue() && held != null && !held.isReadable()) {
            writer().ascii("HTTP/1.1 100 Continue\r\n\r\n");
            flush();
        }
    }

    private void dispatch(RequestHead request, ByteBuf whole) {
        deadline.none();
        phase = Phase.ANSWERING;
        progress = Progress.NOTHING;
        HttpExchange current =
                new HttpExchange(this, request, whole, shared.loop.ticker().nanoTime());
        exchange = current;
        try {
            shared.handler.handle(current);
        } catch (RuntimeException thrown) {
            LOG.log(Level.ERROR, "The handler of " + request.method() + " " + request.path() + " threw", thrown);
            if (exchange == current && current.unanswered()) {
                refuse(new MalformedHttp(500, "internal_error", "This server failed. Its log says why."));
            } else {
                current.abort();
            }
        }
    }

    // ---- endings

    private void expired() {
        if (phase != Phase.READING || progress == Progress.NOTHING) {
            context().close();
            return;
        }
        boolean inHead = progress == Progress.HEAD;
        refuse(new MalformedHttp(
                408,
                "request_timeout",
                "The request %s was not complete after %s."
                        .formatted(inHead ? "head" : "body", inHead ? limits.headTimeout() : limits.bodyTimeout())));
    }

    private void refuse(MalformedHttp refused) {
        HttpExchange cut = exchange;
        exchange = null;
        releaseInput();
        phase = Phase.LINGERING;
        Refusal refusal = new Refusal(refused.status(), refused.code(), refused.reason(), remoteAddress());
        byte[] json = shared.options.refusalBody().apply(refusal).getBytes(StandardCharsets.UTF_8);
        MessageWriter out = writer();
        out.bytes(StatusLine.of(refused.status()));
        out.ascii("content-type: application/json\r\nconnection: close\r\n");
        out.bytes(shared.date());
        out.header("content-length", Integer.toString(json.length));
        out.endOfHead();
        out.bytes(json);
        out.flush();
        if (cut != null) {
            cut.abandon();
        }
        linger();
    }

    /** A close with unread input would be a reset, which may destroy the answer on its way: read on for a moment. */
    private void linger() {
        setReading(true);
        deadline.after(LINGER.toNanos());
        ChannelFuture written = context().writeAndFlush(Unpooled.EMPTY_BUFFER);
        if (inputEnded) {
            written.addListener(ChannelFutureListener.CLOSE);
        } else {
            written.addListener(done -> endOutput());
        }
    }

    /** A FIN behind all that was written. Under TLS only closing says so, and that waits for the deadline. */
    private void endOutput() {
        if (phase != Phase.CLOSED
                && context().channel() instanceof DuplexChannel duplex
                && shared.options.tls() == null) {
            duplex.shutdownOutput();
        }
    }

    private void closeWhenWritten() {
        phase = Phase.LINGERING;
        releaseInput();
        deadline.after(limits.stallTimeout().toNanos());
        writer().flush();
        context().writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    }

    private void releaseInput() {
        if (held != null) {
            held.release();
            held = null;
        }
        reader.release();
    }

    private ChannelHandlerContext context() {
        if (context == null) {
            throw new IllegalStateException("The connection is not open yet.");
        }
        return context;
    }
}
