package io.polychip.gateway;

import io.polychip.protocol.Lines;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * Finds a few gauges in a page of Prometheus text, fed piece by piece, and skips all else without looking at it.
 *
 * <p>A page of vLLM has some 60 KB, of which three lines matter; looking only at line starts it costs about 20
 * microseconds. Reused for page after page. Not thread-safe.
 */
final class GaugeScanner {
    /** A longer line has labels nobody needs; its value is not read. */
    private static final int MAX_LINE = 1024;

    /** One of the wanted figures, under all the names it may have. */
    private static final class Figure {
        final byte[][] names;
        double sum;
        double highest;
        boolean seen;

        Figure(List<String> names) {
            this.names = names.stream()
                    .map(name -> name.getBytes(StandardCharsets.US_ASCII))
                    .toArray(byte[][]::new);
        }

        void take(double value) {
            sum += value;
            highest = Math.max(highest, value);
            seen = true;
        }

        void forget() {
            sum = 0;
            highest = 0;
            seen = false;
        }
    }

    private final Figure running;
    private final Figure waiting;
    private final Figure kvUsed;
    private final List<Figure> figures;
    private final byte[] line = new byte[MAX_LINE];
    private int kept;
    private boolean overlong;

    GaugeScanner(Dialect dialect) {
        running = new Figure(dialect.running());
        waiting = new Figure(dialect.waiting());
        kvUsed = new Figure(dialect.kvUsed());
        figures = List.of(running, waiting, kvUsed);
    }

    /** Begins a new page. */
    void restart() {
        figures.forEach(Figure::forget);
        kept = 0;
        overlong = false;
    }

    void feed(byte[] data, int from, int to) {
        int start = from;
        int end;
        while ((end = Lines.end(data, start, to)) >= 0) {
            if (kept == 0 && !overlong) {
                line(data, start, end);
            } else {
                keep(data, start, end);
                finishKept();
            }
            start = end + 1;
        }
        keep(data, start, to);
    }

    /** The page is over; its last line may lack a line end. */
    void finish() {
        finishKept();
    }

    /** Negative when the page did not say. */
    int running() {
        return running.seen ? (int) running.sum : -1;
    }

    int waiting() {
        return waiting.seen ? (int) waiting.sum : -1;
    }

    /** Of the series that is fullest. */
    double kvUsed() {
        return kvUsed.seen ? kvUsed.highest : -1;
    }

    private void keep(byte[] data, int from, int to) {
        if (to - from > MAX_LINE - kept) {
            overlong = true;
            return;
        }
        System.arraycopy(data, from, line, kept, to - from);
        kept += to - from;
    }

    private void finishKept() {
        if (kept > 0 && !overlong) {
            line(line, 0, kept);
        }
        kept = 0;
        overlong = false;
    }

    private void line(byte[] data, int from, int to) {
        for (int i = 0; i < figures.size(); i++) {
            for (byte[] name : figures.get(i).names) {
                int end = from + name.length;
                if (end < to
                        && (data[end] == '{' || data[end] == ' ')
                        && Arrays.equals(data, from, end, name, 0, name.length)) {
                    double value = value(data, end, to);
                    if (value >= 0) {
                        figures.get(i).take(value);
                    }
                    return;
                }
            }
        }
    }

    private static double value(byte[] data, int from, int to) {
        int at = from;
        if (data[at] == '{') {
            while (at < to && data[at] != '}') {
                at++; // a label's value with a brace in it: not among engines' gauges
            }
            at++;
        }
        while (at < to && data[at] == ' ') {
            at++;
        }
        int stop = at;
        while (stop < to && data[stop] > ' ') {
            stop++;
        }
        return number(data, at, stop);
    }

    private static double number(byte[] data, int from, int to) {
        try {
            return Double.parseDouble(new String(data, from, Math.max(0, to - from), StandardCharsets.US_ASCII));
        } catch (NumberFormatException e) {
            return Double.NaN; // treated like a gauge that was not reported
        }
    }
}
