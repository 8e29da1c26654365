package io.polychip.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A plan's own fleet, served over emulated chips, and the plan held to what that gateway sees. */
class ReplanIT {
    private static final String DEMAND = """
        from: 2027-01
        models:
          - {name: chat, is: meta-llama/Llama-3.1-8B-Instruct}
        objectives:
          default: {ttft: 2 s, itl: 100 ms}
        hours: {all: 24}
        traffic:
          - name: talk
            input: {p50: 40, p99: 60}
            output: {p50: 8, p99: 10}
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
        """;
    private static final String CHAT = """
        {"model": "chat", "max_tokens": 8, "messages": [{"role": "user", "content": "How are you?"}], "stream": true}
        """;

    @TempDir
    private Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void theGatewaysFiguresAndItsLogTellTheSame() throws Exception {
        Files.writeString(folder.resolve("demand.yaml"), DEMAND);
        Files.writeString(folder.resolve("offers.yaml"), OFFERS);
        assertThat(plan("-o", file("plan"))).as(out.toString() + err).isZero();
        String fleet = Files.readString(folder.resolve("plan").resolve("fleet.yaml"))
                .replaceAll("http://h100-year-1\\.invalid:8000", "http://h100-year.emulated:8000");
        Path routing = folder.resolve("plan").resolve("routing.json");
        try (ServedFleet served = new ServedFleet(fleet, folder, "--routing", routing.toString());
                HttpClient client = HttpClient.newHttpClient()) {
            double planned = JsonMapper.shared()
                    .readTree(Files.readString(routing))
                    .path("starts")
                    .get(0)
                    .path("usdPerChipHour")
                    .path("h100-year")
                    .asDouble();
            assertThat(planned).isPositive();
            assertThat(price(client, served) * 3600)
                    .as("of itself the gateway begins at nothing")
                    .isBetween(planned * 0.7, planned * 1.05);
            AtomicBoolean over = new AtomicBoolean();
            AtomicInteger sent = new AtomicInteger();
            CompletableFuture<Void> clients = CompletableFuture.runAsync(() -> chat(client, served.url(), over, sent));
            JsonNode live;
            try {
                live = replanned(served.url(), "--window", "4s");
            } finally {
                over.set(true);
                clients.join();
            }
            awaitLines(sent.get());
            JsonNode logged = replanned(file("access.log"));

            assertThat(live.path("rates").get(0).path("forecastPerSecond").asDouble())
                    .isBetween(19.99, 20.01);
            assertThat(live.path("rates").get(0).path("seenPerSecond").asDouble())
                    .isPositive();
            assertThat(live.path("shares").get(0).path("seen").asDouble()).isEqualTo(1);
            assertThat(live.path("commitments").get(0).path("pool").asString()).isEqualTo("h100-year");
            assertThat(live.path("attained").get(0).path("seen").asDouble()).isBetween(0.5, 1.0);
            double logSeconds = logged.path("seconds").asDouble();
            assertThat(logged.path("rates").get(0).path("seenPerSecond").asDouble() * logSeconds)
                    .as("every request is a line of the log")
                    .isBetween(sent.get() - 0.5, sent.get() + 0.5);
            assertThat(logged.path("attainmentExact").asBoolean()).isTrue();
        }
    }

    /** What the gateway's first pool asks for a chip and second. */
    private static double price(HttpClient client, ServedFleet served) throws Exception {
        HttpRequest state = HttpRequest.newBuilder(URI.create(served.url() + "/admin/state"))
                .build();
        return JsonMapper.shared()
                .readTree(
                        client.send(state, HttpResponse.BodyHandlers.ofString()).body())
                .path("pools")
                .get(0)
                .path("usdPerChipSecond")
                .asDouble();
    }

    /** A line is written a tenth of a second after its answer at the latest. */
    private void awaitLines(int lines) throws IOException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (Files.readAllLines(folder.resolve("access.log")).size() < lines) {
            assertThat(System.nanoTime()).as("the log is not written").isLessThan(deadline);
            LockSupport.parkNanos(20_000_000L);
        }
    }

    /** One after the other until it is over. */
    private static void chat(HttpClient client, String url, AtomicBoolean over, AtomicInteger sent) {
        try {
            while (!over.get()) {
                HttpResponse<String> answer = client.send(
                        HttpRequest.newBuilder(URI.create(url + "/v1/chat/completions"))
                                .header("content-type", "application/json")
                                .POST(HttpRequest.BodyPublishers.ofString(CHAT))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
                assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
                sent.incrementAndGet();
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private JsonNode replanned(String source, String... more) {
        String[] arguments = new String[more.length + 5];
        System.arraycopy(new String[] {"--replan", source, "--against", file("plan"), "--json"}, 0, arguments, 0, 5);
        System.arraycopy(more, 0, arguments, 5, more.length);
        out.getBuffer().setLength(0);
        assertThat(plan(arguments)).as(err.toString()).isIn(0, 3);
        return JsonMapper.shared().readTree(out.toString());
    }

    private int plan(String... more) {
        String[] arguments = new String[more.length + 4];
        System.arraycopy(
                new String[] {"plan", file("demand.yaml"), "--deals", file("offers.yaml")}, 0, arguments, 0, 4);
        System.arraycopy(more, 0, arguments, 4, more.length);
        CommandLine line = Main.commandLine();
        line.setOut(new PrintWriter(out, true));
        line.setErr(new PrintWriter(err, true));
        return line.execute(arguments);
    }

    private String file(String name) {
        return folder.resolve(name).toString();
    }
}
