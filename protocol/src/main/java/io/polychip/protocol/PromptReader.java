package io.polychip.protocol;

import static io.polychip.protocol.OpenAiError.invalid;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Reads {@code messages}, {@code prompt} or {@code input}: how much there is to read, and where it may be shared. */
final class PromptReader {
    /** More messages than any client sends; bounds what one request makes us remember. */
    private static final int MAX_MESSAGES = 100_000;

    private enum MessageField {
        ROLE,
        CONTENT,
        NAME
    }

    private enum PartField {
        TEXT,
        REFUSAL,
        IMAGE_URL,
        IMAGE,
        INPUT_AUDIO,
        AUDIO_URL,
        VIDEO_URL,
        FILE
    }

    private enum MediaField {
        URL,
        DATA,
        FILE_DATA,
        DETAIL
    }

    private static final Keys<MessageField> MESSAGE = new Keys<>(MessageField.values());
    private static final Keys<PartField> PART = new Keys<>(PartField.values());
    private static final Keys<MediaField> MEDIA = new Keys<>(MediaField.values());

    private final ChatScan scan;
    private final Prompt prompt;
    private final JsonCursor cursor;
    private final Values values;
    /** Three ints per unit (message or text): its range in the data, then text bytes up to its end; sign: has media. */
    private int[] units = new int[3 * 16];

    private int count;
    private int firstUser = -1;
    private boolean contentRequired;
    private boolean contentGiven;

    PromptReader(ChatScan scan, JsonCursor cursor, Values values) {
        this.scan = scan;
        this.prompt = scan.prompt;
        this.cursor = cursor;
        this.values = values;
    }

    void messages(String name) {
        values.expect((byte) '[', name, "an array of messages");
        cursor.enter((byte) '[');
        for (boolean first = true; cursor.next(first, (byte) ']'); first = false) {
            message();
        }
        if (count == 0) {
            throw new ProtocolException(invalid(
                    "Invalid 'messages': empty array. Expected an array with at least one message.",
                    name,
                    "empty_array"));
        }
        prompt.messages = count;
    }

    private void message() {
        if (cursor.peek() != '{') {
            throw values.wrongType("messages[%d]".formatted(count), "an object");
        }
        if (count >= MAX_MESSAGES) {
            throw new ProtocolException(invalid(
                    "Invalid 'messages': more than %d messages.".formatted(MAX_MESSAGES),
                    "messages",
                    "array_above_max_length"));
        }
        int from = cursor.at();
        long mediaBefore = media();
        boolean role = false;
        boolean content = false;
        contentRequired = false;
        contentGiven = false;
        cursor.enter((byte) '{');
        for (boolean first = true; cursor.next(first, (byte) '}'); first = false) {
            cursor.key();
            switch (MESSAGE.find(cursor)) {
                case ROLE -> {
                    once(role, "role");
                    role = true;
                    role();
                }
                case CONTENT -> {
                    once(content, "content");
                    content = true;
                    contentGiven = cursor.peek() != 'n';
                    content();
                }
                case NAME -> {
                    if (!values.isNull()) {
                        prompt.textBytes += values.skipString(path("name"));
                        scan.features |= Feature.NAMED_MESSAGES.bit();
                    }
                }
                case null -> text();
            }
        }
        if (!role) {
            throw new ProtocolException(invalid(
                    "Missing required parameter: '%s'.".formatted(path("role")),
                    path("role"),
                    "missing_required_parameter"));
        }
        checkContent(content);
        unit(from, cursor.at(), media() > mediaBefore);
    }

    /** An assistant's message may have tool calls instead, and what new roles need is not known here. */
    private void checkContent(boolean present) {
        if (!contentRequired || contentGiven) {
            return;
        }
        String path = path("content");
        throw new ProtocolException(
                present
                        ? invalid(
                                "Invalid type for '%s': expected a string or an array of content parts, but got null instead."
                                        .formatted(path),
                                path,
                                "invalid_type")
                        : invalid(
                                "Missing required parameter: '%s'.".formatted(path),
                                path,
                                "missing_required_parameter"));
    }

    private long media() {
        return prompt.images + prompt.smallImages + prompt.audioBytes;
    }

    private void once(boolean seen, String field) {
        if (seen) {
            throw new ProtocolException(invalid(
                    "'%s' is given twice; which one is meant cannot be known. Maybe remove one.".formatted(path(field)),
                    path(field),
                    "duplicate_parameter"));
        }
    }

    private void role() {
        values.skipString(path("role"));
        byte[] data = cursor.data();
        int length = cursor.stringTo() - cursor.stringFrom();
        byte initial = length > 0 ? data[cursor.stringFrom()] : 0;
        prompt.lastIsAssistant = length == 9 && initial == 'a'; // not developer
        contentRequired = switch (initial) {
            case 'u', 't' -> length == 4; // user, tool
            case 's' -> length == 6; // system
            case 'd' -> length == 9; // developer
            default -> false;
        };
        if (firstUser < 0 && length == 4 && initial == 'u') {
            firstUser = count;
        }
    }

    private void content() {
        switch (cursor.peek()) {
            case '"' -> prompt.textBytes += cursor.string();
            case 'n' -> cursor.literal("null");
            case '[' -> {
                cursor.enter((byte) '[');
                int index = 0;
                for (boolean first = true; cursor.next(first, (byte) ']'); first = false) {
                    part(index++);
                }
            }
            default -> throw values.wrongType(path("content"), "a string or an array of content parts");
        }
    }

