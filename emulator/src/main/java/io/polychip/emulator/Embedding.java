package io.polychip.emulator;

import io.polychip.protocol.Hash64;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;

/** A unit vector as a pure function of the text, as JSON numbers or as the little-endian floats clients prefer. */
final class Embedding {
    private Embedding() {}

    static String of(List<String> texts, int dimensions, boolean base64) {
        long seed = dimensions;
        for (String text : texts) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            seed = Hash64.of(seed, bytes, 0, bytes.length);
        }
        double[] raw = new double[dimensions];
        double square = 0;
        for (int i = 0; i < dimensions; i++) {
            raw[i] = (Hash64.join(seed, i) >> 11) * 0x1p-52;
            square += raw[i] * raw[i];
        }
        double norm = Math.sqrt(square);
        ByteBuffer floats = ByteBuffer.allocate(dimensions * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        StringBuilder numbers = new StringBuilder("[");
        for (int i = 0; i < dimensions; i++) {
            float value = (float) (raw[i] / norm);
            floats.putFloat(value);
            numbers.append(i == 0 ? "" : ",").append(value);
        }
        return base64
                ? "\"" + Base64.getEncoder().encodeToString(floats.array()) + "\""
                : numbers.append(']').toString();
    }
}
