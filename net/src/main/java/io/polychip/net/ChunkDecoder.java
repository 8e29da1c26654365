package io.polychip.net;

import io.netty.buffer.ByteBuf;

/**
 * Takes chunked framing (RFC 9112 section 7.1) apart, however the input is cut. Extensions and trailers are dropped, as
 * the RFC allows; both are bounded, since they cost the sender nothing.
 */
final class ChunkDecoder {
    /** Returned by {@link #next} after the last chunk and the trailers. */
    static final int END = -1;

    private static final int MAX_SIZE_DIGITS = 16;
    private static final int MAX_OVERHEAD_BYTES = 16 * 1024;

    private enum State {
        SIZE,
        EXTENSION,
        SIZE_FEED,
        DATA,
        DATA_RETURN,
        DATA_FEED,
        TRAILER_START,
        TRAILER,
        TRAILER_FEED,
        LAST_FEED,
        ENDED
    }

    private final long maxBodyBytes;
    private State state = State.SIZE;
    private long remaining;
    private int sizeDigits;
    private int overheadBytes;
    private long bodyBytes;

    ChunkDecoder(long maxBodyBytes) {
        this.maxBodyBytes = maxBodyBytes;
    }

    /** Before the next message. */
    void reset() {
        state = State.SIZE;
        remaining = 0;
        sizeDigits = 0;
        overheadBytes = 0;
        bodyBytes = 0;
    }

    /**
     * The next run of payload: it begins at the reader index, which the caller must move behind it.
     *
     * @return its bytes; 0 when the input is used up; {@link #END} at the end of the message
     */
    int next(ByteBuf in) {
        while (state != State.ENDED) {
            if (!in.isReadable()) {
                return 0;
            }
            if (state == State.DATA) {
                int run = (int) Math.min(remaining, in.readableBytes());
                remaining -= run;
                if (remaining == 0) {
                    state = State.DATA_RETURN;
                }
                return run;
            }
            framing(in.readByte());
        }
        return END;
    }

    private void framing(byte b) {
        switch (state) {
            case SIZE -> size(b);
            case EXTENSION -> {
                overhead(b);
                if (b == '\r') {
                    state = State.SIZE_FEED;
                }
            }
            case SIZE_FEED -> {
                require(b, '\n');
                state = remaining > 0 ? State.DATA : State.TRAILER_START;
            }
            case DATA_RETURN -> {
                require(b, '\r');
                state = State.DATA_FEED;
            }
            case DATA_FEED -> {
                require(b, '\n');
                sizeDigits = 0;
                state = State.SIZE;
            }
            case TRAILER_START -> {
                if (b == '\r') {
                    state = State.LAST_FEED;
                } else if (Grammar.isToken(b)) {
                    state = State.TRAILER;
                } else {
                    throw MalformedHttp.syntax("A trailer line after the last chunk is not a header line.");
                }
            }
            case TRAILER -> {
                overhead(b);
                if (b == '\r') {
                    state = State.TRAILER_FEED;
                }
            }
            case TRAILER_FEED -> {
                require(b, '\n');
                state = State.TRAILER_START;
            }
            case LAST_FEED -> {
                require(b, '\n');
                state = State.ENDED;
            }
            case DATA, ENDED -> throw new IllegalStateException("No framing byte is due in state " + state);
        }
    }

    private void size(byte b) {
        int digit = Grammar.hex(b);
        if (digit >= 0) {
            if (++sizeDigits > MAX_SIZE_DIGITS || remaining > Long.MAX_VALUE >> 4) {
                throw MalformedHttp.syntax("A chunk size has too many digits.");
            }
            remaining = remaining * 16 + digit;
            return;
        }
        if (sizeDigits == 0) {
            throw MalformedHttp.syntax("A chunk size must be hexadecimal digits.");
        }
        if (b != '\r' && b != ';') {
            throw MalformedHttp.syntax("A chunk size is followed by neither CR LF nor an extension.");
        }
        bodyBytes += remaining;
        if (bodyBytes > maxBodyBytes || bodyBytes < 0) {
            throw MalformedHttp.bodyTooLarge(maxBodyBytes);
        }
        state = b == '\r' ? State.SIZE_FEED : State.EXTENSION;
    }

    private void overhead(byte b) {
        if (b != '\r' && !Grammar.isFieldByte(b)) {
            throw MalformedHttp.syntax("A chunk extension or trailer has a control character.");
        }
        if (++overheadBytes > MAX_OVERHEAD_BYTES) {
            throw MalformedHttp.syntax("Chunk extensions and trailers exceed %d bytes.".formatted(MAX_OVERHEAD_BYTES));
        }
    }

    private static void require(byte b, char expected) {
        if (b != expected) {
            throw MalformedHttp.syntax("Chunked framing is broken: CR LF is missing where a line must end.");
        }
    }
}
