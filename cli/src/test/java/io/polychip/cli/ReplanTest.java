package io.polychip.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** One plan, held to logs and figures of gateways that saw what was forecast, more, less, and late answers. */
@Tag("slow")
class ReplanTest {
    private static final double FORECAST = 20;
    private static final String DEMAND = """
        from: 2027-01
        models:
          - {name: chat, is: meta-llama/Llama-3.1-8B-Instruct}
        objectives:
          default: {ttft: 2 s, itl: 100 ms}
        hours: {all: 24}
        traffic:
          - name: talk
            input: {p50: 800, p99: 4000}
            output: {p50: 200, p99: 600}
            requests-per-second: {all: 20}
        """;
    private static final String OFFERS = """
        as-of: 2026-11-24
        offers:
          - name: h100-year
            chip: nvidia/h100-sxm
            provider: lambda
            term: 12 mo
            price: {usd-per-chip-hour: 1.00, date: 2026-05-18}
            chips: {multiple: 1, max: 64}
            source: made up
          - name: mi300x-hour
            chip: amd/mi300x
            provider: vultr
            price: {usd-per-chip-hour: 9.00, date: 2026-05-18}
            chips: {max: 64}
            source: made up
        """;

    @TempDir
    static Path folder;

    private static JsonNode plan = JsonMapper.shared().createObjectNode();

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeAll
    static void plans() throws IOException {
        Files.writeString(folder.resolve("demand.yaml"), DEMAND);
        Files.writeString(folder.resolve("offers.yaml"), OFFERS);
        StringWriter told = new StringWriter();
        CommandLine line = Main.commandLine();
        line.setOut(new PrintWriter(told, true));
        line.setErr(new PrintWriter(told, true));
        assertThat(line.execute(
                        "plan",
                        file("demand.yaml"),
                        "--deals",
                        file("offers.yaml"),
                        "--frontier",
                        "--caps",
                        "100,50",
                        "--sensitivity",
                        "-o",
                        file("plan")))
                .as(told.toString())
                .isZero();
        plan = JsonMapper.shared()
                .readTree(Files.readString(folder.resolve("plan").resolve("plan.json")));
    }

    @Test
    void aPlanSaysWhatIndependenceCostsAndWhatWouldChangeIt() throws IOException {
        JsonNode frontier = plan.path("frontier");
        assertThat(frontier.path("caps").get(0).path("more").asDouble()).isZero();
        assertThat(frontier.path("caps").get(1).path("usdPerMonth").asDouble())
                .isGreaterThan(frontier.path("caps").get(0).path("usdPerMonth").asDouble());
        assertThat(frontier.path("losses").size()).isEqualTo(4);
        assertThat(plan.path("sensitivity").path("entries").get(0).path("offer").asString())
                .isEqualTo("mi300x-hour");
        assertThat(plan.path("sensitivity")
                        .path("entries")
                        .get(0)
                        .path("entersUsd")
                        .asDouble())
                .isBetween(0.1, 9.0);
        for (JsonNode point : frontier.path("caps")) {
            assertThat(point.path("kept").asBoolean()).isTrue();
            assertThat(point.path("runs").get(0).path("lost").asString()).isEmpty();
            assertThat(point.path("runs").get(1).path("lost").asString()).startsWith("vendor=");
        }
        String text = Files.readString(folder.resolve("plan").resolve("report.txt"));
        assertThat(text)
                .contains("met after the worst loss")
                .contains("Giving no vendor more than 50 % of the tokens costs ")
                .contains("Independence from any single vendor, all served without it, costs ")
                .contains("mi300x-hour (amd/mi300x, now $9.00 a chip and hour) enters at $");
        assertThat(Files.readString(folder.resolve("plan").resolve("report.html")))
                .contains("Cost against the largest vendor")
                .contains("Cost against what survives any vendor");
    }

    @Test
    void whatCameAsForecastLeavesAllAsItIs() throws IOException {
        assertThat(replan(log(FORECAST, 300))).as(out.toString() + err).isZero();
        assertThat(out.toString()).startsWith("All is as planned.").contains("they stay");
    }

