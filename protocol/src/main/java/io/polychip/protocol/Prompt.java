package io.polychip.protocol;

import java.util.Arrays;

/**
 * What a request gives the model to read, measured but not kept.
 *
 * <p>Prefixes are places where another request may go on from the same beginning: the end of each message, and within
 * long plain texts every {@link #BLOCK_BYTES} bytes. The hash at a prefix covers everything before it, the model and
 * the tools included, as the client wrote it.
 */
public final class Prompt {
    /** Distance of prefixes inside one text, about a thousand tokens. */
    public static final int BLOCK_BYTES = 4096;
    /** Prefixes inside texts are not recorded beyond this many; ends of messages always are. */
    static final int MAX_BLOCKS = 64;

    private static final int[] NO_BYTES = {};
    private static final long[] NO_HASHES = {};

    int textBytes;
    int tokenIds;
    int messages;
    int images;
    int smallImages;
    long audioBytes;
    long conversation;
    boolean lastIsAssistant;
    private long[] hashes = NO_HASHES;
    private int[] bytes = NO_BYTES;
    private int prefixes;

    Prompt() {}

    void prefix(long hash, int textBytesSoFar) {
        if (prefixes == hashes.length) {
            int grown = Math.max(8, prefixes * 2);
            hashes = Arrays.copyOf(hashes, grown);
            bytes = Arrays.copyOf(bytes, grown);
        }
        hashes[prefixes] = hash;
        bytes[prefixes++] = textBytesSoFar;
    }

    void seal() {
        hashes = Arrays.copyOf(hashes, prefixes);
        bytes = Arrays.copyOf(bytes, prefixes);
    }

    /** Text in UTF-8, without escapes, media and JSON's own punctuation; tool definitions count as they are written. */
    public int textBytes() {
        return textBytes;
    }

    /** Tokens the client sent as numbers. */
    public int tokenIds() {
        return tokenIds;
    }

    public int messages() {
        return messages;
    }

    /** Images at full detail. */
    public int images() {
        return images;
    }

    /** Images with {@code detail: low}. */
    public int smallImages() {
        return smallImages;
    }

    /** Audio and other files, decoded size. */
    public long audioBytes() {
        return audioBytes;
    }

    /** The client wants the assistant's last message continued. */
    public boolean lastIsAssistant() {
        return lastIsAssistant;
    }

    /**
     * The same for every turn of one conversation: {@code prompt_cache_key} where given, else all up to the first user
     * message together with {@code user} and {@code safety_identifier}.
     */
    public long conversation() {
        return conversation;
    }

    /** Hashes at the prefixes, ascending; the caller must not change the array. */
    public long[] prefixHashes() {
        return hashes;
    }

    /** Text bytes up to each prefix; the caller must not change the array. */
    public int[] prefixBytes() {
        return bytes;
    }
}
