package io.polychip.protocol;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a stream of server-sent events (WHATWG HTML, section 9.2) into events as its bytes come, tells what each one is,
 * and in the end whether the answer was complete.
 *
 * <p>Only whole events are reported, so what a relay passes on never ends inside one; the beginning of a split event is
 * kept here, at most {@link #MAX_EVENT_BYTES}. Lines end with LF or CRLF. Each event's JSON is read and checked in
 * full: about 0.3 microseconds for a chunk of vLLM. Not thread-safe; one per stream.
 */
public final class SseScanner {
    /** A larger event counts as garbled. */
    public static final int MAX_EVENT_BYTES = 4 * 1024 * 1024;

    private static final byte[] DATA = {'d', 'a', 't', 'a', ':'};
    private static final byte[][] OTHER_FIELDS = {
        {':'}, {'e', 'v', 'e', 'n', 't', ':'}, {'i', 'd', ':'}, {'r', 'e', 't', 'r', 'y', ':'}
    };
    private static final byte[] DONE = {'[', 'D', 'O', 'N', 'E', ']'};
    private static final byte[] MARK = {(byte) 0xef, (byte) 0xbb, (byte) 0xbf};

    /** What an event means to whoever passes it on. */
    public enum Kind {
        /** Text, refusal or a piece of a tool call: the client sees something. */
        VISIBLE,
        /** Reasoning only. */
        HIDDEN,
        /** A role, a finish reason, a comment, nothing. */
        SILENT,
        /** Usage without choices: only for clients that asked for it. */
        USAGE,
        /** {@code [DONE]}. */
        DONE,
        /** An error object. */
        ERROR,
        /** No event of this wire. */
        GARBLED
    }

    /** Receives events in order. */
    @FunctionalInterface
    public interface Events {
        /**
         * One whole event, blank line included. Bytes of it that came with earlier pieces are in
         * {@link SseScanner#carried()} and come first.
         *
         * @param from first byte in the piece being fed
         */
        void event(Kind kind, int from, int to);
    }

    private final int choices;
    private final ReplyReader reply = new ReplyReader();
    private byte[] carry = {};
    private int carried;
    private boolean lineHasBytes;
    private boolean begun;
    private boolean done;
    private boolean halfEvent;
    private int visibleEvents;
    private int hiddenEvents;
    private String garbled = "";

    /** @param choices how many answers were asked for; all must finish */
    public SseScanner(int choices) {
        this.choices = choices;
    }

    /** Takes the next piece of the stream. */
    public void feed(byte[] data, int from, int to, Events events) {
        int eventFrom = from;
        int at = from;
        while (at < to) {
            int newline = Lines.end(data, at, to);
            if (newline < 0) {
                lineHasBytes |= at + 1 < to || data[at] != '\r';
                break;
            }
            boolean blank = !lineHasBytes && (newline == at || (newline == at + 1 && data[at] == '\r'));
            lineHasBytes = false;
            at = newline + 1;
            if (blank) {
                close(data, eventFrom, at, events);
                eventFrom = at;
            }
        }
        if (eventFrom < to && !keep(data, eventFrom, to)) {
            report(Kind.GARBLED, eventFrom, to, events);
            carried = 0;
        }
    }

    /**
     * The stream is over: reports an event that merely lacks its blank line; half an event is a cut and not reported.
     */
    public void end(Events events) {
        if (carried == 0) {
            return;
        }
        boolean anyBefore = begun;
        String garbledBefore = garbled;
        halfEvent = false;
        Kind kind = classify(carry, 0, carried);
        if (kind == Kind.GARBLED && (anyBefore || halfEvent)) {
            garbled = garbledBefore;
        } else {
            report(kind, 0, 0, events);
        }
        carried = 0;
    }

    private void close(byte[] data, int from, int to, Events events) {
        Kind kind;
        if (carried == 0) {
            kind = classify(data, from, to);
        } else {
            int before = carried;
            boolean fits = keep(data, from, to);
            int all = carried;
            carried = before; // what the listener is told came earlier
            kind = fits ? classify(carry, 0, all) : Kind.GARBLED;
        }
        report(kind, from, to, events);
        carried = 0;
    }

    private void report(Kind kind, int from, int to, Events events) {
        switch (kind) {
            case VISIBLE -> visibleEvents++;
            case HIDDEN -> hiddenEvents++;
            case DONE -> done = true;
            case SILENT, USAGE, ERROR, GARBLED -> {} // counted elsewhere
        }
        events.event(kind, from, to);
    }

    private boolean keep(byte[] data, int from, int to) {
        int length = to - from;
        if (carried + length > MAX_EVENT_BYTES) {
            garbled = "an event of more than %d bytes".formatted(MAX_EVENT_BYTES);
            return false;
        }
        if (carried + length > carry.length) {
            carry = Arrays.copyOf(carry, Math.max(carried + length, carry.length * 2));
        }
        System.arraycopy(data, from, carry, carried, length);
        carried += length;
        return true;
    }

    private Kind classify(byte[] data, int from, int to) {
        int at = from;
        if (!begun) {
            begun = true;
            at += startsWith(data, at, to, MARK) ? MARK.length : 0;
        }
        int jsonFrom = -1;
        int jsonTo = -1;
        while (at < to) {
            int newline = Lines.end(data, at, to);
            int lineTo = newline < 0 ? to : newline;
            int next = newline < 0 ? to : newline + 1;
            if (lineTo > at && data[lineTo - 1] == '\r') {
                lineTo--;
            }
            if (startsWith(data, at, lineTo, DATA)) {
                if (jsonFrom >= 0) {
                    return several(data, from, to);
                }
                jsonFrom = at + DATA.length;
                jsonTo = lineTo;
            } else if (lineTo > at && !known(data, at, lineTo)) {
                return garbled("a line that belongs to no event: " + excerpt(data, at, lineTo));
            }
            at = next;
        }
        return jsonFrom < 0 ? Kind.SILENT : payload(data, jsonFrom, jsonTo);
    }

    /** An event with several data lines is one text with line breaks between; rare enough to copy. */
    private Kind several(byte[] data, int from, int to) {
        byte[] joined = new byte[to - from];
        int length = 0;
        for (int at = from; at < to; ) {
            int newline = Lines.end(data, at, to);
            int next = newline < 0 ? to : newline + 1;
            if (startsWith(data, at, next, DATA)) {
                int valueFrom = at + DATA.length;
                System.arraycopy(data, valueFrom, joined, length, next - valueFrom);
                length += next - valueFrom;
            } else if (!known(data, at, next) && data[at] != '\n' && data[at] != '\r') {
                return garbled("a line that belongs to no event: " + excerpt(data, at, next));
            }
            at = next;
        }
        return payload(joined, 0, length);
    }

    private Kind payload(byte[] data, int from, int to) {
        int start = from;
        int stop = to;
        while (start < stop && data[start] <= ' ' && data[start] >= 0) {
            start++;
        }
        while (stop > start && data[stop - 1] <= ' ' && data[stop - 1] >= 0) {
            stop--;
        }
        if (start == stop) {
            return Kind.SILENT;
        }
        if (stop - start == DONE.length && startsWith(data, start, stop, DONE)) {
            return Kind.DONE;
        }
        try {
            reply.read(data, start, stop);
        } catch (JsonFault fault) {
            halfEvent = fault.truncated();
            return garbled("an event that is not JSON, %s: %s".formatted(fault.reason(), excerpt(data, start, stop)));
        }
        if (reply.error() != null) {
            return Kind.ERROR;
        }
        if (reply.visible()) {
            return Kind.VISIBLE;
        }
        if (reply.hidden()) {
            return Kind.HIDDEN;
        }
        return reply.usageOnly() ? Kind.USAGE : Kind.SILENT;
    }

    private Kind garbled(String why) {
        garbled = why;
        return Kind.GARBLED;
    }

    private static String excerpt(byte[] data, int from, int to) {
        StringBuilder shown = new StringBuilder();
        for (int i = from; i < Math.min(to, from + 60); i++) {
            shown.append(data[i] >= ' ' ? (char) data[i] : '?');
        }
        return shown.toString();
    }

    private static boolean known(byte[] data, int from, int to) {
        for (byte[] field : OTHER_FIELDS) {
            if (startsWith(data, from, to, field)) {
                return true;
            }
        }
        return false;
    }

    private static boolean startsWith(byte[] data, int from, int to, byte[] prefix) {
        return to - from >= prefix.length && Arrays.equals(data, from, from + prefix.length, prefix, 0, prefix.length);
    }

    /** Inside {@link Events#event}: its bytes from earlier pieces, a copy; empty for an event that came whole. */
    public byte[] carried() {
        return Arrays.copyOf(carry, carried);
    }

    /** Bytes kept of an event that is not complete yet. */
    public int pending() {
        return carried;
    }

    /** Events with something for the client to see; with one token per event, as most engines send, tokens. */
    public int visibleEvents() {
        return visibleEvents;
    }

    public int hiddenEvents() {
        return hiddenEvents;
    }

    public boolean done() {
        return done;
    }

    /** All choices have their finish reason; nothing that follows can spoil the answer. */
    public boolean finished() {
        return reply.finished() >= choices;
    }

    /** As far as reported; final once the stream is over. */
    public TokenUsage usage() {
        return reply.usage();
    }

    /** The error object seen, if any. */
    public @Nullable OpenAiError error() {
        return reply.error();
    }

    /** What the stream is if it ends now. */
    public Verdict verdict() {
        if (reply.error() != null) {
            return Verdict.ERROR;
        }
        if (!garbled.isEmpty()) {
            return Verdict.GARBLED;
        }
        return finished() ? Verdict.COMPLETE : Verdict.CUT;
    }

    /** Why the verdict is what it is, for logs. */
    public String detail() {
        OpenAiError error = reply.error();
        return switch (verdict()) {
            case COMPLETE -> "";
            case ERROR -> error == null ? "" : error.message();
            case GARBLED -> garbled;
            case CUT ->
                "ended after %d events with text and without finish_reason%s"
                        .formatted(visibleEvents, done ? ", but with [DONE]" : "");
        };
    }
}
