package io.polychip.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class EmulateCommandTest {
    @TempDir
    private Path folder = Path.of("");

    private Path fleet = Path.of("");

    @BeforeEach
    void write() throws IOException {
        fleet = folder.resolve("fleet.yaml");
        Files.writeString(fleet, """
            models:
              - name: llama
                is: meta-llama/Llama-3.1-8B-Instruct
            pools:
              - name: h100
                model: llama
                chip: nvidia/h100-sxm
                precision: fp8
                engine: vllm@0.15.1
                price: {usd-per-chip-hour: 2.95}
                replicas: [http://10.0.0.1:8000]
            """);
    }

    @Test
    void aTruthOfNobodyNamesThePools() {
        assertThat(errorOf("--truth", "h10=1.4"))
                .contains("h10 is neither a pool nor a vendor")
                .contains("[h100]");
    }

    @Test
    void aTruthThatIsNoFactorIsQuoted() {
        assertThat(errorOf("--truth", "h100=slow")).contains("\"slow\" is no factor");
        assertThat(errorOf("--truth", "nowhere.json")).contains("neither a file nor NAME=FACTOR");
    }

    @Test
    void aTruthFilesMistakesAreTold() throws IOException {
        Path truth = folder.resolve("truth.json");
        Files.writeString(truth, "[{\"factr\": 2}]");
        assertThat(errorOf("--truth", truth.toString())).contains("factr is unknown; allowed are");
    }

    @Test
    void aPortInUseNamesReplicaAndPort() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String port = Integer.toString(taken.getLocalPort());
            assertThat(errorOf("--port-base", port))
                    .startsWith("Replica 0 of pool h100 cannot listen on port " + port)
                    .contains("try --port-base");
        }
    }

    private String errorOf(String... options) {
        StringWriter errors = new StringWriter();
        CommandLine command = Main.commandLine().setErr(new PrintWriter(errors));
        String[] arguments = new String[options.length + 2];
        arguments[0] = "emulate";
        arguments[1] = fleet.toString();
        System.arraycopy(options, 0, arguments, 2, options.length);
        assertThat(command.execute(arguments)).isEqualTo(1);
        return errors.toString();
    }
}
