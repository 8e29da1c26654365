package io.polychip.llama;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * Whole characters from tokens that may end inside one. Bytes that can become no character turn into U+FFFD; those of
 * an unfinished last character are kept, and never shown if nothing follows. Not for several threads.
 */
final class Utf8Assembler {
    private final CharsetDecoder decoder = StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPLACE)
            .onUnmappableCharacter(CodingErrorAction.REPLACE);
    private byte[] unfinished = {};

    /** The characters that these bytes complete. */
    String append(byte[] bytes) {
        ByteBuffer input = ByteBuffer.allocate(unfinished.length + bytes.length)
                .put(unfinished)
                .put(bytes)
                .flip();
        CharBuffer output = CharBuffer.allocate(input.remaining());
        decoder.decode(input, output, false);
        unfinished = new byte[input.remaining()];
        input.get(unfinished);
        return output.flip().toString();
    }
}
