package io.polychip.cli;

import io.polychip.fleet.RequestClass;
import io.polychip.load.Replay;
import io.polychip.load.ReplayOptions;
import io.polychip.load.ReplayReport;
import io.polychip.net.SocketNetwork;
import io.polychip.simulator.Trace;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code polychip demo}: the whole thing on one machine, to look at and to play with. */
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        description = {
            "Run a mixed fleet on this machine: a real small model on the CPU, and NVIDIA, AMD, Trainium, TPU and Groq",
            "emulated; the gateway in front of them, and a slice of a real trace as load.",
            "Keys switch a vendor off and on. The first run fetches llama.cpp and a model (104 MB) once."
        })
final class DemoCommand implements Callable<Integer> {
    private static final String TRACE = "azure-2023-conversation-10min.csv";
    private static final int ESCAPE = 27;

    @Option(names = "--port", defaultValue = "8080", description = "Where the gateway listens; 0: any free port.")
    private int port = 8080;

    @Option(
            names = "--seconds",
            paramLabel = "N",
            description = "Run unattended for so long, print a summary and exit.")
    private @Nullable Integer seconds;

    @Option(
            names = "--lose",
            paramLabel = "VENDOR",
            description = "With --seconds: lose that vendor half-way, and get it back at three quarters.")
    private @Nullable String lose;

    @Option(
            names = "--model",
            paramLabel = "FILE",
            description = "GGUF file of the real model instead of the small one.")
    private @Nullable Path model;

    @Option(names = "--no-model", description = "Emulated chips only.")
    private boolean noModel;

    @Option(names = "--scale", defaultValue = "2", description = "Times the trace's own rate. Default: 2.")
    private double scale = 2;

    @Override
    public Integer call() throws Exception {
        try (DemoFleet demo = new DemoFleet(port, model, !noModel, Terminal.progress());
                SocketNetwork generator = SocketNetwork.open(1);
                Keyboard keyboard = new Keyboard()) {
            Runtime.getRuntime().addShutdownHook(new Thread(keyboard::close));
            if (lose != null && !demo.vendors().contains(lose)) {
                throw new CommandException("There is no vendor \"%s\" to lose; there are %s."
                        .formatted(lose, String.join(", ", demo.vendors())));
            }
            System.out.print(howToTry(demo));
            ReplayReport report = new ReplayReport(demo.fleet().objective(RequestClass.DEFAULT));
            URI target = URI.create("http://127.0.0.1:" + demo.port());
            List<Replay> replays = new ArrayList<>();
            replays.add(new Replay(generator, endless(), ReplayOptions.of(target, "llama-3.1-8b"), report));
            if (demo.hasRealModel()) {
                replays.add(new Replay(generator, nowAndThen(), ReplayOptions.of(target, DemoFleet.CPU_MODEL), report));
            }
            List<CompletableFuture<ReplayReport>> done =
                    replays.stream().map(Replay::start).toList();
            watch(demo, replays.getFirst(), keyboard);
            replays.forEach(Replay::stop);
            for (CompletableFuture<ReplayReport> each : done) {
                each.get(90, TimeUnit.SECONDS);
            }
            return 0 == report.failed() ? 0 : 1;
        }
    }

