package io.polychip.llama;

import java.util.List;

/**
 * Finds stop strings in a text that arrives in pieces, and never lets a part of one out.
 *
 * <p>The string that is complete first wins, among those the longest, so that where the pieces are cut changes nothing.
 * Costs the held text times the stop strings per piece; held is less than the longest of them. Not for several threads.
 */
final class StopMatcher {
    private final List<String> stops;
    private final StringBuilder held = new StringBuilder();
    private boolean stopped;

    /** @param stops none of them empty */
    StopMatcher(List<String> stops) {
        this.stops = List.copyOf(stops);
    }

    /** Takes the next piece and returns what may be shown now. After a stop that is nothing. */
    String append(String piece) {
        if (stopped) {
            return "";
        }
        held.append(piece);
        int start = firstComplete();
        stopped = start >= 0;
        int shown = stopped ? start : held.length() - longestBeginning();
        String text = held.substring(0, shown);
        held.delete(0, shown);
        return text;
    }

    boolean stopped() {
        return stopped;
    }

    /** What was held back in case it became a stop string, now that nothing follows. */
    String rest() {
        String rest = stopped ? "" : held.toString();
        held.setLength(0);
        return rest;
    }

    /** Where the stop string that ends first begins, or -1. */
    private int firstComplete() {
        int start = -1;
        int end = Integer.MAX_VALUE;
        for (String stop : stops) {
            int at = held.indexOf(stop);
            if (at >= 0 && (at + stop.length() < end || (at + stop.length() == end && at < start))) {
                start = at;
                end = at + stop.length();
            }
        }
        return start;
    }

    /** The length of the longest end of the held text that begins a stop string. */
    private int longestBeginning() {
        int longest = 0;
        for (String stop : stops) {
            for (int length = Math.min(stop.length() - 1, held.length()); length > longest; length--) {
                if (stop.startsWith(held.substring(held.length() - length))) {
                    longest = length;
                }
            }
        }
        return longest;
    }
}