    private void part(int index) {
        if (cursor.peek() == '"') { // vLLM takes bare strings among the parts
            prompt.textBytes += cursor.string();
            return;
        }
        if (cursor.peek() != '{') {
            throw values.wrongType(path("content") + "[%d]".formatted(index), "an object");
        }
        cursor.enter((byte) '{');
        for (boolean first = true; cursor.next(first, (byte) '}'); first = false) {
            cursor.key();
            PartField field = PART.find(cursor);
            switch (field) {
                case TEXT, REFUSAL -> {
                    if (cursor.peek() != '"') {
                        throw values.wrongType(
                                path("content") + "[%d].%s".formatted(index, Keys.wireName(field)), "a string");
                    }
                    prompt.textBytes += cursor.string();
                }
                case IMAGE_URL, IMAGE, VIDEO_URL -> {
                    scan.features |= Feature.IMAGE.bit();
                    image();
                }
                case INPUT_AUDIO, AUDIO_URL, FILE -> {
                    if (field != PartField.FILE) {
                        scan.features |= Feature.AUDIO.bit();
                    }
                    prompt.audioBytes += Math.max(1, media(null));
                }
                case null -> cursor.skip();
            }
        }
    }

    private void image() {
        boolean[] small = new boolean[1];
        media(small);
        if (small[0]) {
            prompt.smallImages++;
        } else {
            prompt.images++;
        }
    }

    /** Skips a medium without counting its characters as text. @return its decoded size where it is embedded */
    private long media(boolean @Nullable [] small) {
        if (cursor.peek() == '"') {
            cursor.string();
            return embedded();
        }
        if (cursor.peek() != '{') {
            cursor.skip();
            return 0;
        }
        long bytes = 0;
        cursor.enter((byte) '{');
        for (boolean first = true; cursor.next(first, (byte) '}'); first = false) {
            cursor.key();
            MediaField field = MEDIA.find(cursor);
            if (field == null || cursor.peek() != '"') {
                cursor.skip();
                continue;
            }
            cursor.string();
            if (field != MediaField.DETAIL) {
                bytes += embedded();
            } else if (small != null) {
                small[0] = cursor.text().equals("low");
            }
        }
        return bytes;
    }

    /** Base64 carries three bytes in four characters. */
    private long embedded() {
        return (cursor.stringTo() - cursor.stringFrom()) * 3L / 4;
    }

    /** Anything else in a message, such as tool calls: all its strings are read by the model. */
    private void text() {
        switch (cursor.peek()) {
            case '"' -> prompt.textBytes += cursor.string();
            case '{' -> {
                cursor.enter((byte) '{');
                for (boolean first = true; cursor.next(first, (byte) '}'); first = false) {
                    cursor.key();
                    text();
                }
            }
            case '[' -> {
                cursor.enter((byte) '[');
                for (boolean first = true; cursor.next(first, (byte) ']'); first = false) {
                    text();
                }
            }
            default -> cursor.skip();
        }
    }

    /** A text, several, token ids, or several lists of them. */
    void inputs(String name) {
        if (cursor.peek() == '"') {
            input(name);
            return;
        }
        values.expect((byte) '[', name, "a string or an array");
        int from = cursor.at();
        cursor.enter((byte) '[');
        int elements = 0;
        int idsBefore = prompt.tokenIds;
        for (boolean first = true; cursor.next(first, (byte) ']'); first = false) {
            switch (cursor.peek()) {
                case '"' -> input(name);
                case '[' -> {
                    int inner = cursor.at();
                    ids(name);
                    unit(inner, cursor.at(), false);
                }
                default -> {
                    values.integer(name, 0);
                    prompt.tokenIds++;
                }
            }
            elements++;
        }
        if (elements == 0) {
            throw new ProtocolException(invalid("Invalid '%s': empty array.".formatted(name), name, "empty_array"));
        }
        if (prompt.tokenIds > idsBefore && count == 0) {
            unit(from, cursor.at(), false);
        }
    }

    private void input(String name) {
        int from = cursor.at();
        prompt.textBytes += values.skipString(name);
        unit(from + 1, cursor.at() - 1, false);
    }

    private void ids(String name) {
        cursor.enter((byte) '[');
        for (boolean first = true; cursor.next(first, (byte) ']'); first = false) {
            values.integer(name, 0);
            prompt.tokenIds++;
        }
    }

    private void unit(int from, int to, boolean media) {
        if (3 * count == units.length) {
            units = Arrays.copyOf(units, units.length * 2);
        }
        units[3 * count] = from;
        units[3 * count + 1] = to;
        units[3 * count + 2] = media ? ~prompt.textBytes : prompt.textBytes;
        count++;
    }

    /** Chains the hashes of all units. @param before text bytes that come before them in the template */
    long hash(byte[] data, long seed, int before) {
        long chain = seed;
        int blocks = 0;
        int bytesBefore = 0;
        for (int i = 0; i < count; i++) {
            int from = units[3 * i];
            int to = units[3 * i + 1];
            int mark = units[3 * i + 2];
            int bytesAfter = mark < 0 ? ~mark : mark;
            if (mark >= 0) {
                int start = from;
                for (; to - from > Prompt.BLOCK_BYTES && blocks < Prompt.MAX_BLOCKS; blocks++) {
                    chain = Hash64.of(chain, data, from, from + Prompt.BLOCK_BYTES);
                    from += Prompt.BLOCK_BYTES;
                    prompt.prefix(chain, before + Math.min(bytesAfter, bytesBefore + from - start));
                }
            }
            chain = Hash64.of(chain, data, from, to);
            prompt.prefix(chain, before + bytesAfter);
            if (i == Math.max(0, firstUser)) {
                prompt.conversation = chain;
            }
            bytesBefore = bytesAfter;
        }
        return chain;
    }

    private String path(String field) {
        return "messages[%d].%s".formatted(count, field);
    }
}
