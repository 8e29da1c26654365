package io.polychip.gateway;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Where log lines go: blocks of whole lines, written by the blocking executor so that a slow disk never stops a loop.
 *
 * <p>At most {@link #MAX_WAITING_BYTES} wait; what comes beyond is dropped and counted. Thread-safe.
 */
final class AccessLog {
    static final int MAX_WAITING_BYTES = 4 * 1024 * 1024;
    private static final Logger LOGGER = System.getLogger(AccessLog.class.getName());

    private final Executor blocking;
    private final OutputStream out;
    private final Deque<byte[]> waiting = new ArrayDeque<>();
    private final AtomicLong droppedLines = new AtomicLong();
    private int waitingBytes;
    private boolean writing;
    private CompletableFuture<Void> written = CompletableFuture.completedFuture(null);
    private boolean broken;

    AccessLog(OutputStream out, Executor blocking) {
        this.out = out;
        this.blocking = blocking;
    }

    /** Lines lost because the log could not keep up or could not be written. */
    long droppedLines() {
        return droppedLines.get();
    }

    /** Completed once all that was handed over before is written, or counted as lost. */
    CompletableFuture<Void> written() {
        synchronized (waiting) {
            return written;
        }
    }

    /** Hands over whole lines; the array now belongs to the log. */
    void write(byte[] block, int lines) {
        synchronized (waiting) {
            if (waitingBytes + block.length > MAX_WAITING_BYTES) {
                droppedLines.addAndGet(lines);
                return;
            }
            waiting.add(block);
            waitingBytes += block.length;
            if (writing) {
                return;
            }
            writing = true;
            written = new CompletableFuture<>();
        }
        blocking.execute(this::writeAll);
    }

    private void writeAll() {
        CompletableFuture<Void> end = written();
        for (byte[] block = next(); block != null; block = next()) {
            try {
                out.write(block);
                out.flush();
                broken = false;
            } catch (IOException e) {
                droppedLines.addAndGet(lines(block));
                if (!broken) {
                    LOGGER.log(Level.ERROR, "The access log cannot be written; its lines are dropped and counted.", e);
                }
                broken = true;
            }
        }
        end.complete(null);
    }

    private byte @Nullable [] next() {
        synchronized (waiting) {
            byte[] block = waiting.poll();
            if (block == null) {
                writing = false;
            } else {
                waitingBytes -= block.length;
            }
            return block;
        }
    }

    private static int lines(byte[] block) {
        int lines = 0;
        for (byte b : block) {
            lines += b == '\n' ? 1 : 0;
        }
        return lines;
    }
}
