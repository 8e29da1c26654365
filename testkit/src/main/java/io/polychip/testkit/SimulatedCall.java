package io.polychip.testkit;

import io.polychip.routing.Ask;
import io.polychip.routing.Call;
import io.polychip.routing.Ending;
import org.jspecify.annotations.Nullable;

/** One client of a {@link SimulatedHost}: what it wants, what it was shown, how that ended. */
public final class SimulatedCall {
    final int number;
    final int dispatcher;
    final Ask ask;
    final int outputTokens;

    @Nullable
    Call call;

    long wakeAt = Long.MAX_VALUE;
    long pausedUntil = -1;
    int shownTokens;

    @Nullable
    Leg running;

    int sends;
    int charges;

    @Nullable
    Ending ending;

    SimulatedCall(int number, int dispatcher, Ask ask, int outputTokens) {
        this.number = number;
        this.dispatcher = dispatcher;
        this.ask = ask;
        this.outputTokens = outputTokens;
    }

    public Ask ask() {
        return ask;
    }

    /** Null while it has not ended. */
    public @Nullable Ending ending() {
        return ending;
    }

    /** Tokens of the answer that reached the client. */
    public int shownTokens() {
        return shownTokens;
    }
}
