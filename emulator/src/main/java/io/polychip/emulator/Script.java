package io.polychip.emulator;

import java.util.List;

/**
 * What one choice will say, fixed when the request arrives; the engine only decides when.
 *
 * @param toolName set when the pieces are the arguments of a call of that tool
 * @param pieces text of each token
 */
record Script(Pieces pieces, int count, String finishReason, String toolName) {
    /** Token texts by number, computed when they come out. */
    @FunctionalInterface
    interface Pieces {
        String at(int i);
    }

    static Script text(EmulatedText text, int from, int count, String finishReason) {
        return new Script(i -> text.token(from + i), count, finishReason, "");
    }

    static Script of(List<String> pieces, String finishReason, String toolName) {
        return new Script(pieces::get, pieces.size(), finishReason, toolName);
    }

    boolean isTool() {
        return !toolName.isEmpty();
    }

    String text(int tokens) {
        StringBuilder text = new StringBuilder(tokens * 7);
        for (int i = 0; i < tokens; i++) {
            text.append(pieces.at(i));
        }
        return text.toString();
    }
}