    @Test
    void moreThanForecastWantsMoreAndKeepsWhatIsBound() throws IOException {
        assertThat(replan(log(FORECAST * 4, 300), "--json")).as(err.toString()).isEqualTo(3);

        JsonNode json = JsonMapper.shared().readTree(out.toString());
        assertThat(json.path("alerts").toString()).contains("requests a second came, 20 were forecast (+300 %)");
        assertThat(json.path("drifts").asBoolean()).isTrue();
        assertThat(json.path("plannedCountsServe").asBoolean()).isFalse();
        JsonNode count = json.path("counts").get(0);
        assertThat(count.path("pool").asString()).startsWith("h100-year");
        assertThat(count.path("wanted").asLong())
                .isGreaterThan(count.path("planned").asLong());
    }

    @Test
    void aCommitmentThatIsUnderUsedIsSaidWithWhatItWastes() throws IOException {
        assertThat(replan(log(FORECAST / 4, 300), "--json")).as(err.toString()).isEqualTo(3);

        JsonNode json = JsonMapper.shared().readTree(out.toString());
        JsonNode bound = json.path("commitments").get(0);
        assertThat(bound.path("used").asDouble()).isBetween(0.2, 0.3);
        assertThat(bound.path("wastedUsd").asDouble())
                .isEqualTo(bound.path("usdPerMonth").asDouble()
                        * (1 - bound.path("used").asDouble()));
        assertThat(json.path("alerts").toString())
                .contains("The commitment h100-year does 2")
                .contains(" wasted.");
        assertThat(json.path("drifts").asBoolean())
                .as("what is bound is paid in any case")
                .isFalse();
    }

    @Test
    void lateAnswersAreSaid() throws IOException {
        assertThat(replan(log(FORECAST, 9000))).isEqualTo(3);
        assertThat(out.toString()).contains("default: 0 % of the requests met their objective, promised were 99.00 %.");
    }

    @Test
    void aGatewayIsAskedTwice() throws IOException {
        AtomicInteger asked = new AtomicInteger();
        HttpServer gateway = served(() -> metrics(1000 + 100.0 * asked.getAndIncrement()));
        try {
            String url = url(gateway);
            replan(url, "--window", "500ms", "--json");
            JsonNode json = JsonMapper.shared().readTree(out.toString());
            assertThat(asked).hasValue(2);
            assertThat(json.path("seconds").asDouble()).isBetween(0.5, 20.0);
            assertThat(json.path("rates").get(0).path("seenPerSecond").asDouble())
                    .isEqualTo(100 / json.path("seconds").asDouble());
            assertThat(json.path("attained").get(0).path("seen").asDouble())
                    .as("8 of 10 within 2 s")
                    .isEqualTo(0.8);
            assertThat(json.path("attainmentExact").asBoolean()).isFalse();

            Path kept = folder.resolve("reading");
            Files.writeString(kept, "# read at " + Instant.now().minusSeconds(50) + "\n" + metrics(200));
            out.getBuffer().setLength(0);
            replan(url, "--since", kept.toString(), "--json");
            JsonNode since = JsonMapper.shared().readTree(out.toString());
            assertThat(since.path("seconds").asDouble()).isBetween(50.0, 70.0);
            assertThat(since.path("rates").get(0).path("seenPerSecond").asDouble())
                    .as("1200 on the third page, 200 kept")
                    .isEqualTo(1000 / since.path("seconds").asDouble());
            assertThat(kept).as("for the next run").content().contains("model=\"chat\"} 1200.0");
        } finally {
            gateway.stop(0);
        }
    }

    @Test
    void whereNobodyAsksAllThatIsBoundIsWasted() throws IOException {
        HttpServer gateway = served(() -> metrics(1000));
        try {
            assertThat(replan(url(gateway), "--window", "100ms")).isEqualTo(3);
            assertThat(out.toString())
                    .contains("chat, default: 0 requests a second came, 20 were forecast (-100 %).")
                    .contains("The commitment h100-year does 0 % of what was planned for it: $")
                    .contains("nvidia carries 0 % of the tokens, planned were 100 %.");
        } finally {
            gateway.stop(0);
        }
    }

    @Test
    void aPageOfSomethingElseIsSaid() throws IOException {
        HttpServer other = served(() -> "up 1\n");
        try {
            assertThat(replan(url(other), "--window", "100ms")).isEqualTo(1);
            assertThat(err.toString()).contains("tells nothing of a gateway of ours");
        } finally {
            other.stop(0);
        }
    }

