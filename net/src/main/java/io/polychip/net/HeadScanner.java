package io.polychip.net;

import io.netty.buffer.ByteBuf;

/**
 * Finds the empty line that ends a message's head, looking at every byte once however the input is cut. Every line feed
 * must follow a carriage return: a lone one, which servers behind us might take for a line's end, is refused at sight.
 */
final class HeadScanner {
    private final int maxBytes;
    private int scanned;
    private int lineStart;

    HeadScanner(int maxBytes) {
        this.maxBytes = maxBytes;
    }

    /** @return bytes of the head including its empty line, or -1 when the end is not there yet; 2 for no head at all */
    int find(ByteBuf in) {
        int base = in.readerIndex();
        int available = in.readableBytes();
        int limit = base + Math.min(available, maxBytes);
        int from = base + scanned;
        while (from < limit) {
            int feed = in.indexOf(from, limit, (byte) '\n');
            if (feed < 0) {
                break;
            }
            if (feed == base || in.getByte(feed - 1) != '\r') {
                throw MalformedHttp.syntax("A line of the head ends in a bare line feed; it must end in CR LF.");
            }
            boolean empty = feed - 1 == base + lineStart;
            lineStart = feed + 1 - base;
            if (empty) {
                int length = lineStart;
                reset();
                return length;
            }
            from = feed + 1;
        }
        if (available >= maxBytes) {
            throw MalformedHttp.headTooLarge(maxBytes);
        }
        scanned = available;
        return -1;
    }

    /** Before the next head. */
    void reset() {
        scanned = 0;
        lineStart = 0;
    }
}
