package io.polychip.llama;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * From the tokens of one answer to the text its reader may see, with the log-probabilities of just those tokens. Not
 * for several threads.
 */
final class TextStream {
    private record Waiting(int start, int end, TokenLogprobs logprobs) {}

    private final Utf8Assembler characters = new Utf8Assembler();
    private final StopMatcher stops;
    private final Deque<Waiting> waiting = new ArrayDeque<>();
    private int appended;
    private int shown;

    TextStream(List<String> stops) {
        this.stops = new StopMatcher(stops);
    }

    /** Takes a token's bytes and returns the text that may be shown now. */
    String append(byte[] bytes, @Nullable TokenLogprobs logprobs) {
        String text = characters.append(bytes);
        int start = appended;
        appended += text.length();
        if (logprobs != null) {
            waiting.add(new Waiting(start, appended, logprobs));
        }
        String visible = stops.append(text);
        shown += visible.length();
        return visible;
    }

    boolean stopped() {
        return stops.stopped();
    }

    /** What is left to show at the end of the answer. */
    String rest() {
        String rest = stops.rest();
        shown += rest.length();
        return rest;
    }

    /** The log-probabilities of tokens shown since the last call. @param last whether no text follows */
    List<TokenLogprobs> shownLogprobs(boolean last) {
        List<TokenLogprobs> entries = new ArrayList<>();
        while (!waiting.isEmpty() && shown(waiting.getFirst(), last)) {
            entries.add(waiting.removeFirst().logprobs());
        }
        return entries;
    }

    private boolean shown(Waiting token, boolean last) {
        return stops.stopped() ? token.start() < shown : last || token.end() <= shown;
    }
}
