package io.polychip.llama;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.function.Predicate;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * Takes files out of archives, each under the last part of its name, so that no entry can reach outside the directory.
 *
 * <p>Of tar the parts that npm writes (POSIX.1-1988 ustar with its prefix field) and the two ways to say a longer name
 * (pax's {@code path}, GNU's {@code L}); links, devices and directories are passed over.
 */
final class Archives {
    private static final int BLOCK = 512;
    private static final int LONGEST_NAME = 1 << 16;

    private Archives() {}

    static void unzip(Path archive, Path into, Predicate<String> wanted) throws IOException {
        try (ZipFile zip = new ZipFile(archive.toFile())) {
            for (Enumeration<? extends ZipEntry> entries = zip.entries(); entries.hasMoreElements(); ) {
                ZipEntry entry = entries.nextElement();
                if (!entry.isDirectory() && wanted.test(entry.getName())) {
                    try (InputStream content = zip.getInputStream(entry)) {
                        Files.copy(content, into.resolve(lastPart(entry.getName())));
                    }
                }
            }
        }
    }

    static void untar(Path archive, Path into, Predicate<String> wanted) throws IOException {
        try (InputStream tar = new BufferedInputStream(new GZIPInputStream(Files.newInputStream(archive)), 1 << 16)) {
            String longName = "";
            byte[] header = new byte[BLOCK];
            while (readHeader(tar, header)) {
                long bytes = octal(header, 124, 12);
                String name = longName.isEmpty() ? name(header) : longName;
                longName = "";
                switch (header[156]) {
                    case '0', 0 -> {
                        if (wanted.test(name)) {
                            try (OutputStream file = Files.newOutputStream(into.resolve(lastPart(name)))) {
                                copy(tar, file, bytes);
                            }
                        } else {
                            tar.skipNBytes(bytes);
                        }
                    }
                    case 'x' -> longName = paxPath(readText(tar, bytes));
                    case 'L' -> longName = readText(tar, bytes).replace("\0", "");
                    default -> tar.skipNBytes(bytes);
                }
                tar.skipNBytes((BLOCK - bytes % BLOCK) % BLOCK);
            }
        }
    }

    /** False at the end, which is a block of zeros or the end of the stream. */
    private static boolean readHeader(InputStream tar, byte[] header) throws IOException {
        int count = tar.readNBytes(header, 0, BLOCK);
        if (count == 0 || (count == BLOCK && header[0] == 0)) {
            return false;
        }
        if (count < BLOCK) {
            throw new EOFException("The tar archive ends inside a header.");
        }
        long sum = 0;
        for (int i = 0; i < BLOCK; i++) {
            sum += i >= 148 && i < 156 ? ' ' : header[i] & 0xff;
        }
        if (sum != octal(header, 148, 8)) {
            throw new IOException("A tar header has a wrong checksum.");
        }
        return true;
    }

    private static String name(byte[] header) {
        String name = text(header, 0, 100);
        String prefix = text(header, 257, 5).equals("ustar") ? text(header, 345, 155) : "";
        return prefix.isEmpty() ? name : prefix + "/" + name;
    }

    private static String text(byte[] header, int offset, int length) {
        int end = offset;
        while (end < offset + length && header[end] != 0) {
            end++;
        }
        return new String(header, offset, end - offset, StandardCharsets.UTF_8);
    }

    private static long octal(byte[] header, int offset, int length) throws IOException {
        String digits = text(header, offset, length).strip();
        try {
            return digits.isEmpty() ? 0 : Long.parseLong(digits, 8);
        } catch (NumberFormatException e) {
            throw new IOException("A tar header has the number \"" + digits + "\", which is not octal.", e);
        }
    }

    private static String readText(InputStream tar, long bytes) throws IOException {
        if (bytes > LONGEST_NAME) {
            throw new IOException("A tar archive has a name of " + bytes + " bytes; at most " + LONGEST_NAME + ".");
        }
        byte[] text = tar.readNBytes((int) bytes);
        if (text.length < bytes) {
            throw new EOFException("The tar archive ends inside a name.");
        }
        return new String(text, StandardCharsets.UTF_8);
    }

    /** Of pax records, lines of {@code <length> <key>=<value>}, the path. */
    private static String paxPath(String records) {
        return records.lines()
                .filter(line -> line.contains(" path="))
                .map(line -> line.substring(line.indexOf(" path=") + " path=".length()))
                .findFirst()
                .orElse("");
    }

    private static void copy(InputStream from, OutputStream to, long bytes) throws IOException {
        byte[] buffer = new byte[1 << 16];
        for (long left = bytes; left > 0; ) {
            int count = from.read(buffer, 0, (int) Math.min(left, buffer.length));
            if (count < 0) {
                throw new EOFException("The tar archive ends inside a file.");
            }
            to.write(buffer, 0, count);
            left -= count;
        }
    }

    private static String lastPart(String name) throws IOException {
        String last = name.substring(name.lastIndexOf('/') + 1);
        if (last.isEmpty() || last.equals(".") || last.equals("..") || last.contains("\\")) {
            throw new IOException("An archive has an entry named \"" + name + "\".");
        }
        return last;
    }
}
