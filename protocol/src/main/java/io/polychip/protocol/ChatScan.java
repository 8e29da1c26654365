package io.polychip.protocol;

import org.jspecify.annotations.Nullable;

/**
 * One pass over the body of a request that runs a model: checks that it is JSON and that the fields a gateway acts on
 * have the right types, and notes what routing needs. Unknown fields pass unseen; nothing is bound, nothing is
 * re-serialised: {@link #edits} changes single members by splicing bytes, so a 30-digit integer stays one.
 *
 * <p>Policies: a repeated top-level key or a repeated {@code role} or {@code content} is refused, because a gateway
 * that reads the first and an engine that reads the last would disagree about what was asked. Depth is bounded by
 * {@link JsonCursor#MAX_DEPTH}. Holds no reference to the body. Linear; about 70 microseconds for 220 KB (test
 * {@code ScanBenchmark}). Immutable once made.
 */
public final class ChatScan {
    final Members members = new Members();
    final Prompt prompt = new Prompt();
    final Endpoint endpoint;
    String model = "";
    String serviceTier = "";
    boolean stream;
    boolean includeUsage;
    boolean ignoreEos;
    int maxTokens;
    int choices = 1;
    int features;
    long fingerprint;
    int optionsFrom;
    int includeUsageFrom;
    int includeUsageTo;

    ChatScan(Endpoint endpoint) {
        this.endpoint = endpoint;
    }

    /** @throws ProtocolException with what is wrong, in OpenAI's terms */
    public static ChatScan of(byte[] body, Endpoint endpoint) {
        return of(body, 0, body.length, endpoint);
    }

    /** @throws ProtocolException with what is wrong, in OpenAI's terms */
    public static ChatScan of(byte[] data, int offset, int length, Endpoint endpoint) {
        return new ChatReader(data, offset, length, endpoint).read();
    }

    public Endpoint endpoint() {
        return endpoint;
    }

    /** The model's name as the client wrote it, never empty. */
    public String model() {
        return model;
    }

    /** Empty when not given. */
    public String serviceTier() {
        return serviceTier;
    }

    public boolean stream() {
        return stream;
    }

    /** The client wants the chunk with the usage; otherwise it must not see one. */
    public boolean includeUsage() {
        return includeUsage;
    }

    /** vLLM's {@code ignore_eos}: exactly {@link #maxTokens} tokens come out. */
    public boolean ignoreEos() {
        return ignoreEos;
    }

    /** Cap on the answer, the smaller where two are given; 0: none. */
    public int maxTokens() {
        return maxTokens;
    }

    public int choices() {
        return choices;
    }

    /** Bits of {@link Feature}. */
    public int features() {
        return features;
    }

    public Prompt prompt() {
        return prompt;
    }

    /** Of everything in the body: equal bodies have equal ones. */
    public long fingerprint() {
        return fingerprint;
    }

    /** True when the top level has that member. */
    public boolean has(String name) {
        return members.index(name) >= 0;
    }

    /** Range of a top-level value in the body as {@code from << 32 | to}, or -1. */
    public long valueRange(String name) {
        int index = members.index(name);
        return index < 0 ? -1 : (long) members.valueFrom(index) << 32 | members.valueTo(index);
    }

    /** Starts a changed copy of the body. */
    public Edits edits() {
        return new Edits(members);
    }

    /** Changes that make the engine report its usage at the end of a stream; none when it will anyway. */
    public Edits askForUsage(Edits edits) {
        if (!stream || includeUsage) {
            return edits;
        }
        if (includeUsageTo > 0) {
            return edits.splice("stream_options", includeUsageFrom, includeUsageTo, "true");
        }
        if (optionsFrom > 0) {
            return edits.splice("stream_options", optionsFrom, optionsFrom, "\"include_usage\":true,");
        }
        return edits.set("stream_options", "{\"include_usage\":true}");
    }

    /** The field that carries the cap on the answer, or null when the client gave none. */
    public @Nullable String maxTokensField() {
        return has("max_completion_tokens") ? "max_completion_tokens" : has("max_tokens") ? "max_tokens" : null;
    }
}
