package io.polychip.emulator;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One request being answered by one or several choices. Tokens are added as the engine produces them, and sent by
 * {@link #send} once per pass. Home loop only.
 */
abstract sealed class Reply permits StreamReply, WholeReply {
    final Outlet outlet;
    final Order order;
    final ReplyText text;
    final List<Choice> choices = new ArrayList<>(1);
    private final @Nullable Fault fault;
    private int unfinished;
    private boolean struck;
    private boolean closed;

    Reply(Outlet outlet, Order order, ReplyText text, @Nullable Fault fault) {
        this.outlet = outlet;
        this.order = order;
        this.text = text;
        this.fault = fault;
    }

    final void add(Choice choice) {
        choices.add(choice);
        unfinished++;
    }

    /** Nothing more will be sent. */
    final void close() {
        closed = true;
    }

    /** The engine produced more. @return false when the reply is over because a fault struck */
    final boolean produced(Choice choice, int count) {
        int from = choice.produced;
        choice.produced += count;
        if (closed) {
            return false;
        }
        if (fault == null || struck || !strikesInside(fault.kind()) || choice.produced < Math.max(1, fault.after())) {
            tokens(choice, from, count);
            return true;
        }
        struck = true;
        int shown = Math.max(0, fault.after() - from);
        tokens(choice, from, shown);
        if (fault.kind() == Fault.Kind.BROKEN) {
            broken();
            tokens(choice, from + shown, count - shown);
            return true;
        }
        flush();
        closed = true;
        switch (fault.kind()) {
            case CUT -> cut();
            case RESET -> outlet.abort();
            case ERROR -> failed();
            default -> {} // a stall: the client hears nothing more
        }
        return false;
    }

    final void finished(Choice choice) {
        unfinished--;
        if (!closed) {
            end(choice);
        }
    }

    /** Sends what was added, and the end where it has come. */
    final void send() {
        if (unfinished == 0 && !closed) {
            closed = true;
            endAll();
        } else {
            flush();
        }
    }

    private static boolean strikesInside(Fault.Kind kind) {
        return switch (kind) {
            case CUT, RESET, STALL, BROKEN, ERROR -> true;
            case REFUSE, DIE, SLOW, HANG, STATUS, EMPTY, HTML, WRONG_TEXT -> false;
        };
    }

    /** The engine took the request. */
    abstract void begin();

    abstract void tokens(Choice choice, int from, int count);

    abstract void end(Choice choice);

    /** Sends what was added and the end. */
    abstract void endAll();

    abstract void flush();

    /** Ends properly as far as HTTP goes, but in the middle of the answer. */
    abstract void cut();

    /** Something that is no JSON where JSON is due. */
    abstract void broken();

    /** An error object under 200, then the end. */
    abstract void failed();
}
