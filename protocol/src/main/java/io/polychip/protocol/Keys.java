package io.polychip.protocol;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Finds the constant of an enum whose lower-case name is a key of a JSON object, without making a string of it.
 *
 * <p>An open-addressed table at a quarter of its size, so a miss usually costs one probe. Immutable; any thread.
 */
final class Keys<E extends Enum<E>> {
    private final byte[][] names;
    private final E[] constants;
    private final byte[] slots;
    private final int mask;

    Keys(E[] constants) {
        this.constants = constants;
        this.names = new byte[constants.length][];
        this.slots = new byte[Integer.highestOneBit(constants.length) * 8];
        this.mask = slots.length - 1;
        Arrays.fill(slots, (byte) -1);
        for (int i = 0; i < constants.length; i++) {
            names[i] = wireName(constants[i]).getBytes(StandardCharsets.UTF_8);
            int slot = slot(names[i], 0, names[i].length);
            while (slots[slot] >= 0) {
                slot = (slot + 1) & mask;
            }
            slots[slot] = (byte) i;
        }
    }

    static String wireName(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    /** The constant for the key that the cursor read last, or null. */
    @Nullable
    E find(JsonCursor cursor) {
        if (cursor.stringEscaped()) {
            byte[] plain = cursor.text().getBytes(StandardCharsets.UTF_8);
            return find(plain, 0, plain.length);
        }
        return find(cursor.data(), cursor.stringFrom(), cursor.stringTo());
    }

    private @Nullable E find(byte[] data, int from, int to) {
        if (from == to) {
            return null;
        }
        for (int slot = slot(data, from, to); slots[slot] >= 0; slot = (slot + 1) & mask) {
            byte[] name = names[slots[slot]];
            if (Arrays.equals(name, 0, name.length, data, from, to)) {
                return constants[slots[slot]];
            }
        }
        return null;
    }

    private int slot(byte[] data, int from, int to) {
        int length = to - from;
        int mixed = length * 31 + data[from] * 131 + data[to - 1] * 1_031 + data[from + (length >> 1)] * 8_191;
        return (mixed ^ mixed >>> 7) & mask;
    }
}
