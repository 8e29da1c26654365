package io.polychip.emulator;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.http.HttpHeaders;
import io.polychip.protocol.JsonText;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An answer as server-sent events, one token each, as vLLM sends them: role, tokens, finish reason, usage where asked
 * for, {@code [DONE]}. The bytes around a token are made once per answer; what one pass of the engine produced leaves
 * in one write.
 */
final class StreamReply extends Reply {
    private static final byte[] DONE = "data: [DONE]\n\n".getBytes(StandardCharsets.US_ASCII);
    private static final int FIRST_BYTES = 1024;

    private final ByteBufAllocator allocator;
    private final HttpHeaders headers;
    private final List<byte[]> prefixes = new ArrayList<>(1);
    private final List<byte[]> suffixes = new ArrayList<>(1);
    private final StringBuilder escaped = new StringBuilder();
    private @Nullable ByteBuf pending;

    StreamReply(
            Outlet outlet,
            Order order,
            ReplyText text,
            @Nullable Fault fault,
            ByteBufAllocator allocator,
            HttpHeaders headers) {
        super(outlet, order, text, fault);
        this.allocator = allocator;
        this.headers = headers;
    }

    @Override
    void begin() {
        outlet.start(headers);
        for (Choice choice : choices) {
            prefixes.add(text.tokenPrefix(choice));
            suffixes.add(bytes(order.logprobs() ? "" : text.tokenSuffix(choice, 0)));
        }
    }

    @Override
    void tokens(Choice choice, int from, int count) {
        if (count == 0) {
            return;
        }
        ByteBuf out = pending();
        if (from == 0) {
            out.writeBytes(bytes(text.role(choice, choice.index == 0)));
        }
        byte[] prefix = prefixes.get(choice.index);
        byte[] suffix = suffixes.get(choice.index);
        for (int i = from; i < from + count; i++) {
            escaped.setLength(0);
            JsonText.escape(escaped, choice.script.pieces().at(i));
            out.writeBytes(prefix);
            out.writeCharSequence(escaped, StandardCharsets.UTF_8);
            out.writeBytes(order.logprobs() ? bytes(text.tokenSuffix(choice, i)) : suffix);
        }
    }

    @Override
    void end(Choice choice) {
        boolean last = choices.stream().noneMatch(other -> other.running);
        pending().writeBytes(bytes(text.finish(choice, choices, last)));
    }

    @Override
    void endAll() {
        ByteBuf out = pending();
        if (order.scan().includeUsage()) {
            out.writeBytes(bytes(text.usageChunk(choices)));
        }
        out.writeBytes(DONE);
        flush();
        outlet.finish();
    }

    @Override
    void flush() {
        ByteBuf out = pending;
        if (out != null) {
            pending = null;
            outlet.write(out);
        }
    }

    @Override
    void cut() {
        outlet.finish();
    }

    @Override
    void broken() {
        pending().writeBytes(bytes("data: " + ReplyText.BROKEN + "\n\n"));
    }

    @Override
    void failed() {
        pending().writeBytes(bytes("data: " + ReplyText.ERROR + "\n\n"));
        flush();
        outlet.finish();
    }

    private ByteBuf pending() {
        ByteBuf out = pending;
        if (out == null) {
            out = allocator.buffer(FIRST_BYTES);
            pending = out;
        }
        return out;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
