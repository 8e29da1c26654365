package io.polychip.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * OpenAI's own clients for Python and Node, unchanged, against {@code serve} over {@code emulate}: what they ask and
 * expect stands in {@code src/test/clients}, one test for each of their checks.
 *
 * <p>Both are installed into {@code target/clients} at pinned versions by pip and npm. Where the machine has no Python
 * or no npm there are no such tests, and one line says so; with {@code POLYCHIP_CLIENTS=required}, as in CI, that is a
 * failure.
 */
@Tag("clients")
final class OfficialClientsIT {
    private static final Path SCRIPTS = Path.of("src", "test", "clients").toAbsolutePath();
    private static final Path INSTALLED = Path.of("target", "clients").toAbsolutePath();

    /** Pinned here, since npm's own file would name a registry. 7 needs Node 22. */
    private static final String NODE_CLIENT = "openai@6.49.0";

    private static final List<String> CHECKS = List.of(
            "whole",
            "stream",
            "tools",
            "json_schema",
            "logprobs",
            "two_choices",
            "completions_embeddings_models",
            "several_at_once",
            "cancelled",
            "bad_request",
            "authentication",
            "not_found",
            "too_large",
            "conflict_and_unprocessable",
            "rate_limit",
            "connection",
            "timeout",
            "length_finish_reason",
            "cut_stream",
            "server_error",
            "recovered");

    private static @Nullable ServedFleet fleet;

    @BeforeAll
    static void start() throws IOException {
        Path folder = Files.createDirectories(INSTALLED.resolve("served"));
        try (Stream<Path> old = Files.list(folder)) {
            for (Path file : old.toList()) {
                Files.delete(file);
            }
        }
        fleet = new ServedFleet(Files.readString(SCRIPTS.resolve("fleet.yaml")), folder);
    }

    @AfterAll
    static void stop() {
        if (fleet != null) {
            fleet.close();
        }
    }

    @TestFactory
    Stream<DynamicTest> python() throws Exception {
        if (missing(
                "Python 3.10 with venv",
                "python3",
                "-c",
                "import ensurepip, venv, sys; sys.exit(sys.version_info < (3, 10))")) {
            return Stream.empty();
        }
        Path home = INSTALLED.resolve("python");
        Path requirements = SCRIPTS.resolve("requirements.txt");
        Path python = home.resolve("bin").resolve("python");
        install(home, Files.readString(requirements), () -> {
            run(Path.of("."), "python3", "-m", "venv", "--clear", home.toString());
            run(
                    home,
                    python.toString(),
                    "-m",
                    "pip",
                    "install",
                    "--quiet",
                    "--disable-pip-version-check",
                    "--no-input",
                    "-r",
                    requirements.toString());
        });
        return checks(
                home, python.toString(), SCRIPTS.resolve("openai_client.py").toString());
    }

    @TestFactory
    Stream<DynamicTest> node() throws Exception {
        if (missing("Node", "node", "--version") || missing("npm", "npm", "--version")) {
            return Stream.empty();
        }
        Path home = INSTALLED.resolve("node");
        install(home, NODE_CLIENT, () -> {
            Files.createDirectories(home);
            Files.writeString(home.resolve("package.json"), "{\"private\": true}");
            run(home, "npm", "install", "--no-save", "--no-audit", "--no-fund", "--loglevel=error", NODE_CLIENT);
        });
        Path script = home.resolve("openai_client.mjs"); // Node looks for modules beside the script
        Files.writeString(script, Files.readString(SCRIPTS.resolve("openai_client.mjs")));
        return checks(home, "node", script.toString());
    }

    /** Runs the script once; each of its lines is a test, and so is each check that left no line. */
    private static Stream<DynamicTest> checks(Path home, String... command) throws Exception {
        ServedFleet served = fleet;
        if (served == null) {
            throw new IllegalStateException("Not started.");
        }
        Path output = home.resolve("checks.txt");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
        builder.environment()
                .putAll(Map.of(
                        "POLYCHIP_URL",
                        served.url(),
                        "POLYCHIP_KEY",
                        ServedFleet.KEY,
                        "EMULATOR_CONTROL",
                        served.control()));
        finish(builder.start(), output);
        String all = Files.readString(output);
        Map<String, String> results = new LinkedHashMap<>();
        for (String line : all.lines().toList()) {
            int space = line.indexOf(' ');
            if (space > 0 && CHECKS.contains(line.substring(0, space))) {
                results.put(line.substring(0, space), line.substring(space + 1));
            }
        }
        List<DynamicTest> tests = new ArrayList<>();
        for (String check : CHECKS) {
            String result = results.getOrDefault(check, "\"no result; the script said: %s\"".formatted(all));
            tests.add(DynamicTest.dynamicTest(
                    check, () -> assertThat(readable(result)).isEqualTo("ok")));
        }
        return tests.stream();
    }

    private static String readable(String result) {
        return result.startsWith("\"") ? JsonMapper.shared().readValue(result, String.class) : result;
    }

    // ---- programs of the machine

    private static boolean missing(String name, String... probe) throws IOException {
        boolean there;
        try {
            there = finish(
                            new ProcessBuilder(probe)
                                    .redirectErrorStream(true)
                                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                                    .start(),
                            INSTALLED)
                    == 0;
        } catch (IOException notInstalled) {
            there = false;
        }
        if (!there && "required".equals(System.getenv("POLYCHIP_CLIENTS"))) {
            throw new IllegalStateException(
                    "%s is not here (tried: %s), and POLYCHIP_CLIENTS=required wants it. Maybe apt-get install python3-venv nodejs npm."
                            .formatted(name, String.join(" ", probe)));
        }
        if (!there) {
            System.out.printf(
                    "Left out: the checks with OpenAI's client that need %s, which is not on this machine.%n", name);
        }
        return !there;
    }

    private interface Installation {
        void run() throws Exception;
    }

    /** Once for each pinned version. */
    private static void install(Path home, String version, Installation installation) throws Exception {
        Path stamp = home.resolve("installed");
        if (!Files.exists(stamp) || !Files.readString(stamp).equals(version)) {
            installation.run();
            Files.writeString(stamp, version);
        }
    }

    private static void run(Path folder, String... command) throws IOException {
        Path output = Files.createDirectories(INSTALLED).resolve("install.log");
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        int exit = finish(process, output);
        if (exit != 0) {
            throw new IllegalStateException(
                    "'%s' ended with %d: %s%nMaybe this machine has no network; mvn verify -Dtest.excluded.tags=clients goes without."
                            .formatted(String.join(" ", command), exit, Files.readString(output)));
        }
    }

    private static int finish(Process process, Path output) {
        try {
            if (!process.waitFor(5, TimeUnit.MINUTES)) {
                process.destroyForcibly();
                throw new IllegalStateException("Not done within 5 minutes; see " + output);
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            process.destroyForcibly();
            throw new IllegalStateException(e);
        }
    }
}
