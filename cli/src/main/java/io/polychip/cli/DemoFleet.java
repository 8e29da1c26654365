package io.polychip.cli;

import io.polychip.emulator.Emulator;
import io.polychip.emulator.EmulatorOptions;
import io.polychip.emulator.Fault;
import io.polychip.fleet.CatalogueReader;
import io.polychip.fleet.Fleet;
import io.polychip.fleet.FleetReader;
import io.polychip.fleet.Pool;
import io.polychip.gateway.Gateway;
import io.polychip.gateway.GatewayOptions;
import io.polychip.llama.EngineOptions;
import io.polychip.llama.LlamaException;
import io.polychip.llama.LlamaOptions;
import io.polychip.llama.LlamaServer;
import io.polychip.llama.ModelFiles;
import io.polychip.net.SocketNetwork;
import io.polychip.simulator.Where;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** A mixed fleet on this machine: emulated chips, a real model where it can be had, and the gateway in front. */
final class DemoFleet implements AutoCloseable {
    private static final String CPU_POOL = "cpu";
    static final String CPU_MODEL = "smollm2";

    private final SocketNetwork chips = SocketNetwork.open(1);
    private final SocketNetwork front = SocketNetwork.open(1);
    private final Map<String, Integer> lost = new TreeMap<>();
    private final Emulator emulator;
    private final Gateway gateway;
    private final Fleet fleet;
    private @Nullable LlamaServer llama;

    /**
     * @param model GGUF file of the real model; null: the small one, fetched once
     * @param withModel false leaves the real model out
     */
    DemoFleet(int port, @Nullable Path model, boolean withModel, Terminal terminal) {
        LlamaServer real = withModel ? startModel(model, terminal) : null;
        llama = real;
        String cpu = real == null
                ? "http://127.0.0.1:1"
                : "http://127.0.0.1:" + real.address().getPort();
        Fleet whole = new FleetReader(CatalogueReader.shipped(), Map.of("DEMO_CPU", cpu))
                .read("demo.yaml", resource("demo.yaml"));
        List<Pool> emulated = new ArrayList<>(whole.pools());
        emulated.removeIf(pool -> pool.name().equals(CPU_POOL));
        emulator = Emulator.start(whole.withPools(emulated), chips, EmulatorOptions.DEFAULT)
                .join();
        List<Pool> served = new ArrayList<>(emulator.fleet().pools());
        if (real != null) {
            whole.pools().stream().filter(pool -> pool.name().equals(CPU_POOL)).forEach(served::add);
        }
        fleet = whole.withPools(served);
        InetSocketAddress listen = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        try {
            gateway = Gateway.start(front, fleet, GatewayOptions.standard(1).withListen(listen))
                    .join();
        } catch (CompletionException taken) {
            close();
            throw new CommandException("Cannot listen on port %d: %s. Maybe --port 0 for any free one."
                    .formatted(
                            port,
                            String.valueOf(Objects.requireNonNullElse(taken.getCause(), taken)
                                    .getMessage())));
        }
    }

    private @Nullable LlamaServer startModel(@Nullable Path model, Terminal terminal) {
        try {
            Path cache = ModelFiles.defaultCache(System.getenv(), Path.of(System.getProperty("user.home")));
            ModelFiles files = model == null
                    ? ModelFiles.fetch(cache, terminal::fetched)
                    : new ModelFiles(ModelFiles.fetchLibrary(cache, terminal::fetched), model);
            EngineOptions engine = EngineOptions.standard(Runtime.getRuntime().availableProcessors())
                    .withSlots(4);
            LlamaServer server = LlamaServer.start(
                            chips,
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                            new LlamaOptions(files, CPU_MODEL, engine))
                    .join();
            terminal.clear();
            return server;
        } catch (LlamaException | CompletionException without) {
            terminal.clear();
            if (model != null) {
                throw new CommandException("Cannot load %s: %s".formatted(model, rootMessage(without)));
            }
            System.err.println("No real model: " + rootMessage(without) + " Going on with emulated chips.");
            return null;
        }
    }

    private static String rootMessage(Throwable failure) {
        Throwable root =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        return String.valueOf(root.getMessage());
    }

    static String resource(String name) {
        try (InputStream in = Objects.requireNonNull(DemoFleet.class.getResourceAsStream(name), name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }

    Fleet fleet() {
        return fleet;
    }

    int port() {
        return gateway.port();
    }

    boolean hasRealModel() {
        return llama != null;
    }

    /** Vendors that can be switched off: all but the machine's own. */
    List<String> vendors() {
        Set<String> vendors = new LinkedHashSet<>();
        for (Pool pool : fleet.pools()) {
            if (!pool.name().equals(CPU_POOL)) {
                vendors.add(pool.vendor());
            }
        }
        return List.copyOf(vendors);
    }

    boolean isLost(String vendor) {
        return lost.containsKey(vendor);
    }

    /** As after a power cut at all its sites; or back again. */
    void toggle(String vendor) {
        Integer fault = lost.remove(vendor);
        if (fault == null) {
            lost.put(vendor, emulator.inject(Fault.of(Fault.Kind.DIE, Where.vendor(vendor))));
        } else {
            emulator.clear(fault);
        }
    }

    @Override
    public void close() {
        if (llama != null) {
            llama.close();
        }
        front.close();
        chips.close();
    }
}
