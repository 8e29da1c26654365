package io.polychip.routing;

/**
 * Where prompts' beginnings were sent, so that a conversation finds the replica that still holds its cache.
 *
 * <p>Keys are chained hashes: the hash of a boundary covers everything before it, so finding the longest known
 * beginning is a binary search over the boundaries. Each entry names up to three replicas; one that would need a fourth
 * is marked common (a shared system prompt): it counts as present everywhere and pulls nobody anywhere. A
 * set-associative table of fixed size, least recently used of eight ways leaves: memory is a constant, there are no
 * tombstones and no growth. Replica indexes up to 65,000.
 */
final class PrefixIndex {
    private static final int WAYS = 8;
    private static final int ENTRY_BYTES = 8 + 8 + 4;
    private static final int SLOT_BITS = 16;
    private static final long SLOT = 0xFFFF;
    private static final int SLOTS = 3;
    private static final long HOLDERS = (1L << (SLOTS * SLOT_BITS)) - 1;
    private static final long COMMON = 1L << 63;
    private static final int MOST_BOUNDARIES = 512;

    private final long[] keys;
    /** Low 48 bits: three replicas, each index + 1, newest lowest. */
    private final long[] holders;

    private final int[] usedAt;
    private final int setMask;
    private int clock;

    /** What {@link #find} found: the deepest boundary somebody holds, and the deepest common one. */
    private long deepHolders;

    private int deepTokens;
    private int commonTokens;

    /** @param bytes hard cap of the table, rounded down to a power of two of sets */
    PrefixIndex(int bytes) {
        int sets = Integer.highestOneBit(Math.max(1, bytes / (ENTRY_BYTES * WAYS)));
        keys = new long[sets * WAYS];
        holders = new long[sets * WAYS];
        usedAt = new int[sets * WAYS];
        setMask = sets - 1;
    }

    int bytes() {
        return keys.length * ENTRY_BYTES;
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
            usedAt[slot] = ++clock;
            if (holders[slot] < 0) {
                commonTokens = ask.prefixTokens()[i];
                break;
            }
            if (deepTokens == 0) {
                deepHolders = holders[slot];
                deepTokens = ask.prefixTokens()[i];
            }
        }
    }

    private void findConversation(Ask ask) {
        if (ask.conversation() == 0) {
            return;
        }
        int slot = slot(conversationKey(ask));
        if (slot >= 0 && holders[slot] > 0) {
            usedAt[slot] = ++clock;
            deepHolders = holders[slot];
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
                put(conversationKey(ask), replica, false);
            }
            return;
        }
        int stride = 1 + hashes.length / MOST_BOUNDARIES;
        for (int i = 0; i < hashes.length; i += stride) {
            put(hashes[i], replica, true);
        }
        put(hashes[hashes.length - 1], replica, true);
    }

    /** The engine kept nothing of it after all. */
    void forget(Ask ask, int replica) {
        for (long hash : ask.prefixHashes()) {
            int slot = slot(hash);
            if (slot >= 0 && holders[slot] > 0) {
                holders[slot] = without(holders[slot], replica);
            }
        }
    }

    private void put(long hash, int replica, boolean mayBeCommon) {
        int slot = slot(hash);
        if (slot < 0) {
            slot = leastRecentlyUsed(base(key(hash)));
            keys[slot] = key(hash);
            holders[slot] = replica + 1L;
        } else if (holders[slot] >= 0) {
            holders[slot] = with(holders[slot], replica, mayBeCommon);
        }
        usedAt[slot] = ++clock;
    }

    /** The way of a set that was not used for longest, the first of equals; without branches, which nobody foresees. */
    private int leastRecentlyUsed(int base) {
        long oldest = Long.MIN_VALUE;
        for (int way = 0; way < WAYS; way++) {
            int age = clock - usedAt[base + way];
            oldest = Math.max(oldest, (long) age * WAYS + (WAYS - 1 - way));
        }
        return base + WAYS - 1 - (int) (oldest & (WAYS - 1));
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

    private int slot(long hash) {
        long key = key(hash);
        int base = base(key);
        for (int i = base; i < base + WAYS; i++) {
            if (keys[i] == key) {
                return i;
            }
        }
        return -1;
    }

    private static long conversationKey(Ask ask) {
        return Mix.scramble(ask.conversation() + 0x632BE59BD9B4E019L);
    }

    /** 0 marks an empty way. */
    private static long key(long hash) {
        return hash == 0 ? 1 : hash;
    }

    private int base(long key) {
        return ((int) Mix.scramble(key) & setMask) * WAYS;
    }
}
