package io.polychip.gateway;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
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
        CompletableFuture<Void> end;
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
            end = new CompletableFuture<>();
            written = end;
        }
        try {
            blocking.execute(this::writeAll);
        } catch (RejectedExecutionException stopped) {
            report(stopped);
            loseWaiting();
            end.complete(null);
        }
    }

    private void writeAll() {
        CompletableFuture<Void> end = written();
        boolean ended = false;
        try {
            for (byte[] block = next(); block != null; block = next()) {
                write(block);
            }
            ended = true;
        } finally {
            if (!ended) {
                loseWaiting();
            }
            end.complete(null); // whatever happened: a gateway that stops waits for it
        }
    }

    private void write(byte[] block) {
        boolean whole = false;
        try {
            out.write(block);
            out.flush();
            broken = false;
            whole = true;
        } catch (IOException | RuntimeException e) {
            report(e);
        } finally {
            if (!whole) {
                droppedLines.addAndGet(lines(block));
            }
        }
    }

    /** Once until it can be written again. */
    private void report(Exception why) {
        if (!broken) {
            LOGGER.log(Level.ERROR, "The access log cannot be written; its lines are dropped and counted.", why);
        }
        broken = true;
    }

    private void loseWaiting() {
        synchronized (waiting) {
            waiting.forEach(block -> droppedLines.addAndGet(lines(block)));
            waiting.clear();
            waitingBytes = 0;
            writing = false;
        }
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