    private void watch(DemoFleet demo, Replay replay, Keyboard keyboard)
            throws InterruptedException, ExecutionException {
        DemoScreen screen = new DemoScreen(demo);
        boolean live = seconds == null && Terminal.interactive();
        long start = System.nanoTime();
        long limit = seconds == null ? Long.MAX_VALUE : seconds;
        long nextPrint = live ? 0 : 10;
        int changes = 0;
        while (true) {
            int key = keyboard.key(250);
            double elapsed = (System.nanoTime() - start) / 1e9;
            if (key == 'x' || key == ESCAPE || elapsed >= limit) {
                break;
            }
            List<String> vendors = demo.vendors();
            if (key >= '1' && key < '1' + vendors.size()) {
                demo.toggle(vendors.get(key - '1'));
            }
            if (lose != null && seconds != null && changes < 2 && elapsed > limit * (changes == 0 ? 0.5 : 0.75)) {
                demo.toggle(lose);
                System.out.printf("%s is %s.%n", lose, changes++ == 0 ? "lost" : "back");
            }
            if (elapsed >= nextPrint) {
                String page = page(replay, screen, elapsed, live);
                System.out.print(live ? "\u001b[H\u001b[J" + howToTry(demo) + page + keys(demo) : page);
                System.out.flush();
                nextPrint = live ? 0 : (long) elapsed + 10;
            }
        }
        double elapsed = (System.nanoTime() - start) / 1e9;
        System.out.print(page(replay, screen, elapsed, live));
    }

    private static String page(Replay replay, DemoScreen screen, double elapsed, boolean live)
            throws InterruptedException, ExecutionException {
        String page = replay.inspect(report -> screen.table(report, elapsed) + screen.summary(report, elapsed))
                .get();
        return "%n%s%s".formatted(live ? "" : "after %.0f s%n".formatted(elapsed), page);
    }

    private static String keys(DemoFleet demo) {
        StringBuilder keys = new StringBuilder("\nkeys: ");
        List<String> vendors = demo.vendors();
        for (int i = 0; i < vendors.size(); i++) {
            String vendor = vendors.get(i);
            keys.append("%d %s %s   ".formatted(i + 1, demo.isLost(vendor) ? "revive" : "lose", vendor));
        }
        return keys.append("x exit\n").toString();
    }

    private static String howToTry(DemoFleet demo) {
        String model = demo.hasRealModel() ? "smollm2" : "llama-3.1-8b";
        String kind = demo.hasRealModel() ? "a real, very small model on this CPU" : "emulated: words without sense";
        return """
            polychip demo  http://127.0.0.1:%1$d/v1  (%2$s is %3$s; the table counts the built-in load)
              curl http://127.0.0.1:%1$d/v1/chat/completions -d '{"model":"%2$s","messages":[{"role":"user","content":"What is the capital of France?"}]}'
              python3 -c 'import openai; print(openai.OpenAI(base_url="http://127.0.0.1:%1$d/v1", api_key="-").chat.completions.create(model="%2$s", messages=[{"role": "user", "content": "Name three colours."}]).choices[0].message.content)'
            """.formatted(demo.port(), model, kind);
    }

    /** What a small model on a CPU carries beside the emulated chips. */
    private static Trace nowAndThen() {
        return Trace.read(
                "questions to the real model",
                Stream.concat(
                                Stream.of("arrival_seconds,input_tokens,output_tokens"),
                                Stream.iterate(1, second -> second + 4).map("%d,40,16"::formatted))
                        .iterator());
    }

    /** The slice over and over. */
    private Trace endless() {
        List<String> lines = DemoFleet.resource(TRACE).lines().toList();
        Trace first = Trace.read(TRACE, lines.iterator());
        long last = 0;
        while (first.hasNext()) {
            last = first.next().arrivalNanos();
        }
        Duration lap = Duration.ofNanos(last).plusSeconds(1);
        Stream<String> rounds = Stream.concat(
                Stream.of("arrival_seconds,input_tokens,output_tokens"),
                Stream.iterate(0, round -> round + 1).flatMap(round -> round(lines, lap.multipliedBy(round))));
        return Trace.read(TRACE, rounds.iterator()).scaled(scale);
    }

    private static Stream<String> round(List<String> lines, Duration offset) {
        Trace trace = Trace.read(TRACE, lines.iterator());
        return Stream.generate(() -> trace)
                .takeWhile(Trace::hasNext)
                .map(Trace::next)
                .map(request -> "%.6f,%d,%d"
                        .formatted(
                                (request.arrivalNanos() + offset.toNanos()) / 1e9,
                                request.inputTokens(),
                                request.outputTokens()));
    }
}
