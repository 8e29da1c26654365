package io.polychip.gateway;

import static io.polychip.gateway.FakeReplica.events;
import static io.polychip.gateway.FakeReplica.role;
import static io.polychip.gateway.FakeReplica.token;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpHeaders;
import io.polychip.net.ClientOptions;
import io.polychip.net.HttpCall;
import io.polychip.net.HttpClient;
import io.polychip.net.HttpExchange;
import io.polychip.net.HttpFailure;
import io.polychip.net.HttpListener;
import io.polychip.net.Network;
import io.polychip.testkit.SimulatedNetwork;
import io.polychip.testkit.Weather;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The whole gateway on virtual time: no thread, no clock, no chance of its own. */
class VirtualTimeTest {
    private static final long MILLI = 1_000_000L;
    private static final int CALLS = 300;

    /** What came of a world, bytes and times included. */
    private record Outcome(List<String> transcript, String log, long buffersInUse, int open) {}

    @Test
    void theSameSeedGivesTheSameTranscriptAndEveryCallEndsOnce() {
        Outcome first = run(11);
        assertThat(first.transcript).hasSize(CALLS);
        assertThat(first.open).isZero();
        assertThat(first.log.lines()).hasSize(CALLS);
        assertThat(first.transcript).anyMatch(line -> line.contains("[DONE]"));
        assertThat(first.transcript).anyMatch(line -> line.contains("upstream_cut"));
        assertThat(first.transcript)
                .allSatisfy(line -> assertThat(line.contains("[DONE]") && line.contains("\"error\""))
                        .isFalse());
        Outcome again = run(11);
        assertThat(again.transcript).isEqualTo(first.transcript);
        assertThat(again.log).isEqualTo(first.log);
        assertThat(run(12).transcript).isNotEqualTo(first.transcript);
    }

    @Test
    void everyBufferIsReleased() {
        assertThat(run(5).buffersInUse).isZero();
    }

    private static Outcome run(long seed) {
        SimulatedNetwork world = new SimulatedNetwork(seed, new Weather(50_000, 20_000, 700, 32 * 1024, true));
        SplittableRandom random = new SplittableRandom(seed);
        Network chips = world.node(1);
        List<FakeReplica> replicas = List.of(FakeReplica.starting(chips), FakeReplica.starting(chips));
        replicas.forEach(replica -> replica.does(exchange -> misbehave(exchange, random)));
        world.runUntil(() -> replicas.stream().allMatch(FakeReplica::listens), MILLI);
        ByteArrayOutputStream log = new ByteArrayOutputStream();
        CompletableFuture<Gateway> starting = Gateway.start(
                world.node(2),
                World.fleet(replicas, "listen: 127.0.0.1:0\ntimeouts: {first-token: 2 s, stall: 2 s, request: 20 s}"),
                GatewayOptions.standard(seed).withAccessLog(log));
        world.runUntil(starting::isDone, MILLI);
        Gateway gateway = starting.join();
        URI url = URI.create("http://127.0.0.1:" + gateway.port());

        Network clients = world.node(1);
        EventLoop loop = clients.loops().next();
        HttpClient client = new HttpClient(clients, loop, ClientOptions.standard());
        List<String> transcript = new ArrayList<>();
        for (int i = 0; i < CALLS; i++) {
            String body = random.nextInt(3) == 0 ? World.CHAT : World.STREAM;
            boolean hangsUp = random.nextInt(8) == 0;
            long hangUpNanos = random.nextLong(100 * MILLI);
            loop.schedule(
                    () -> new OneCall(world, transcript).begin(client, loop, url, body, hangsUp, hangUpNanos),
                    i * 5L * MILLI,
                    TimeUnit.NANOSECONDS);
        }
        world.runUntil(() -> transcript.size() == CALLS, 120_000 * MILLI);
        world.runFor(1_000 * MILLI);
        CompletableFuture<Integer> open = gateway.open();
        world.runUntil(open::isDone, MILLI);
        CompletableFuture<Void> closed = gateway.close();
        client.close();
        replicas.forEach(FakeReplica::close);
        world.runUntil(closed::isDone, 10_000 * MILLI);
        world.runFor(10_000 * MILLI);
        return new Outcome(transcript, log.toString(StandardCharsets.UTF_8), world.buffersInUse(), open.join());
    }

    private static void misbehave(HttpExchange exchange, SplittableRandom random) {
        String body = exchange.body().toString(StandardCharsets.UTF_8);
        switch (random.nextInt(12)) {
            case 0 -> exchange.abort();
            case 1 -> FakeReplica.text(exchange, 503, "application/json", "{}");
            case 2 -> FakeReplica.text(exchange, 200, "text/html", "<html>");
            case 3 -> {} // says nothing
            case 4 -> {
                events(exchange, role(), token("a"), token("b"));
                FakeReplica.later(exchange, 20, exchange::abort);
            }
            default -> {
                if (body.contains("\"stream\":true")) {
                    events(exchange, role());
                    FakeReplica.later(exchange, 20, () -> {
                        FakeReplica.more(
                                exchange,
                                token("Hello"),
                                FakeReplica.finish(),
                                FakeReplica.usage(),
                                FakeReplica.done());
                        exchange.finish();
                    });
                } else {
                    FakeReplica.later(exchange, 30, () -> FakeReplica.whole(exchange));
                }
            }
        }
    }

    private static final class OneCall implements HttpListener {
        private final SimulatedNetwork world;
        private final List<String> transcript;
        private final StringBuilder text = new StringBuilder();
        private boolean over;

        OneCall(SimulatedNetwork world, List<String> transcript) {
            this.world = world;
            this.transcript = transcript;
        }

        void begin(HttpClient client, EventLoop loop, URI url, String body, boolean hangsUp, long hangUpNanos) {
            HttpHeaders headers = Responses.empty().set("content-type", "application/json");
            HttpCall call = client.send(
                    url,
                    "POST",
                    "/v1/chat/completions",
                    headers,
                    Unpooled.copiedBuffer(body, StandardCharsets.UTF_8),
                    this);
            if (hangsUp) {
                loop.schedule(
                        () -> {
                            call.cancel();
                            over("hung up");
                        },
                        hangUpNanos,
                        TimeUnit.NANOSECONDS);
            }
        }

        @Override
        public void head(int status, HttpHeaders headers) {
            text.append(status).append(' ').append(headers.get("x-request-id")).append('\n');
        }

        @Override
        public void data(ByteBuf piece) {
            text.append(world.nanos()).append(' ').append(piece.toString(StandardCharsets.UTF_8));
            piece.release();
        }

        @Override
        public void readComplete() {
            // nothing to flush
        }

        @Override
        public void end() {
            over("end");
        }

        @Override
        public void failed(HttpFailure failure) {
            over(failure.kind().toString());
        }

        private void over(String how) {
            if (!over) {
                over = true;
                transcript.add(world.nanos() + " " + how + "\n" + text);
            }
        }
    }
}
