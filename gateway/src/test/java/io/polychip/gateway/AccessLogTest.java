package io.polychip.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

class AccessLogTest {
    private final Deque<Runnable> blocking = new ArrayDeque<>();

    private static byte[] lines(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void blocksAreWrittenInOrderByTheBlockingExecutor() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        AccessLog log = new AccessLog(out, blocking::add);
        log.write(lines("a\n"), 1);
        log.write(lines("b\n"), 1);
        assertThat(out.size()).isZero();
        assertThat(blocking).hasSize(1);
        blocking.remove().run();
        assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("a\nb\n");
        log.write(lines("c\n"), 1);
        blocking.remove().run();
        assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("a\nb\nc\n");
    }

    /** serve closed the file as soon as the gateway had stopped, and the last request's line was lost. */
    @Test
    void whoeverClosesTheLogCanWaitForItsLastLine() {
        AccessLog log = new AccessLog(OutputStream.nullOutputStream(), blocking::add);
        assertThat(log.written()).isCompleted();
        log.write(lines("a\n"), 1);
        assertThat(log.written()).isNotDone();
        blocking.remove().run();
        assertThat(log.written()).isCompleted();
    }

    @Test
    void aDiskThatIsTooSlowLosesLinesAndCountsThem() {
        AccessLog log = new AccessLog(OutputStream.nullOutputStream(), blocking::add);
        for (int i = 0; i < 10; i++) {
            log.write(new byte[1024 * 1024], 7);
        }
        assertThat(log.droppedLines()).isEqualTo(6 * 7);
        blocking.remove().run();
        log.write(lines("a\n"), 1);
        assertThat(log.droppedLines()).isEqualTo(6 * 7);
    }

    @Test
    void aLogThatCannotBeWrittenCountsWhatItLoses() {
        AccessLog log = new AccessLog(
                new OutputStream() {
                    @Override
                    public void write(int b) throws IOException {
                        throw new IOException("No space left on device");
                    }
                },
                blocking::add);
        log.write(lines("a\nb\n"), 2);
        blocking.remove().run();
        assertThat(log.droppedLines()).isEqualTo(2);
    }

    /** Shutdown hung, since nobody completed what it waits for. */
    @Test
    void aLogThatFailsInAnyWayIsWaitedForNoLonger() {
        Deque<RuntimeException> failures =
                new ArrayDeque<>(List.of(new IllegalStateException("The stream is closed.")));
        ByteArrayOutputStream out = new ByteArrayOutputStream() {
            @Override
            public void write(byte[] block) {
                if (!failures.isEmpty()) {
                    throw failures.remove();
                }
                writeBytes(block);
            }
        };
        AccessLog log = new AccessLog(out, blocking::add);
        log.write(lines("a\nb\n"), 2);
        log.write(lines("c\n"), 1);
        blocking.remove().run();
        assertThat(log.written()).isCompleted();
        assertThat(log.droppedLines()).isEqualTo(2);
        assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("c\n");
    }

    @Test
    void aWriterThatDiesLosesWhatWaitsAndTheNextOneGoesOn() {
        Deque<Error> failures = new ArrayDeque<>(List.of(new OutOfMemoryError("none left")));
        ByteArrayOutputStream out = new ByteArrayOutputStream() {
            @Override
            public void write(byte[] block) {
                if (!failures.isEmpty()) {
                    throw failures.remove();
                }
                writeBytes(block);
            }
        };
        AccessLog log = new AccessLog(out, blocking::add);
        log.write(lines("a\nb\n"), 2);
        log.write(lines("c\n"), 1);
        assertThatThrownBy(() -> blocking.remove().run()).isInstanceOf(OutOfMemoryError.class);
        assertThat(log.written()).isCompleted();
        assertThat(log.droppedLines()).isEqualTo(3);
        log.write(lines("d\n"), 1);
        blocking.remove().run();
        assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("d\n");
    }

    /** Whoever logged it got the exception, and shutdown hung. */
    @Test
    void anExecutorThatTakesNothingMoreLosesTheLinesOnly() {
        AccessLog log = new AccessLog(OutputStream.nullOutputStream(), task -> {
            throw new RejectedExecutionException("shut down");
        });
        log.write(lines("a\n"), 1);
        log.write(lines("b\nc\n"), 2);
        assertThat(log.written()).isCompleted();
        assertThat(log.droppedLines()).isEqualTo(3);
    }

    @Test
    void valuesAreEscapedSoThatALineStaysALine() {
        JsonWriter out = new JsonWriter(4);
        out.open();
        out.text("model", "a\"b\\c\nd\u00e9");
        out.number("count", -5);
        out.number("large", Long.MAX_VALUE);
        out.fraction("ms", 1234, 3);
        out.fraction("usd", -50, 9);
        out.close();
        assertThat(new String(out.bytes(), 0, out.length(), StandardCharsets.UTF_8))
                .isEqualTo(
                        "{\"model\":\"a\\\"b\\\\c\\u000ad\\u00e9\",\"count\":-5,\"large\":9223372036854775807,\"ms\":1.234,\"usd\":-0.000000050}\n");
    }
}
