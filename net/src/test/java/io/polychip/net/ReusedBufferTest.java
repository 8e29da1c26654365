package io.polychip.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator;
import org.junit.jupiter.api.Test;

final class ReusedBufferTest {
    private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true);
    private final ReusedBuffer reused = new ReusedBuffer(allocator, 64);

    @Test
    void whatNobodyKeptIsHandedOutAgainEmpty() {
        ByteBuf first = reused.take().writeLong(1);
        first.release();

        ByteBuf second = reused.take();

        assertThat(second).isSameAs(first);
        assertThat(second.readableBytes()).isZero();
        second.release();
        closesWithoutALeak();
    }

    @Test
    void whatSomebodyKeepsIsNotWrittenOver() {
        ByteBuf first = reused.take().writeLong(1);
        ByteBuf kept = first.retainedSlice();
        first.release();

        reused.take().writeLong(2).release();

        assertThat(kept.readLong()).isEqualTo(1);
        kept.release();
        closesWithoutALeak();
    }

    @Test
    void whatHadToGrowIsNotKept() {
        ByteBuf grown = reused.take().writeZero(100);
        grown.release();

        ByteBuf next = reused.take();

        assertThat(next.capacity()).isEqualTo(64);
        next.release();
        closesWithoutALeak();
    }

    @Test
    void afterTheEndThereAreBuffersButNoneIsKept() {
        reused.close();

        reused.take().release();

        assertThat(allocator.metric().usedDirectMemory()).isZero();
    }

    @Test
    @SuppressWarnings("deprecation") // Handle is what transports ask for
    void aConnectionThatBringsMuchIsReadIntoLargerBuffers() {
        RecvByteBufAllocator.Handle reads = new SmallReads(allocator).newHandle();
        ByteBuf small = reads.allocate(allocator);
        for (int i = 0; i < 3; i++) {
            reads.attemptedBytesRead(64 * 1024);
            reads.lastBytesRead(64 * 1024);
            reads.readComplete();
        }

        ByteBuf large = reads.allocate(allocator);

        assertThat(large.capacity()).isGreaterThan(small.capacity());
        small.release();
        large.release();
    }

    private void closesWithoutALeak() {
        reused.close();
        assertThat(allocator.metric().usedDirectMemory()).isZero();
    }
}
