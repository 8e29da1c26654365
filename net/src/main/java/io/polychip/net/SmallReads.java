package io.polychip.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.util.UncheckedBooleanSupplier;
import io.netty.util.concurrent.FastThreadLocal;

/**
 * What sockets are read into: one buffer per loop for connections that bring little at a time, as streams do; Netty's
 * guess for others. For transports that read when there is something to read, not for those that lend a buffer to the
 * kernel beforehand.
 */
final class SmallReads implements RecvByteBufAllocator {
    /** Holds some ten events; a piece of it that goes on by reference keeps at most this alive. */
    private static final int BYTES = 4096;

    private final AdaptiveRecvByteBufAllocator adaptive = new AdaptiveRecvByteBufAllocator();
    private final FastThreadLocal<ReusedBuffer> ofLoop;

    SmallReads(ByteBufAllocator allocator) {
        ofLoop = ReusedBuffer.perLoop(allocator, BYTES);
    }

    @Override
    @SuppressWarnings("deprecation") // ExtendedHandle is what transports ask for
    public Handle newHandle() {
        return new Guess((ExtendedHandle) adaptive.newHandle());
    }

    @SuppressWarnings("deprecation")
    private final class Guess extends DelegatingHandle implements ExtendedHandle {
        private final ExtendedHandle guess;

        Guess(ExtendedHandle guess) {
            super(guess);
            this.guess = guess;
        }

        @Override
        public ByteBuf allocate(ByteBufAllocator allocator) {
            return guess.guess() <= BYTES ? ofLoop.get().take() : guess.allocate(allocator);
        }

        @Override
        public boolean continueReading(UncheckedBooleanSupplier maybeMoreData) {
            return guess.continueReading(maybeMoreData);
        }
    }
}
