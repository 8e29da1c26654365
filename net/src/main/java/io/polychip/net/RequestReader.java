package io.polychip.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

/**
 * Puts one request after the other together from input cut anywhere, and refuses what is malformed or over its limits
 * by throwing {@link MalformedHttp}. Looks at every byte once; a body is copied once, into one buffer that grows with
 * what has really arrived.
 */
final class RequestReader {
    /** How far the request that is due has come. */
    enum Progress {
        /** Not a byte of it. */
        NOTHING,
        /** Inside its head. */
        HEAD,
        /** Inside its body. */
        BODY,
        /** Whole: to be taken by {@link #takeHead} and {@link #takeBody}. */
        WHOLE
    }

    private static final int FIRST_BODY_BYTES = 64 * 1024;
    private static final int FIRST_CHUNKED_BYTES = 1024;

    private final ServerLoop shared;
    private final ServerLimits limits;
    private final HeadScanner scanner;
    private final ChunkDecoder chunks;

    private @Nullable RequestHead head;
    private @Nullable ByteBuf body;
    private long remaining;
    private boolean blankLineSkipped;

    RequestReader(ServerLoop shared) {
        this.shared = shared;
        this.limits = shared.options.limits();
        this.scanner = new HeadScanner(limits.maxHeadBytes());
        this.chunks = new ChunkDecoder(limits.maxBodyBytes());
    }

    /** Reads on, at most to the end of this request; what belongs to the next stays in the buffer. */
    Progress read(ByteBuf in, ByteBufAllocator allocator) {
        if (head == null) {
            Progress before = readHead(in, allocator);
            if (before != Progress.BODY) {
                return before;
            }
        }
        return readBody(in);
    }

    /** The head of the request, which is whole or whose body is being read. */
    RequestHead head() {
        if (head == null) {
            throw new IllegalStateException("No request was read.");
        }
        return head;
    }

    RequestHead takeHead() {
        RequestHead taken = head();
        head = null;
        return taken;
    }

    /** The caller's to release. */
    ByteBuf takeBody() {
        ByteBuf taken = body;
        body = null;
        return taken == null ? Unpooled.EMPTY_BUFFER : taken;
    }

    /** Gives up what was read so far. */
    void release() {
        head = null;
        if (body != null) {
            body.release();
            body = null;
        }
    }

    private Progress readHead(ByteBuf in, ByteBufAllocator allocator) {
        int length = findHead(in);
        if (length < 0) {
            return in.isReadable() ? Progress.HEAD : Progress.NOTHING;
        }
        byte[] copy = shared.scratch(length);
        in.readBytes(copy, 0, length);
        blankLineSkipped = false;
        RequestHead parsed = RequestHead.parse(copy, length);
        if (parsed.contentLength() > limits.maxBodyBytes()) {
            throw MalformedHttp.bodyTooLarge(limits.maxBodyBytes());
        }
        if (parsed.method().equals("CONNECT")) {
            throw MalformedHttp.unsupported(501, "CONNECT is not offered: this is no forward proxy.");
        }
        head = parsed;
        if (parsed.chunked()) {
            chunks.reset();
            body = allocator.buffer(FIRST_CHUNKED_BYTES);
        } else if (parsed.contentLength() > 0) {
            remaining = parsed.contentLength();
            body = allocator.buffer((int) Math.min(remaining, FIRST_BODY_BYTES));
        } else {
            return Progress.WHOLE;
        }
        return Progress.BODY;
    }

    /**
     * @return bytes of the head, -1 when its end is not there. RFC 9112 section 2.2 forgives one empty line before it
     */
    private int findHead(ByteBuf in) {
        while (in.isReadable()) {
            byte first = in.getByte(in.readerIndex());
            if (!Grammar.isToken(first) && first != '\r' && first != '\n') {
                throw MalformedHttp.syntax(
                        "A request begins with the byte 0x%02x. Maybe TLS was spoken to a plain port."
                                .formatted(first));
            }
            int length = scanner.find(in);
            if (length != 2) {
                return length;
            }
            if (blankLineSkipped) {
                throw MalformedHttp.syntax("More than one empty line before a request.");
            }
            blankLineSkipped = true;
            in.skipBytes(2);
        }
        return -1;
    }

    private Progress readBody(ByteBuf in) {
        ByteBuf into = body;
        if (into == null) {
            throw new IllegalStateException("No body is due.");
        }
        if (head().chunked()) {
            int run;
            while ((run = chunks.next(in)) > 0) {
                into.writeBytes(in, run);
            }
            return run == ChunkDecoder.END ? Progress.WHOLE : Progress.BODY;
        }
        int run = (int) Math.min(remaining, in.readableBytes());
        grow(into, run);
        into.writeBytes(in, run);
        remaining -= run;
        return remaining == 0 ? Progress.WHOLE : Progress.BODY;
    }

    /** By fours, since the length was announced: a prompt of 220 KB is moved once. */
    private void grow(ByteBuf into, int run) {
        if (into.writableBytes() < run) {
            long wanted = Math.max(4L * into.capacity(), into.readableBytes() + (long) run);
            into.capacity((int) Math.min(wanted, into.readableBytes() + remaining));
        }
    }
}
