package io.polychip.gateway;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * Where and under which names an engine tells its load. All of it is data: {@code dialects.properties}.
 *
 * @param running gauge names, newest first; engines of different age use different ones
 */
record Dialect(String metricsPath, String healthPath, List<String> running, List<String> waiting, List<String> kvUsed) {
    /** By engine name, as fleet files write it. */
    static Map<String, Dialect> shipped() {
        Properties properties = new Properties();
        try (InputStream in = Dialect.class.getResourceAsStream("dialects.properties")) {
            if (in == null) {
                throw new IllegalStateException("dialects.properties is missing from this build.");
            }
            properties.load(new InputStreamReader(in, StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Map<String, Dialect> byEngine = new HashMap<>();
        for (String key : properties.stringPropertyNames()) {
            if (key.endsWith(".engines")) {
                String name = key.substring(0, key.length() - ".engines".length());
                Dialect dialect = new Dialect(
                        one(properties, name + ".metrics"),
                        one(properties, name + ".health"),
                        words(properties.getProperty(name + ".running")),
                        words(properties.getProperty(name + ".waiting")),
                        words(properties.getProperty(name + ".kv")));
                words(properties.getProperty(key)).forEach(engine -> byEngine.put(engine, dialect));
            }
        }
        return Map.copyOf(byEngine);
    }

    private static String one(Properties properties, String key) {
        List<String> words = words(properties.getProperty(key));
        if (words.size() != 1) {
            throw new IllegalStateException("dialects.properties: %s must be one path.".formatted(key));
        }
        return words.getFirst();
    }

    private static List<String> words(@Nullable String value) {
        return value == null || value.isBlank()
                ? List.of()
                : List.of(value.trim().split("\\s+"));
    }
}
