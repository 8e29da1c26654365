package io.polychip.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.polychip.emulator.Emulator;
import io.polychip.emulator.EmulatorOptions;
import io.polychip.fleet.CatalogueReader;
import io.polychip.fleet.FleetReader;
import io.polychip.net.SocketNetwork;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class MeasureCommandTest {
    private static final String FLEET = """
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
        """;

    @TempDir
    private Path folder = Path.of("");

    private final StringWriter err = new StringWriter();

    private int run(String... arguments) {
        List<String> all = new ArrayList<>(List.of("measure"));
        all.addAll(List.of(arguments));
        CommandLine command = Main.commandLine("measure");
        command.setErr(new PrintWriter(err));
        return command.execute(all.toArray(String[]::new));
    }

    @Test
    void whatIsNoUrlIsToldOne() {
        assertThat(run("h100:8000")).isEqualTo(2);
        assertThat(err.toString())
                .contains("\"h100:8000\" is not a URL; expected http://host:port. Maybe http://h100:8000.");
    }

    @Test
    void anEndpointNobodyListensAtIsToldWithItsAddress() throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        assertThat(run("http://127.0.0.1:" + port)).isEqualTo(1);
        assertThat(err.toString())
                .contains("http://127.0.0.1:%d does not answer: the connection was refused".formatted(port))
                .contains("Maybe nothing listens there yet.");
    }

    @Test
    void aModelItDoesNotServeIsToldWithThoseItServes() {
        try (SocketNetwork network = SocketNetwork.open(1)) {
            assertThat(run(emulated(network).toString(), "--model", "lama")).isEqualTo(1);
        }
        assertThat(err.toString()).contains("serves no model lama; it serves llama");
    }

    @Test
    void aPoolIsLookedUpInTheFleetThatIsGiven() throws IOException {
        Path fleet = Files.writeString(folder.resolve("fleet.yaml"), FLEET);
        try (SocketNetwork network = SocketNetwork.open(1)) {
            String url = emulated(network).toString();
            assertThat(run(url, "--fleet", fleet.toString())).isEqualTo(2);
            assertThat(err.toString())
                    .contains("has the replica " + url)
                    .contains("pools are h100. Choose one by --pool.");
            assertThat(run(url, "--pool", "h100")).isEqualTo(2);
            assertThat(err.toString()).contains("expected --fleet FLEET beside it");
        }
    }

    /** Over real sockets and in real time, hence only that it comes to an end with a file a fleet can name. */
    @Tag("slow")
    @Test
    void anEmulatedPoolIsMeasuredAndSimulatedWithItsProfile() throws IOException {
        Path fleet = Files.writeString(folder.resolve("fleet.yaml"), FLEET);
        Path file = folder.resolve("h100.profile.yaml");
        try (SocketNetwork network = SocketNetwork.open(1)) {
            String url = emulated(network).toString();
            assertThat(run(
                            url,
                            "--quick",
                            "--minutes",
                            "0.4",
                            "--longest-prompt",
                            "512",
                            "--fleet",
                            fleet.toString(),
                            "--pool",
                            "h100",
                            "-o",
                            file.toString()))
                    .as(err.toString())
                    .isZero();
        }
        assertThat(file).content().contains("points not fitted on").contains("prefill-per-token: ");
        Files.writeString(fleet, FLEET + "    profile: h100.profile.yaml\n");
        Path trace = Files.writeString(
                folder.resolve("trace.csv"), "arrival_seconds,input_tokens,output_tokens\n0,100,20\n1,200,20\n");
        int simulated = Main.commandLine("simulate")
                .execute("simulate", fleet.toString(), "--traffic", trace.toString(), "--json");
        assertThat(simulated).isZero();
    }

    private static URI emulated(SocketNetwork network) {
        Emulator emulator = Emulator.start(
                        new FleetReader(CatalogueReader.shipped(), Map.of()).read("fleet.yaml", FLEET),
                        network,
                        EmulatorOptions.DEFAULT)
                .join();
        return emulator.addresses().getFirst().url();
    }
}
