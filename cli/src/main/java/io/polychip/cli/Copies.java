package io.polychip.cli;

import io.polychip.routing.Mix;
import io.polychip.simulator.Arrival;
import io.polychip.simulator.Trace;
import io.polychip.simulator.Traffic;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A trace laid upon itself, see {@link TrafficSource}: each copy reads the file anew, so that nothing is collected. A
 * request costs a scan over the copies.
 */
final class Copies implements Traffic, AutoCloseable {
    static final int MOST = 400;
    private static final long MOST_SHIFT_NANOS = 120_000_000_000L;
    private static final double GOLDEN = 0.6180339887498949;
    private static final int KEEP_DRAW = 78;

    private final List<Copy> copies = new ArrayList<>();

    /** @param spanNanos of the window, from its first arrival to its last; needed for another scale than 1 */
    Copies(Path path, Duration from, Duration length, long spanNanos, double scale, long seed) throws IOException {
        int count = (int) Math.ceil(scale);
        long mostShift = Math.min(MOST_SHIFT_NANOS, spanNanos / 2);
        try {
            for (int i = 0; i < count; i++) {
                double turn = i * GOLDEN;
                long shift = (long) (mostShift * (turn - Math.floor(turn)));
                double kept = i == count - 1 ? scale - i : 1;
                copies.add(new Copy(path, from, length, spanNanos, shift, kept, i, seed));
            }
        } catch (IOException | RuntimeException failed) {
            close();
            throw failed;
        }
    }

    @Override
    public @Nullable Arrival next() {
        Copy first = null;
        for (Copy each : copies) {
            if (each.ahead != null && (first == null || each.at() < first.at())) {
                first = each;
            }
        }
        if (first == null) {
            return null;
        }
        Arrival arrival = first.ahead;
        first.advance();
        return arrival;
    }

    @Override
    public void close() {
        copies.forEach(Copy::close);
    }

    /** One of them: the end of the window, moved to its beginning, then the rest. */
    private static final class Copy {
        private final Stream<String> endLines;
        private final Stream<String> lines;
        private final Iterator<Trace.Request> end;
        private final Iterator<Trace.Request> rest;
        private final long shift;
        private final double kept;
        private final int number;
        private final long seed;
        private long read;
        private @Nullable Arrival ahead;

        @SuppressWarnings("StreamResourceLeak") // closed by close(), which Copies calls
        Copy(Path path, Duration from, Duration length, long span, long shift, double kept, int number, long seed)
                throws IOException {
            this.shift = shift;
            this.kept = kept;
            this.number = number;
            this.seed = seed;
            String name = String.valueOf(path.getFileName());
            if (shift == 0) {
                endLines = Stream.empty();
                lines = Files.lines(path);
                end = List.<Trace.Request>of().iterator();
                rest = Trace.read(name, lines.iterator()).slice(from, length);
            } else {
                endLines = Files.lines(path);
                lines = Files.lines(path);
                Duration cut = Duration.ofNanos(span - shift);
                end = Trace.read(name, endLines.iterator()).slice(from.plus(cut), Duration.ofNanos(shift));
                rest = Trace.read(name, lines.iterator()).slice(from, cut);
            }
            advance();
        }

        long at() {
            return ahead == null ? Long.MAX_VALUE : ahead.arrivalNanos();
        }

        void advance() {
            do {
                boolean wrapped = end.hasNext();
                if (!wrapped && !rest.hasNext()) {
                    ahead = null;
                    return;
                }
                Arrival plain = arrival(wrapped ? end : rest);
                ahead = plain == null || wrapped ? plain : plain.at(plain.arrivalNanos() + shift);
                read++;
            } while (kept < 1 && ahead != null && !keeps(ahead));
        }

        private @Nullable Arrival arrival(Iterator<Trace.Request> requests) {
            Arrival one = Traffic.of(requests).next();
            return one == null || number == 0 ? one : ofOthers(one);
        }

        /** Contents are this copy's own, save the block that begins nearly every prompt. */
        private Arrival ofOthers(Arrival one) {
            long[] blocks = one.blocks().clone();
            for (int i = 1; i < blocks.length; i++) {
                blocks[i] += (long) number << 32;
            }
            long conversation = one.conversation() == 0 ? 0 : Mix.scramble(one.conversation() + number);
            return new Arrival(
                    one.arrivalNanos(),
                    one.model(),
                    one.tenant(),
                    one.requestClass(),
                    one.promptTokens(),
                    one.outputTokens(),
                    one.maxTokens(),
                    conversation == 0 && one.conversation() != 0 ? 1 : conversation,
                    blocks);
        }

        private boolean keeps(Arrival arrival) {
            long key = arrival.conversation() != 0 ? arrival.conversation() : ~read;
            return Mix.unit(Mix.scramble(key ^ seed ^ number), KEEP_DRAW) < kept;
        }

        void close() {
            endLines.close();
            lines.close();
        }
    }
}
