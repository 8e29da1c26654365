package io.polychip.protocol;

import java.util.Arrays;

/** Where the members of a body's top-level object lie; offsets count from the body's first byte. */
final class Members {
    private static final int STRIDE = 3;

    private String[] names = new String[16];
    private int[] places = new int[16 * STRIDE];
    private int size;
    /** Behind the opening brace. */
    int open;

    void add(String name, int nameFrom, int valueFrom, int valueTo) {
        if (size == names.length) {
            names = Arrays.copyOf(names, size * 2);
            places = Arrays.copyOf(places, size * 2 * STRIDE);
        }
        names[size] = name;
        places[size * STRIDE] = nameFrom;
        places[size * STRIDE + 1] = valueFrom;
        places[size * STRIDE + 2] = valueTo;
        size++;
    }

    int size() {
        return size;
    }

    int index(String name) {
        for (int i = 0; i < size; i++) {
            if (names[i].equals(name)) {
                return i;
            }
        }
        return -1;
    }

    /** Of the key's opening quote. */
    int nameFrom(int index) {
        return places[index * STRIDE];
    }

    int valueFrom(int index) {
        return places[index * STRIDE + 1];
    }

    int valueTo(int index) {
        return places[index * STRIDE + 2];
    }
}