    private static HttpServer served(Supplier<String> pages) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/metrics", exchange -> {
            byte[] page = pages.get().getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, page.length);
            exchange.getResponseBody().write(page);
            exchange.close();
        });
        server.start();
        return server;
    }

    private static String url(HttpServer server) {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    @Test
    void whatIsMissingIsAskedFor() throws IOException {
        String log = log(FORECAST, 300);
        assertThat(run(log, new String[0])).isEqualTo(2);
        assertThat(err.toString()).contains("Maybe --against plan/");
        assertThat(replan(log, "--hour", "noon")).isEqualTo(2);
        assertThat(err.toString()).contains("--hour noon").contains("one of all");
        assertThat(replan(Files.writeString(folder.resolve("no.log"), "hello\n").toString()))
                .isEqualTo(1);
        assertThat(err.toString()).contains("no.log:1: is no line of a gateway's access log");
    }

    private static String metrics(double count) {
        String of = "class=\"default\",pool=\"h100-year\",vendor=\"nvidia\"";
        return """
            # TYPE polychip_requests_total counter
            polychip_requests_total{class="default",model="chat"} %1$s
            polychip_endings_total{%2$s,ending="completed",reason="ok"} %1$s
            polychip_tokens_total{kind="prompt",pool="h100-year",vendor="nvidia"} %3$s
            polychip_tokens_total{kind="completion",pool="h100-year",vendor="nvidia"} %4$s
            polychip_ttft_seconds_bucket{%2$s,le="2.0"} %5$s
            polychip_ttft_seconds_bucket{%2$s,le="+Inf"} %1$s
            polychip_itl_seconds_bucket{%2$s,le="0.1"} %1$s
            polychip_itl_seconds_bucket{%2$s,le="+Inf"} %1$s
            """.formatted(count, of, count * 1000, count * 200, count * 0.8);
    }

    /** A hundred seconds of a gateway's log. */
    private static String log(double perSecond, double ttftMillis) throws IOException {
        JsonNode bucket = plan.path("buckets");
        double prompt = 0;
        double answer = 0;
        double rates = 0;
        for (JsonNode route : plan.path("routes")) {
            for (JsonNode each : bucket) {
                if (each.path("name").asString().equals(route.path("bucket").asString())
                        && route.path("period")
                                .equals(plan.path("routes").get(0).path("period"))) {
                    double rate = route.path("requestsPerSecond").asDouble();
                    rates += rate;
                    prompt += rate * each.path("inputTokens").asDouble();
                    answer += rate * each.path("outputTokens").asDouble();
                }
            }
        }
        String pool =
                plan.path("periods").get(0).path("pools").get(0).path("pool").asString();
        StringBuilder lines = new StringBuilder();
        Instant from = Instant.parse("2027-02-01T12:00:00Z");
        int requests = (int) (perSecond * 100);
        for (int i = 0; i <= requests; i++) {
            Instant arrived = from.plusNanos((long) (i * 99e9 / requests));
            lines.append(String.format(
                    Locale.ROOT,
                    "{\"time\":\"%s\",\"id\":\"%d\",\"arrived\":\"%s\",\"tenant\":\"anyone\",\"class\":\"default\",\"model\":\"chat\",\"pool\":\"%s\",\"vendor\":\"nvidia\",\"status\":200,\"ending\":\"completed\",\"attempts\":1,\"ttft_ms\":%.3f,\"itl_ms\":12.000,\"prompt_tokens\":%d,\"cached_tokens\":0,\"completion_tokens\":%d}%n",
                    arrived.plusSeconds(1),
                    i,
                    arrived,
                    pool,
                    ttftMillis,
                    Math.round(prompt / rates),
                    Math.round(answer / rates)));
        }
        return Files.writeString(folder.resolve("access.log"), lines).toString();
    }

    private static String file(String name) {
        return folder.resolve(name).toString();
    }

    private int replan(String source, String... more) {
        String[] arguments = new String[more.length + 2];
        arguments[0] = "--against";
        arguments[1] = file("plan");
        System.arraycopy(more, 0, arguments, 2, more.length);
        return run(source, arguments);
    }

    private int run(String source, String[] more) {
        String[] arguments = new String[more.length + 6];
        System.arraycopy(
                new String[] {"plan", file("demand.yaml"), "--deals", file("offers.yaml"), "--replan", source},
                0,
                arguments,
                0,
                6);
        System.arraycopy(more, 0, arguments, 6, more.length);
        CommandLine line = Main.commandLine();
        line.setOut(new PrintWriter(out, true));
        line.setErr(new PrintWriter(err, true));
        return line.execute(arguments);
    }
}
