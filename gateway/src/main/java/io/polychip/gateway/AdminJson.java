package io.polychip.gateway;

import tools.jackson.databind.json.JsonMapper;

/** Records as JSON, for the operator's paths only: Jackson is loaded when the first of them is asked. */
final class AdminJson {
    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    private AdminJson() {}

    static byte[] write(Object value) {
        return MAPPER.writeValueAsBytes(value);
    }
}
