package io.polychip.fleet;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.Map;

/**
 * Fills references such as <code>${NAME}</code> and <code>${NAME:-default}</code> from environment variables, whose own
 * values may refer to others; a doubled dollar sign stands for one that begins no reference. What a variable holds is
 * never part of a message.
 */
final class Environment {
    private final Map<String, String> variables;

    Environment(Map<String, String> variables) {
        this.variables = Map.copyOf(variables);
    }

    /** @throws Mistake where a variable is not set, refers to itself, or a brace is missing */
    String expand(String text) {
        return text.contains("${") ? expand(text, new ArrayDeque<>()) : text;
    }

    private String expand(String text, Deque<String> within) {
        StringBuilder out = new StringBuilder();
        int from = 0;
        for (int at = text.indexOf("${"); at >= 0; at = text.indexOf("${", from)) {
            if (at > 0 && text.charAt(at - 1) == '$') {
                out.append(text, from, at - 1).append("${");
                from = at + 2;
                continue;
            }
            int end = text.indexOf('}', at);
            if (end < 0) {
                throw new Mistake("has ${ without its }; expected ${NAME} or ${NAME:-default}.");
            }
            out.append(text, from, at).append(value(text.substring(at + 2, end), within));
            from = end + 1;
        }
        return out.append(text, from, text.length()).toString();
    }

    private String value(String reference, Deque<String> within) {
        int fallback = reference.indexOf(":-");
        String name = fallback < 0 ? reference : reference.substring(0, fallback);
        if (!name.matches("[A-Za-z_][A-Za-z0-9_]*")) {
            throw new Mistake("refers to the variable \"" + name + "\"; expected letters, digits and _ as in ${NAME}.");
        }
        if (within.contains(name)) {
            throw new Mistake("refers to itself: " + String.join(" -> ", within) + " -> " + name
                    + "; expected variables that end in plain text.");
        }
        String value = variables.get(name);
        if (value == null || value.isEmpty()) {
            if (fallback >= 0) {
                return reference.substring(fallback + 2);
            }
            String reached = within.isEmpty() ? "" : " (reached by " + String.join(" -> ", within) + ")";
            throw new Mistake("needs the environment variable " + name + reached + ", which is "
                    + (value == null ? "not set" : "empty") + "; set it, or give a default as in ${" + name
                    + ":-default}." + Names.maybe(name, similar(name)));
        }
        within.addLast(name);
        String expanded = expand(value, within);
        within.removeLast();
        return expanded;
    }

    /** Only variables that look alike are named: an environment holds names that are nobody's business. */
    private Collection<String> similar(String name) {
        int underscore = name.indexOf('_');
        String stem = underscore < 0 ? name : name.substring(0, underscore);
        return variables.keySet().stream()
                .filter(known -> known.startsWith(stem))
                .map(known -> "${" + known + "}")
                .toList();
    }
}
