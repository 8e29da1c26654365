package io.polychip.routing;

import java.util.Arrays;

/**
 * Where prompts' beginnings were sent, so that a conversation finds the replica that still holds its cache.
 *
 * <p>Keys are chained hashes: the hash of a boundary covers everything before it, so finding the longest known
 * beginning is a binary search over the boundaries. Each entry names up to three replicas; one that would need a fourth
 * is marked common (a shared system prompt): it counts as present everywhere and pulls nobody anywhere. A
 * set-associative table of fixed size, least recently used of eight ways leaves: memory is a constant, there are no
 * tombstones and no growth. Replica indexes up to 65,000.
 *
 * <p>A long prompt touches dozens of sets at random, so what counts is how many cache lines a set takes and that they
 * are asked for together: keys and holders of a set lie side by side, its order of use is one word of eight nibbles, a
 * way is found without branches, and all sets of a prompt are touched before the first of them is changed.
 */
final class PrefixIndex {
    private static final int WAYS = 8;
    /** Keys, then what they stand for. */
    private static final int SET_LONGS = 2 * WAYS;

    private static final int SET_BYTES = 8 * SET_LONGS + 4;
    private static final int SLOT_BITS = 16;
    private static final long SLOT = 0xFFFF;
    private static final int SLOTS = 3;
    private static final long HOLDERS = (1L << (SLOTS * SLOT_BITS)) - 1;
    private static final long COMMON = 1L << 63;
    private static final int MOST_BOUNDARIES = 512;

    /** An unused set's order: the first way goes first. */
    private static final int FRESH_ORDER = 0x0123_4567;

    private static final int EVERY_NIBBLE = 0x1111_1111;

    /**
     * Set by set eight keys, 0 where a way is empty, and eight holders. Of those the low 48 bits are three replicas,
     * each index + 1, newest lowest.
     */
    private final long[] table;

    /** The ways of each set as nibbles, most recently used lowest. */
    private final int[] orders;

    private final int setMask;

    /** Where the sets of the boundaries at hand begin. */
    private final int[] bases = new int[MOST_BOUNDARIES + 1];

    /** What {@link #find} found: the deepest boundary somebody holds, and the deepest common one. */
    private long deepHolders;

    private int deepTokens;
    private int commonTokens;

    /** @param bytes hard cap of the table, rounded down to a power of two of sets */
    PrefixIndex(int bytes) {
        int sets = Integer.highestOneBit(Math.max(1, bytes / SET_BYTES));
        table = new long[sets * SET_LONGS];
        orders = new int[sets];
        Arrays.fill(orders, FRESH_ORDER);
        setMask = sets - 1;
    }

    int bytes() {
        return orders.length * SET_BYTES;
    }

