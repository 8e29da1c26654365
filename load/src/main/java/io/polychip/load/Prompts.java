package io.polychip.load;

import java.nio.charset.StandardCharsets;

/**
 * Prompt texts of a wanted length. A prompt is made of three-letter words and spaces: four bytes each, and one token
 * each in the vocabularies in use, so that bytes and tokens are right without a tokeniser here.
 *
 * <p>Two prompts share their text exactly as far as their trace's block ids agree, hence prefix caches see the reuse
 * the trace had. Pure: the same seed and ids give the same text.
 */
final class Prompts {
    private static final byte[][] WORDS = words(
            "the and for are but not you all any can had her was one our out day get has him his how man new now old"
                + " see two way who boy did its let put say she too use air box car dog eat far gas hat ice job key"
                + " law map net oil pay red sea tax van war yes act bad cup due ear fan get hot ink jar kid leg mud"
                + " nut odd pen row sun tea urn vet web yet zoo arm bus cat dry egg fit gun hit ill jet lab mix nor");

    private Prompts() {}

    /**
     * Text of {@code tokens} words.
     *
     * @param blocks ids of successive blocks of {@code blockTokens} words; what lies beyond them is the request's own
     */
    static byte[] text(int tokens, long[] blocks, int blockTokens, long seed) {
        byte[] text = new byte[tokens * 4];
        for (int token = 0; token < tokens; token++) {
            int block = blocks.length == 0 ? 0 : token / blockTokens;
            boolean shared = block < blocks.length;
            long source = shared ? blocks[block] : ~seed;
            int place = shared ? token % blockTokens : token;
            byte[] word = WORDS[(int) ((mix(source * 0x9E3779B97F4A7C15L + place) >>> 1) % WORDS.length)];
            System.arraycopy(word, 0, text, token * 4, 4);
        }
        return text;
    }

    /** Stafford's variant 13 of the 64-bit finaliser. */
    static long mix(long value) {
        long z = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }

    private static byte[][] words(String text) {
        String[] words = text.split(" ", -1);
        byte[][] bytes = new byte[words.length][];
        for (int i = 0; i < words.length; i++) {
            bytes[i] = (words[i] + " ").getBytes(StandardCharsets.US_ASCII);
        }
        return bytes;
    }
}
