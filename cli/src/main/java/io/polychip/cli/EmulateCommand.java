package io.polychip.cli;

import io.polychip.emulator.Emulator;
import io.polychip.emulator.EmulatorException;
import io.polychip.emulator.EmulatorOptions;
import io.polychip.emulator.TruthFile;
import io.polychip.fleet.CatalogueReader;
import io.polychip.fleet.Fleet;
import io.polychip.fleet.FleetReader;
import io.polychip.fleet.Pool;
import io.polychip.net.SocketNetwork;
import io.polychip.simulator.ScenarioException;
import io.polychip.simulator.Truth;
import io.polychip.simulator.Where;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.json.JsonMapper;

/** {@code polychip emulate}: every pool of a fleet as local servers that keep the chips' timing. */
@Command(
        name = "emulate",
        mixinStandardHelpOptions = true,
        description = {
            "Run every pool of a fleet as local servers that keep the chips' timing, until stopped.",
            "Faults and hidden truth are set while it runs: POST /control/faults and /control/truth."
        })
final class EmulateCommand implements Callable<Integer> {
    private static final long CLOSE_SECONDS = 2;

    @Parameters(paramLabel = "FLEET", description = "Fleet file.")
    private Path file = Path.of("");

    @Option(
            names = "--port-base",
            paramLabel = "N",
            description = "First port; replicas take those that follow. Default: the fleet's own on loopback, else free"
                    + " ones.")
    private int portBase;

    @Option(names = "--control", paramLabel = "PORT", description = "Port of the control API. Default: any free one.")
    private int controlPort;

    @Option(
            names = "--truth",
            paramLabel = "FILE|NAME=FACTOR",
            description = {
                "How the chips really are: h100=1.4 makes pool (or vendor) h100 40 %% slower than its profile;",
                "a file holds a JSON array of what /control/truth takes. May be repeated."
            })
    private List<String> truths = new ArrayList<>();

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "0",
            description = "Of the draws that decide which requests faults strike.")
    private long seed;

    @Option(
            names = "--threads",
            paramLabel = "N",
            defaultValue = "1",
            description = "Event loops. Default: 1, enough for 50,000 tokens/s.")
    private int threads = 1;

    @Option(names = "--json", description = "Print the addresses as JSON.")
    private boolean json;

    @Override
    public Integer call() throws InterruptedException {
        Fleet fleet = new FleetReader(CatalogueReader.shipped(), System.getenv()).read(file);
        EmulatorOptions options = EmulatorOptions.DEFAULT
                .withSeed(seed)
                .withPortBase(portBase)
                .withControlPort(controlPort)
                .withTruths(truths(fleet));
        try (SocketNetwork network = SocketNetwork.open(threads)) {
            Emulator emulator = start(fleet, network, options);
            CountDownLatch stopped = new CountDownLatch(1);
            Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(() -> {
                emulator.close()
                        .orTimeout(CLOSE_SECONDS, TimeUnit.SECONDS)
                        .exceptionally(late -> null) // the process ends anyway
                        .join();
                stopped.countDown();
            }));
            System.out.print(json ? json(emulator) : table(fleet, emulator));
            System.out.flush();
            stopped.await();
            return 0;
        }
    }

    private static Emulator start(Fleet fleet, SocketNetwork network, EmulatorOptions options) {
        try {
            return Emulator.start(fleet, network, options).join();
        } catch (EmulatorException wrong) {
            throw new CommandException(String.valueOf(wrong.getMessage()));
        } catch (CompletionException failed) {
            Throwable cause = failed.getCause();
            throw new CommandException(String.valueOf(cause == null ? failed.getMessage() : cause.getMessage()));
        }
    }

    private List<Truth> truths(Fleet fleet) {
        List<Truth> all = new ArrayList<>();
        for (String text : truths) {
            try {
                int equals = text.lastIndexOf('=');
                if (Files.exists(Path.of(text))) {
                    all.addAll(TruthFile.read(Files.readString(Path.of(text))));
                } else if (equals > 0) {
                    all.add(Truth.factor(where(fleet, text.substring(0, equals)), factor(text.substring(equals + 1))));
                } else {
                    throw new CommandException("--truth %s is neither a file nor NAME=FACTOR.".formatted(text));
                }
            } catch (EmulatorException | ScenarioException | IOException wrong) {
                throw new CommandException("--truth %s: %s".formatted(text, wrong.getMessage()));
            }
        }
        return all;
    }

    private static double factor(String text) {
        try {
            return Double.parseDouble(text);
        } catch (NumberFormatException noNumber) {
            throw new CommandException("\"%s\" is no factor; expected a number such as 1.4.".formatted(text));
        }
    }

    private static Where where(Fleet fleet, String name) {
        if (fleet.pools().stream().anyMatch(pool -> pool.name().equals(name))) {
            return Where.pool(name);
        }
        if (fleet.pools().stream().anyMatch(pool -> pool.vendor().equals(name))) {
            return Where.vendor(name);
        }
        throw new CommandException("--truth: %s is neither a pool nor a vendor of this fleet; pools are %s."
                .formatted(name, fleet.pools().stream().map(Pool::name).toList()));
    }

    private static String table(Fleet fleet, Emulator emulator) {
        Table table = new Table("pool", "chip", "engine", "model", "replica", "url");
        for (Emulator.Address address : emulator.addresses()) {
            Pool pool = fleet.pools().stream()
                    .filter(each -> each.name().equals(address.pool()))
                    .findFirst()
                    .orElseThrow();
            String replica = Integer.toString(address.replica());
            table.row(
                    pool.name(),
                    pool.deployment().chip().id(),
                    pool.deployment().engine(),
                    pool.model(),
                    replica,
                    address.url());
        }
        return table + "\nControl API: http://127.0.0.1:%d/control  (Ctrl-C stops)\n".formatted(emulator.controlPort());
    }

    private static String json(Emulator emulator) {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("control", "http://127.0.0.1:%d/control".formatted(emulator.controlPort()));
        all.put("replicas", emulator.addresses());
        return JsonMapper.shared().writeValueAsString(all) + "\n";
    }
}
