package io.polychip.llama;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;

/**
 * Where llama.cpp's log goes: to the program's own, at debug. Called from native threads, so nothing may be thrown from
 * here. Keeps the latest error, because the functions themselves only answer "null".
 */
final class NativeLog {
    private static final Logger LOGGER = System.getLogger("io.polychip.llama.cpp");
    private static final int WARNING = 3;
    private static final int ERROR = 4;
    /** Longer than any line of the log; a bound, since the text comes as a bare pointer. */
    private static final long LONGEST = 1 << 16;

    private volatile String latestError = "";

    /** The upcall; the signature is that of {@code ggml_log_callback}. */
    void line(int level, MemorySegment text, MemorySegment data) {
        try {
            line(level, text(text));
        } catch (RuntimeException e) {
            latestError = "logging failed: " + e; // thrown out of an upcall it would end the process
        }
    }

    private void line(int level, String line) {
        if (line.isEmpty()) {
            return;
        }
        if (level == ERROR) {
            latestError = line;
        }
        if (level == WARNING || level == ERROR) {
            LOGGER.log(Level.DEBUG, "{0}", line);
        } else {
            LOGGER.log(Level.TRACE, "{0}", line);
        }
    }

    @SuppressWarnings("restricted")
    private static String text(MemorySegment text) {
        return text.reinterpret(LONGEST).getString(0).strip();
    }

    /** The reason of the latest failure, or a placeholder. */
    String latestError() {
        String error = latestError;
        return error.isEmpty() ? "llama.cpp gave no reason" : error;
    }

    void forget() {
        latestError = "";
    }
}
