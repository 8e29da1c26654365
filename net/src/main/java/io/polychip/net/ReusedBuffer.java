package io.polychip.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.concurrent.FastThreadLocal;
import org.jspecify.annotations.Nullable;

/**
 * A small buffer that one loop uses again and again as long as nobody keeps it, so that streamed events neither visit
 * the pool nor leave the processor's cache. On its loop only.
 */
final class ReusedBuffer {
    private final ByteBufAllocator allocator;
    private final int bytes;
    private @Nullable ByteBuf buffer;
    private boolean closed;

    ReusedBuffer(ByteBufAllocator allocator, int bytes) {
        this.allocator = allocator;
        this.bytes = bytes;
    }

    /** One for each thread that asks, closed with it. */
    static FastThreadLocal<ReusedBuffer> perLoop(ByteBufAllocator allocator, int bytes) {
        return new FastThreadLocal<>() {
            @Override
            protected ReusedBuffer initialValue() {
                return new ReusedBuffer(allocator, bytes);
            }

            @Override
            protected void onRemoval(ReusedBuffer ended) {
                ended.close();
            }
        };
    }

    /** Empty, and the caller's to release. While anybody holds it, or when it had to grow, the next gets another. */
    ByteBuf take() {
        ByteBuf last = buffer;
        if (last != null && last.refCnt() == 1 && last.capacity() == bytes) {
            return last.clear().retain();
        }
        release();
        ByteBuf fresh = allocator.directBuffer(bytes);
        if (!closed) {
            buffer = fresh.retain();
        }
        return fresh;
    }

    /** Keeps none from now on. */
    void close() {
        closed = true;
        release();
    }

    private void release() {
        if (buffer != null) {
            buffer.release();
            buffer = null;
        }
    }
}
