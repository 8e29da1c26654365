package io.polychip.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code polychip serve} over {@code polychip emulate}, each a process of its own, as an operator runs them. */
final class ServedFleet implements AutoCloseable {
    static final String KEY = "key-of-the-official-clients";
    private static final long START_NANOS = TimeUnit.SECONDS.toNanos(60);

    private final List<Process> processes = new ArrayList<>();
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final String control;
    private final String url;

    /**
     * @param fleet whose replicas are {@code http://POOL.emulated:8000}
     * @param folder for logs and the fleet file with the real addresses
     * @param serving further options of {@code serve}
     */
    ServedFleet(String fleet, Path folder, String... serving) throws IOException {
        try {
            Path placeholders = Files.writeString(folder.resolve("emulated.yaml"), fleet);
            Path addresses = folder.resolve("addresses.json");
            start(folder, addresses, "emulate", "--json", placeholders.toString());
            JsonNode emulated = JsonMapper.shared()
                    .readTree(await(addresses, folder.resolve("emulate.err"), Pattern.compile("(?s)(\\{.*\\}\\s*)$")));
            control = emulated.path("control").asString();
            String served = fleet;
            for (JsonNode replica : emulated.path("replicas")) {
                String placeholder = "http://" + replica.path("pool").asString() + ".emulated:8000";
                served = served.replace(placeholder, replica.path("url").asString());
            }
            Path fleetFile = Files.writeString(folder.resolve("served.yaml"), served);
            List<String> serve = new ArrayList<>(List.of(
                    "serve",
                    fleetFile.toString(),
                    "--log",
                    folder.resolve("access.log").toString()));
            serve.addAll(List.of(serving));
            start(folder, folder.resolve("serve.out"), serve.toArray(String[]::new));
            Path said = folder.resolve("serve.err");
            url = await(said, said, Pattern.compile("(?s)(http://[0-9.]+:[0-9]+)/v1.*ready after"));
        } catch (IOException | RuntimeException broken) {
            close();
            throw broken;
        }
    }

    /** Without {@code /v1}. */
    String url() {
        return url;
    }

    /** Of the emulator, with its path. */
    String control() {
        return control;
    }

    /** Strikes every chip until {@link #heal}. @param json as {@code POST /control/faults} takes it */
    void strike(String json) throws Exception {
        HttpResponse<String> answer = http.send(
                HttpRequest.newBuilder(URI.create(control + "/faults"))
                        .POST(HttpRequest.BodyPublishers.ofString(json))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != 201) {
            throw new IllegalStateException("%s: %s".formatted(json, answer.body()));
        }
    }

    void heal() throws Exception {
        http.send(
                HttpRequest.newBuilder(URI.create(control + "/faults")).DELETE().build(),
                HttpResponse.BodyHandlers.discarding());
    }

    /** Waits until no chip works any more, as it must once nobody waits for an answer. */
    void awaitIdle() throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        HttpRequest counters =
                HttpRequest.newBuilder(URI.create(control + "/counters")).build();
        while (!idle(http.send(counters, HttpResponse.BodyHandlers.ofString()).body())) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("A chip still works for a client that left 10 s ago.");
            }
            LockSupport.parkNanos(50_000_000L);
        }
    }

    private static boolean idle(String counters) {
        for (JsonNode replica : JsonMapper.shared().readTree(counters)) {
            if (replica.path("running").asInt() + replica.path("waiting").asInt() > 0) {
                return false;
            }
        }
        return true;
    }

    private void start(Path folder, Path out, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectOutput(out.toFile())
                .redirectError(folder.resolve(arguments[0] + ".err").toFile());
        builder.environment().put("CLIENT_KEY", KEY);
        processes.add(builder.start());
    }

    /** What the last process says once it is ready. */
    private String await(Path file, Path errors, Pattern pattern) throws IOException {
        long deadline = System.nanoTime() + START_NANOS;
        while (true) {
            Matcher said = pattern.matcher(Files.exists(file) ? Files.readString(file, UTF_8) : "");
            if (said.find()) {
                return said.group(1);
            }
            if (!processes.getLast().isAlive() || System.nanoTime() > deadline) {
                throw new IllegalStateException(
                        "%s did not start: %s".formatted(errors.getFileName(), Files.readString(errors)));
            }
            LockSupport.parkNanos(20_000_000L);
        }
    }

    @Override
    public void close() {
        http.close();
        for (Process process : processes.reversed()) {
            process.destroy();
        }
        for (Process process : processes.reversed()) {
            try {
                if (!process.waitFor(5, TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                process.destroyForcibly();
            }
        }
    }
}
