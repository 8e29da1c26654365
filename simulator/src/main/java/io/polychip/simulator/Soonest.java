package io.polychip.simulator;

import java.util.Arrays;

/** A time for each of a fixed number of things, and whose comes first: the lowest number among equals. Logarithmic. */
final class Soonest {
    private final int leaves;
    private final long[] tree;

    Soonest(int things) {
        leaves = Integer.highestOneBit(Math.max(1, 2 * things - 1));
        tree = new long[2 * leaves];
        Arrays.fill(tree, Long.MAX_VALUE);
    }

    /** {@link Long#MAX_VALUE} where nothing has a time. */
    long at() {
        return tree[1];
    }

    /** Whose time that is. */
    int who() {
        int node = 1;
        while (node < leaves) {
            node *= 2;
            node += tree[node] == tree[node / 2] ? 0 : 1;
        }
        return node - leaves;
    }

    void set(int thing, long at) {
        int node = leaves + thing;
        tree[node] = at;
        while (node > 1) {
            long least = Math.min(tree[node], tree[node ^ 1]);
            node /= 2;
            if (tree[node] == least) {
                return;
            }
            tree[node] = least;
        }
    }
}
