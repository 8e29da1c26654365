package io.polychip.gateway;

import io.netty.buffer.ByteBuf;
import io.polychip.protocol.SseScanner;
import io.polychip.protocol.SseScanner.Kind;
import io.polychip.protocol.TokenUsage;
import io.polychip.protocol.Verdict;
import io.polychip.routing.Fault;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * A stream of events on its way to the client. Whole events pass as the bytes they came in, and what one read brought
 * leaves in one write.
 *
 * <p>Until the first event with something to see, everything is held back, the response head included, so that a
 * failure up to there can be made good elsewhere, unseen. Reasoning that the engine sends is something to see: a client
 * that has been shown half of one train of thought must not be given another. {@code [DONE]} is held back until nothing
 * can go wrong any more, and written by us: a cut stream never looks complete.
 */
final class StreamedAnswer implements Answer {
    /** Role, comments and the like before the first token; a stream with more is simply shown. */
    private static final int MAX_HELD_BYTES = 64 * 1024;

    private static final byte[] DONE = "data: [DONE]\n\n".getBytes(StandardCharsets.US_ASCII);

    private final Upstream upstream;
    private final ClientCall client;
    private final SseScanner scanner;
    private final boolean withholdUsage;
    private final Deque<ByteBuf> held = new ArrayDeque<>(2);
    private final SseScanner.Events events = this::event;
    private int heldBytes;
    private boolean shown;
    private boolean stopped;
    private int reported;
    private boolean written;
    // while feeding one piece: where it is in the array, and the run of events that may pass
    private ByteBuf piece;
    private int origin;
    private int runFrom;
    private int runTo;

    StreamedAnswer(Upstream upstream, boolean withholdUsage) {
        this.upstream = upstream;
        this.client = upstream.client();
        this.scanner = new SseScanner(client.scan().choices());
        this.withholdUsage = withholdUsage;
        this.piece = client.lane().nothing();
    }

    @Override
    public void data(ByteBuf next, long now) {
        piece = next;
        byte[] bytes;
        int from;
        if (next.hasArray()) {
            bytes = next.array();
            from = next.arrayOffset() + next.readerIndex();
        } else {
            bytes = client.lane().scratch(next.readableBytes());
            next.getBytes(next.readerIndex(), bytes, 0, next.readableBytes());
            from = 0;
        }
        origin = from - next.readerIndex();
        runFrom = runTo = from;
        try {
            scanner.feed(bytes, from, from + next.readableBytes(), events);
            passRun();
        } finally {
            piece = client.lane().nothing();
            next.release();
        }
        settle(now);
    }

    private void event(Kind kind, int from, int to) {
        if (stopped) {
            return;
        }
        switch (kind) {
            case VISIBLE, HIDDEN, SILENT -> pass(from, to);
            case USAGE -> {
                if (withholdUsage) {
                    skip(to);
                } else {
                    pass(from, to);
                }
            }
            case DONE, ERROR, GARBLED -> {
                skip(to);
                stopped = true;
            }
        }
    }

    private void pass(int from, int to) {
        if (scanner.pending() > 0) {
            byte[] before = scanner.carried();
            out(client.lane().allocator().buffer(before.length).writeBytes(before));
            runFrom = from;
        }
        runTo = to;
    }

    private void skip(int to) {
        passRun();
        runFrom = runTo = to;
    }

    private void passRun() {
        if (runTo > runFrom) {
            int length = runTo - runFrom;
            if (shown) {
                client.write(piece, runFrom - origin, length);
                written = true;
            } else {
                hold(piece.retainedSlice(runFrom - origin, length));
            }
            runFrom = runTo;
        }
    }

    private void out(ByteBuf bytes) {
        if (shown) {
            client.write(bytes);
            written = true;
        } else {
            hold(bytes);
        }
    }

    private void hold(ByteBuf bytes) {
        held.add(bytes);
        heldBytes += bytes.readableBytes();
    }

    private void show() {
        if (shown) {
            return;
        }
        shown = true;
        client.startStream();
        for (ByteBuf bytes = held.poll(); bytes != null; bytes = held.poll()) {
            client.write(bytes);
        }
        written = true;
    }

    /** Tells the dispatcher what the piece meant. */
    private void settle(long now) {
        int seen = tokensSeen();
        if (seen > reported) {
            int more = seen - reported;
            boolean first = reported == 0;
            reported = seen;
            show();
            if (first) {
                upstream.firstToken(true, now);
                more--;
            }
            if (more > 0 && !upstream.over()) {
                upstream.tokens(more, now);
            }
        } else if (heldBytes > MAX_HELD_BYTES) {
            show();
        }
        if (stopped && !upstream.over()) {
            conclude(now);
        }
    }

    @Override
    public void readComplete(long now) {
        if (written) {
            written = false;
            client.flush();
        }
    }

    @Override
    public void end(long now) {
        if (!stopped) {
            scanner.end((kind, from, to) -> stopped = kind == Kind.ERROR || kind == Kind.GARBLED || lastEvent(kind));
        }
        conclude(now);
    }

    /** An event that lacks its blank line passes with one. */
    private boolean lastEvent(Kind kind) {
        boolean done = kind == Kind.DONE;
        if (!done && !(kind == Kind.USAGE && withholdUsage)) {
            byte[] bytes = scanner.carried();
            out(client.lane()
                    .allocator()
                    .buffer(bytes.length + 2)
                    .writeBytes(bytes)
                    .writeByte('\n')
                    .writeByte('\n'));
        }
        return done;
    }

    private void conclude(long now) {
        Verdict verdict = scanner.verdict();
        switch (verdict) {
            case COMPLETE -> {
                show();
                client.write(client.lane().allocator().buffer(DONE.length).writeBytes(DONE));
                TokenUsage usage = scanner.usage();
                upstream.complete(usage, tokensSeen(), now);
            }
            case CUT -> upstream.fail(fault(Fault.Kind.CUT), now);
            case GARBLED -> upstream.fail(fault(Fault.Kind.GARBLED), now);
            case ERROR -> upstream.fail(fault(Fault.Kind.ERROR_IN_STREAM), now);
        }
    }

    private Fault fault(Fault.Kind kind) {
        return new Fault(kind, Upstream.OK, 0, scanner.detail());
    }

    @Override
    public int tokensSeen() {
        return scanner.visibleEvents() + scanner.hiddenEvents();
    }

    @Override
    public void release() {
        for (ByteBuf bytes = held.poll(); bytes != null; bytes = held.poll()) {
            bytes.release();
        }
    }
}
