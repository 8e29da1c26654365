package io.polychip.llama;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ArchivesTest {
    @TempDir
    private Path directory;

    private final ByteArrayOutputStream tar = new ByteArrayOutputStream();

    @Test
    void wantedFilesComeOutUnderTheirLastName() throws IOException {
        entry("package/README.md", '0', "hello");
        entry("package/bins/linux/libllama.so", '0', "x".repeat(1000));
        untar();
        assertThat(directory.resolve("libllama.so")).hasContent("x".repeat(1000));
        assertThat(directory.resolve("README.md")).doesNotExist();
    }

    @Test
    void longNamesOfBothKindsAreUnderstood() throws IOException {
        String path = "package/" + "deep/".repeat(40);
        String record = " path=" + path + "pax.so\n";
        entry("PaxHeader", 'x', (record.length() + 3) + record);
        entry("short", '0', "pax");
        entry("././@LongLink", 'L', path + "gnu.so\0");
        entry("short", '0', "gnu");
        untar();
        assertThat(directory.resolve("pax.so")).hasContent("pax");
        assertThat(directory.resolve("gnu.so")).hasContent("gnu");
    }

    @Test
    void linksAndDirectoriesArePassedOver() throws IOException {
        entry("package/evil.so", '2', "");
        entry("package/lib.so", '5', "");
        entry("package/good.so", '0', "good");
        untar();
        assertThat(directory).isDirectoryContaining("glob:**/good.so");
        assertThat(directory).isDirectoryNotContaining("glob:**/evil.so");
    }

    @Test
    void noEntryReachesOutside() throws IOException {
        entry("package/../../lib.so", '0', "inside");
        untar();
        assertThat(directory.resolve("lib.so")).hasContent("inside");
        entry("..\\evil.so", '0', "outside");
        assertThatThrownBy(this::untar).isInstanceOf(IOException.class).hasMessageContaining("evil.so");
    }

    @Test
    void aCutArchiveIsRefused() throws IOException {
        entry("package/a.so", '0', "x".repeat(1000));
        byte[] cut = Arrays.copyOf(tar.toByteArray(), 900);
        tar.reset();
        tar.write(cut);
        assertThatThrownBy(this::untar).isInstanceOf(EOFException.class);
    }

    @Test
    void aDamagedHeaderIsRefused() throws IOException {
        entry("package/a.so", '0', "x");
        byte[] damaged = tar.toByteArray();
        damaged[3]++;
        tar.reset();
        tar.write(damaged);
        assertThatThrownBy(this::untar).isInstanceOf(IOException.class).hasMessageContaining("checksum");
    }

    private void entry(String name, char type, String content) throws IOException {
        byte[] header = new byte[512];
        byte[] nameBytes = name.getBytes(UTF_8);
        System.arraycopy(nameBytes, 0, header, 0, nameBytes.length);
        put(header, 124, "%011o".formatted(content.length()));
        header[156] = (byte) type;
        put(header, 257, "ustar");
        Arrays.fill(header, 148, 156, (byte) ' ');
        int sum = 0;
        for (byte b : header) {
            sum += b & 0xff;
        }
        put(header, 148, "%06o".formatted(sum));
        header[154] = 0;
        tar.write(header);
        tar.write(Arrays.copyOf(content.getBytes(UTF_8), (content.length() + 511) / 512 * 512));
    }

    private static void put(byte[] header, int offset, String text) {
        System.arraycopy(text.getBytes(UTF_8), 0, header, offset, text.length());
    }

    private void untar() throws IOException {
        Path archive = directory.resolve("archive.tgz");
        try (OutputStream gzip = new GZIPOutputStream(Files.newOutputStream(archive))) {
            gzip.write(tar.toByteArray());
        }
        Archives.untar(archive, directory, name -> name.endsWith(".so"));
    }
}
