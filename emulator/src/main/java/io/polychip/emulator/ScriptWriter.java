package io.polychip.emulator;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** Decides what an answer will be, as a pure function of the request. */
final class ScriptWriter {
    /** Characters of JSON that make one token, about what engines need. */
    private static final int JSON_PIECE = 4;

    private ScriptWriter() {}

    /**
     * One choice.
     *
     * @param room tokens that fit into the context behind the prompt
     * @param wrong an injected fault makes the chip compute wrongly
     */
    static Script write(Order order, int choice, int room, boolean wrong) {
        EmulatedText right = EmulatedText.of(order.promptOf(choice))
                .choice(choice % order.scan().choices());
        EmulatedText words = wrong ? right.wrong() : right;
        int asked = order.scan().maxTokens();
        int most = asked > 0 ? Math.min(asked, room) : room;
        JsonNode tool = order.tool();
        if (tool != null) {
            String arguments = SchemaExample.of(tool.path("parameters"), words);
            return capped(
                    pieces(arguments), most, "tool_calls", tool.path("name").asString("tool"));
        }
        JsonNode schema = order.schema();
        if (schema != null) {
            return capped(pieces(SchemaExample.of(schema, words)), most, "stop", "");
        }
        if (order.scan().ignoreEos() && asked > 0) {
            return Script.text(words, order.continuedTokens(), most, "length");
        }
        int natural = Math.max(1, words.naturalTokens() - order.continuedTokens());
        Script whole = Script.text(
                words, order.continuedTokens(), Math.min(natural, most), natural <= most ? "stop" : "length");
        return order.stops().isEmpty() ? whole : stopped(whole, order.stops());
    }

    private static Script capped(List<String> pieces, int most, String finishReason, String toolName) {
        return pieces.size() <= most
                ? Script.of(pieces, finishReason, toolName)
                : Script.of(pieces.subList(0, most), "length", toolName);
    }

    private static List<String> pieces(String json) {
        List<String> pieces = new ArrayList<>();
        for (int at = 0; at < json.length(); ) {
            int to = Math.min(json.length(), at + JSON_PIECE);
            to += to < json.length() && Character.isLowSurrogate(json.charAt(to)) ? 1 : 0;
            pieces.add(json.substring(at, to));
            at = to;
        }
        return pieces;
    }

    /** Ends the answer before the first stop string, inside a token if need be. */
    private static Script stopped(Script whole, List<String> stops) {
        String text = whole.text(whole.count());
        int end = text.length();
        for (String stop : stops) {
            int found = text.indexOf(stop);
            end = found >= 0 ? Math.min(end, found) : end;
        }
        if (end == text.length()) {
            return whole;
        }
        List<String> pieces = new ArrayList<>();
        for (int i = 0, at = 0; at < end; i++) {
            String piece = whole.pieces().at(i);
            pieces.add(piece.substring(0, Math.min(piece.length(), end - at)));
            at += piece.length();
        }
        if (pieces.isEmpty()) {
            pieces.add("");
        }
        return Script.of(pieces, "stop", "");
    }
}
