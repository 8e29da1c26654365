package io.polychip.protocol;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * A fast 64-bit hash of byte ranges, for telling prompts apart.
 *
 * <p>Folds sixteen bytes at a time by the two halves of a 128-bit product, in two independent lanes, in the manner of
 * Wang Yi's wyhash (2020). Not cryptographic: a client can make two of its own prompts collide, which gains it nothing
 * but a wrong guess where its cache lives. Same value on every machine.
 */
public final class Hash64 {
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long FIRST = 0xa0761d6478bd642fL;
    private static final long SECOND = 0xe7037ed1a0b428dbL;
    private static final long THIRD = 0x8ebc6af09c88c6e3L;
    private static final long FOURTH = 0x589965cc75374cc3L;

    private Hash64() {}

    /** Hash of a range, chained behind {@code seed}. */
    public static long of(long seed, byte[] data, int from, int to) {
        long left = seed ^ FIRST;
        long right = seed ^ THIRD;
        int i = from;
        for (; i + 32 <= to; i += 32) {
            left = mix((long) LONGS.get(data, i) ^ SECOND, (long) LONGS.get(data, i + 8) ^ left);
            right = mix((long) LONGS.get(data, i + 16) ^ FOURTH, (long) LONGS.get(data, i + 24) ^ right);
        }
        for (; i + 8 <= to; i += 8) {
            left = mix((long) LONGS.get(data, i) ^ SECOND, left);
        }
        long tail = 0;
        for (; i < to; i++) {
            tail = tail << 8 | (data[i] & 0xff);
        }
        return mix(mix(tail ^ SECOND, left), right ^ (to - from));
    }

    /** Joins two hashes; the order matters. */
    public static long join(long first, long second) {
        return mix(first ^ FIRST, second ^ FOURTH);
    }

    private static long mix(long a, long b) {
        return a * b ^ Math.unsignedMultiplyHigh(a, b);
    }
}
