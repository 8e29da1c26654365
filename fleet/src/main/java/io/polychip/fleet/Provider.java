package io.polychip.fleet;

import java.util.List;
import java.util.Map;

/**
 * A hosted API's peculiarities, as data: what changes on the wire is never code.
 *
 * @param baseUrl up to and including the version segment, {@code https://api.groq.com/openai/v1}
 * @param unsupported request fields it refuses; a request that sets one is sent elsewhere
 * @param dropped request fields without meaning for it that are removed
 */
public record Provider(
        String name, String baseUrl, List<String> unsupported, List<String> dropped, Map<String, String> notes) {}
