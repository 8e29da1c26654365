package io.polychip.cli;

import java.io.Console;
import java.io.PrintStream;

/** What the terminal at hand can show. Nothing moves or is coloured where output goes to a file or a pipe. */
final class Terminal {
    private static final int BAR_CELLS = 24;

    private final PrintStream out;
    private final boolean live;

    private Terminal(PrintStream out, boolean live) {
        this.out = out;
        this.live = live;
    }

    /** Progress goes to the error stream, so that the output of {@code --json} stays clean. */
    static Terminal progress() {
        return new Terminal(System.err, interactive());
    }

    @SuppressWarnings("SystemConsoleNull") // null again from JDK 25 on, where nothing is a terminal
    static boolean interactive() {
        Console console = System.console();
        return console != null && console.isTerminal();
    }

    /** A bar that overwrites itself; silent where it could not. @param done 0 to 1 */
    void bar(double done, String text) {
        if (live) {
            int full = (int) Math.round(Math.clamp(done, 0, 1) * BAR_CELLS);
            out.print("\r\u001b[K" + "█".repeat(full) + "░".repeat(BAR_CELLS - full) + "  " + text);
            out.flush();
        }
    }

    /** A download's progress, as {@code llama}'s fetches report it. */
    void fetched(String name, long fetchedBytes, long totalBytes) {
        bar(
                (double) fetchedBytes / totalBytes,
                "%s  %.1f of %.1f MB".formatted(name, fetchedBytes / 1e6, totalBytes / 1e6));
    }

    /** Removes the bar. */
    void clear() {
        if (live) {
            out.print("\r\u001b[K");
            out.flush();
        }
    }
}