    /** Looks a request up; the answers below are about it until the next call. O(log boundaries). */
    void find(Ask ask) {
        deepHolders = 0;
        deepTokens = 0;
        commonTokens = 0;
        long[] hashes = ask.prefixHashes();
        if (hashes.length == 0) {
            findConversation(ask);
            return;
        }
        int low = 0;
        int high = hashes.length;
        while (low < high) { // the first boundary that is not known
            int middle = (low + high) >>> 1;
            if (slot(hashes[middle]) >= 0) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        for (int i = low - 1; i >= 0 && (deepTokens == 0 || commonTokens == 0) && i >= low - 8; i--) {
            int slot = slot(hashes[i]);
            if (slot < 0) {
                continue;
            }
            used(slot);
            long holders = table[slot + WAYS];
            if (holders < 0) {
                commonTokens = ask.prefixTokens()[i];
                break;
            }
            if (deepTokens == 0) {
                deepHolders = holders;
                deepTokens = ask.prefixTokens()[i];
            }
        }
    }

    private void findConversation(Ask ask) {
        if (ask.conversation() == 0) {
            return;
        }
        int slot = slot(conversationKey(ask));
        if (slot >= 0 && table[slot + WAYS] > 0) {
            used(slot);
            deepHolders = table[slot + WAYS];
            deepTokens = ask.promptTokens() / 2; // a turn adds to what was there; usage will tell how much was kept
        }
    }

    /** The replica that got this beginning last, -1 for none. */
    int home() {
        return (int) (deepHolders & SLOT) - 1;
    }

    /** The one before it, -1 for none. @param nth 0 is {@link #home} */
    int holder(int nth) {
        return (int) ((deepHolders >>> (nth * SLOT_BITS)) & SLOT) - 1;
    }

    /** Tokens of the request that a replica probably keeps. */
    int cachedTokens(int replica) {
        for (long rest = deepHolders; rest != 0; rest >>>= SLOT_BITS) {
            if ((rest & SLOT) == replica + 1) {
                return Math.max(deepTokens, commonTokens);
            }
        }
        return commonTokens;
    }

    /** The request went there; its beginnings will be there. */
    void sent(Ask ask, int replica) {
        long[] hashes = ask.prefixHashes();
        if (hashes.length == 0) {
            if (ask.conversation() != 0) {
                long key = conversationKey(ask);
                put(key(key), base(key(key)), replica, false);
            }
            return;
        }
        int stride = 1 + hashes.length / MOST_BOUNDARIES;
        int count = approach(hashes, stride);
        for (int i = 0; i < count; i++) {
            put(key(hashes[i * stride]), bases[i], replica, true);
        }
        long last = key(hashes[hashes.length - 1]);
        put(last, base(last), replica, true);
    }

    /** Computes where the sets of every {@code stride}-th boundary begin and brings them nearer, all at once. */
    private int approach(long[] hashes, int stride) {
        int count = 0;
        long seen = 0;
        for (int i = 0; i < hashes.length; i += stride) {
            int base = base(key(hashes[i]));
            bases[count++] = base;
            seen += table[base] + table[base + WAYS] + table[base + SET_LONGS - 1];
        }
        bases[count] = (int) seen; // or the compiler would leave the reads out
        return count;
    }

    /** The engine kept nothing of it after all. */
    void forget(Ask ask, int replica) {
        for (long hash : ask.prefixHashes()) {
            int slot = slot(hash);
            if (slot >= 0 && table[slot + WAYS] > 0) {
                table[slot + WAYS] = without(table[slot + WAYS], replica);
            }
        }
    }

    private void put(long key, int base, int replica, boolean mayBeCommon) {
        int way = way(key, base);
        int order = orders[base / SET_LONGS];
        if (way == WAYS) {
            way = order >>> (4 * (WAYS - 1));
            table[base + way] = key;
            table[base + WAYS + way] = replica + 1L;
        } else if (table[base + WAYS + way] >= 0) {
            table[base + WAYS + way] = with(table[base + WAYS + way], replica, mayBeCommon);
        }
        orders[base / SET_LONGS] = toFront(order, way);
    }

    /** A way has been used. @param slot where its key is */
    private void used(int slot) {
        int set = slot / SET_LONGS;
        orders[set] = toFront(orders[set], slot % SET_LONGS);
    }

    /** The order with that way moved to its lowest nibble. */
    private static int toFront(int order, int way) {
        int differs = order ^ (way * EVERY_NIBBLE);
        int zero = (differs - EVERY_NIBBLE) & ~differs & 0x8888_8888; // the lowest is exact, and there is one
        int ahead = (Integer.lowestOneBit(zero) >>> 3) - 1; // all nibbles below the way's
        int moved = ((order & ahead) << 4) | way;
        return (order & ~((ahead << 4) | 0xF)) | moved;
    }

    private static long with(long holders, int replica, boolean mayBeCommon) {
        long others = without(holders, replica);
        boolean full = others >>> ((SLOTS - 1) * SLOT_BITS) != 0;
        if (full && mayBeCommon) {
            return COMMON;
        }
        return ((others << SLOT_BITS) & HOLDERS) | (replica + 1L);
    }

    private static long without(long holders, int replica) {
        long kept = 0;
        int shift = 0;
        for (long rest = holders; rest != 0; rest >>>= SLOT_BITS) {
            if ((rest & SLOT) != replica + 1) {
                kept |= (rest & SLOT) << shift;
                shift += SLOT_BITS;
            }
        }
        return kept;
    }

    /** Where the key of a hash is, -1 when it is not there; its holders are {@link #WAYS} further. */
    private int slot(long hash) {
        long key = key(hash);
        int base = base(key);
        int way = way(key, base);
        return way == WAYS ? -1 : base + way;
    }

    /** The way of a set with that key, {@link #WAYS} when there is none; without branches, which nobody foresees. */
    private int way(long key, int base) {
        int found = 1 << WAYS;
        for (int way = 0; way < WAYS; way++) {
            long differs = table[base + way] ^ key;
            found |= (int) (~(differs | -differs) >>> 63) << way;
        }
        return Integer.numberOfTrailingZeros(found);
    }

    private static long conversationKey(Ask ask) {
        return Mix.scramble(ask.conversation() + 0x632BE59BD9B4E019L);
    }

    /** 0 marks an empty way. */
    private static long key(long hash) {
        return hash == 0 ? 1 : hash;
    }

    private int base(long key) {
        return ((int) Mix.scramble(key) & setMask) * SET_LONGS;
    }
}
