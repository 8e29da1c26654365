package io.polychip.llama;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What llama.cpp leaves out when it applies a model's chat template.
 *
 * <p>llama.cpp does not run the Jinja program: it recognises known families and renders those itself. A default system
 * message, which many templates of the ChatML family insert where a conversation has none, is then missing, and the
 * model answers noticeably worse. It is a literal in the template, so it is found there.
 */
record ChatTemplate(String source, @Nullable String defaultSystem) {
    /** What is used for a model without a template, as llama.cpp's own server does. */
    static final ChatTemplate CHATML = new ChatTemplate("chatml", null);

    private static final Pattern DEFAULT_SYSTEM =
            Pattern.compile("(['\"])<\\|im_start\\|>system(?:\n|\\\\n)([^'\"{}]+?)<\\|im_end\\|>(?:\n|\\\\n)?\\1");

    static ChatTemplate of(@Nullable String source) {
        if (source == null || source.isBlank()) {
            return CHATML;
        }
        Matcher matcher = DEFAULT_SYSTEM.matcher(source);
        return new ChatTemplate(source, matcher.find() ? matcher.group(2) : null);
    }

    /** The conversation as the template's author would have rendered it. */
    List<ChatMessage> complete(List<ChatMessage> messages) {
        if (defaultSystem == null
                || (!messages.isEmpty() && messages.getFirst().role().equals("system"))) {
            return messages;
        }
        List<ChatMessage> completed = new ArrayList<>(messages.size() + 1);
        completed.add(new ChatMessage("system", defaultSystem));
        completed.addAll(messages);
        return completed;
    }
}
