package io.polychip.cli;

import java.io.PrintWriter;

/** Says how long each step took, for those who asked. */
final class Stopwatch {
    private final PrintWriter out;
    private final boolean verbose;
    private long last = System.nanoTime();

    Stopwatch(PrintWriter out, boolean verbose) {
        this.out = out;
        this.verbose = verbose;
    }

    void lap(String step) {
        if (verbose) {
            long now = System.nanoTime();
            out.printf("  %4d ms %s%n", (now - last) / 1_000_000, step);
            out.flush();
            last = now;
        }
    }
}
