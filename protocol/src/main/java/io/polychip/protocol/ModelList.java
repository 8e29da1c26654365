package io.polychip.protocol;

import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.stream.Collectors;

/** Writes the answers of {@code /v1/models} and {@code /v1/models/NAME}. */
public final class ModelList {
    private ModelList() {}

    /** @param createdSeconds Unix time shown for each */
    public static byte[] of(Collection<String> names, String owner, long createdSeconds) {
        String data = names.stream()
                .map(name -> model(name, owner, createdSeconds))
                .collect(Collectors.joining(",", "{\"object\":\"list\",\"data\":[", "]}"));
        return data.getBytes(StandardCharsets.UTF_8);
    }

    public static byte[] one(String name, String owner, long createdSeconds) {
        return model(name, owner, createdSeconds).getBytes(StandardCharsets.UTF_8);
    }

    private static String model(String name, String owner, long createdSeconds) {
        return "{\"id\":%s,\"object\":\"model\",\"created\":%d,\"owned_by\":%s}"
                .formatted(JsonText.quote(name), createdSeconds, JsonText.quote(owner));
    }
}
