package io.polychip.emulator;

import io.polychip.protocol.Hash64;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * What an emulated chip answers: token {@code i} is a pure function of the prompt's text and {@code i}.
 *
 * <p>A token is one readable word with its leading space, so an answer's text is the plain concatenation of its tokens
 * and the number of words in a text is its number of tokens. A final assistant message is not part of the prompt: the
 * answer goes on behind its words, so that a continued answer equals one that was never cut, byte for byte. Model,
 * chip, seed and temperature change nothing: all pools give the same answer. Immutable.
 */
public final class EmulatedText {
    private static final String[] SYLLABLES = {
        "ba", "be", "bi", "bo", "da", "de", "di", "do", "fa", "fe", "fi", "fo", "ga", "ge", "gi", "go", "ka", "ke",
                "ki",
        "ko", "la", "le", "li", "lo", "ma", "me", "mi", "mo", "na", "ne", "ni", "no", "pa", "pe", "pi", "po", "ra",
                "re",
        "ri", "ro", "sa", "se", "si", "so", "ta", "te", "ti", "to", "va", "ve", "vi", "vo", "wa", "we", "wi", "wo",
                "ya",
        "ye", "yo", "yu", "za", "ze", "zo", "zu"
    };
    private static final int SYLLABLE_BITS = 6;
    private static final long SEED = 0x656d756c61746564L;
    private static final long WRONG = 0x77726f6e67746578L;
    private static final int LEAST_TOKENS = 16;
    private static final int NATURAL_SPREAD = 240;

    private final long seed;

    private EmulatedText(long seed) {
        this.seed = seed;
    }

    /** The answer to these texts: all messages in order, without a final one of the assistant; or the bare prompt. */
    public static EmulatedText of(List<String> texts) {
        long hash = SEED;
        for (String text : texts) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            hash = Hash64.of(hash, bytes, 0, bytes.length);
        }
        return new EmulatedText(hash);
    }

    /** The answer of choice {@code index} where several are asked for; that of choice 0 is this one. */
    public EmulatedText choice(int index) {
        return index == 0 ? this : new EmulatedText(Hash64.join(seed, index));
    }

    /** What a chip that computes wrongly says instead. */
    public EmulatedText wrong() {
        return new EmulatedText(Hash64.join(seed, WRONG));
    }

    public String token(int i) {
        long draw = Hash64.join(seed, i);
        StringBuilder word = new StringBuilder(8).append(' ');
        int syllables = 2 + (int) (draw >>> 62 & 1);
        for (int s = 0; s < syllables; s++) {
            word.append(SYLLABLES[(int) (draw >>> (s * SYLLABLE_BITS)) & SYLLABLES.length - 1]);
        }
        return word.toString();
    }

    /** Tokens {@code from} to {@code from + count - 1} together. */
    public String text(int from, int count) {
        StringBuilder text = new StringBuilder(count * 6);
        for (int i = from; i < from + count; i++) {
            text.append(token(i));
        }
        return text.toString();
    }

    /** Length of the whole answer when nothing caps it: 16 to 255 tokens. */
    public int naturalTokens() {
        return LEAST_TOKENS + (int) Math.floorMod(Hash64.join(seed, SEED), (long) NATURAL_SPREAD);
    }

    /** Words in a text, which is what its tokens are. */
    public static int tokensIn(String text) {
        int words = 0;
        boolean inside = false;
        for (int i = 0; i < text.length(); i++) {
            boolean letter = text.charAt(i) > ' ';
            words += letter && !inside ? 1 : 0;
            inside = letter;
        }
        return words;
    }
}
