package io.polychip.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.polychip.fleet.Objective;
import io.polychip.net.HttpExchange;
import io.polychip.net.HttpHandler;
import io.polychip.net.HttpServer;
import io.polychip.net.ServerOptions;
import io.polychip.net.SocketNetwork;
import io.polychip.simulator.Trace;
import io.polychip.testkit.SimulatedNetwork;
import io.polychip.testkit.Weather;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Replays against hand-written endpoints on virtual time. */
class ReplayTest {
    private static final long MILLI = 1_000_000L;
    private static final int PORT = 9_000;
    private static final URI TARGET = URI.create("http://127.0.0.1:" + PORT);

    private final SimulatedNetwork world = new SimulatedNetwork(3, Weather.NONE);
    private ReplayOptions options = ReplayOptions.of(TARGET, "m");
    private final ReplayReport report = new ReplayReport(new Objective(50 * MILLI, 0, 20 * MILLI, 99));

    @Test
    void timesCountFromWhenARequestWasDue() {
        replay(new Streaming(40, 3, 10, true), "0,4,3", "0.5,4,3");
        assertThat(report.outcomes()).isEqualTo(Map.of("ok", 2L));
        assertThat(report.ttftMillis(50)).isBetween(39.9, 40.2);
        assertThat(report.itlMillis(50)).isBetween(9.9, 10.1);
        assertThat(report.e2eMillis(50)).isBetween(59.9, 60.2);
        assertThat(report.attainment()).isEqualTo(1);
        assertThat(report.goodTokens()).isEqualTo(6);
        assertThat(report.late()).isZero();
    }

    /** A shutdown hook stops every replay, also one that has ended and whose loop has too. */
    @Test
    void stoppingOneThatHasEndedIsNoError() throws Exception {
        Replay replay;
        try (SocketNetwork sockets = SocketNetwork.open(1)) {
            replay = new Replay(
                    sockets,
                    Trace.read(
                            "none.csv",
                            List.of("arrival_seconds,input_tokens,output_tokens")
                                    .iterator()),
                    options,
                    report);
            replay.start().get(10, TimeUnit.SECONDS);
        }
        assertThatCode(replay::stop).doesNotThrowAnyException();
    }

    @Test
    void aMissedFirstTokenIsNoGoodput() {
        replay(new Streaming(60, 3, 10, true), "0,4,3");
        assertThat(report.attainment()).isZero();
        assertThat(report.goodTokens()).isZero();
        assertThat(report.completionTokens()).isEqualTo(3);
    }

    @Test
    void anAnswerThatEndsWithoutAFinishReasonIsCutNotOk() {
        replay(new Streaming(1, 3, 1, false), "0,4,3");
        assertThat(report.outcomes()).containsOnlyKeys("cut");
        assertThat(report.attainment()).isZero();
    }

    @Test
    void refusalsCountAsMissesUnderTheirStatus() {
        replay(exchange -> exchange.respond(503, new DefaultHttpHeaders(), text(exchange, "{}")), "0,4,3", "1,4,3");
        assertThat(report.outcomes()).containsEntry("http 503", 2L);
        assertThat(report.failed()).isEqualTo(2);
    }

    @Test
    void anEndpointThatHangsIsUnfinishedWhenPatienceIsOver() {
        replay(exchange -> {}, "0,4,3");
        assertThat(report.outcomes()).containsOnlyKeys("unfinished");
    }

    @Test
    void aClientThatHangsUpIsNeitherServedNorFailed() {
        options = options.withHangUps(1, 7);
        replay(new Streaming(1, 30, 10, true), "0,4,30", "0.5,4,30");
        assertThat(report.outcomes()).isEqualTo(Map.of("hung up", 2L));
        assertThat(report.failed()).isZero();
        assertThat(report.completionTokens()).isZero();
        assertThat(report.seconds()).isLessThan(0.79); // before the second answer's end
    }

    @Test
    void aSlowEndpointDoesNotSlowTheArrivals() {
        replay(new Streaming(5_000, 1, 1, true), "0,1,1", "0.1,1,1", "0.2,1,1", "0.3,1,1");
        assertThat(report.e2eMillis(99)).isBetween(4_999.0, 5_010.0);
        assertThat(report.seconds()).isBetween(5.29, 5.32);
    }

    @Test
    void promptsShareTheirTextAsFarAsTheirBlocksDo() {
        byte[] one = Prompts.text(1_200, new long[] {1, 2}, 512, 7);
        byte[] two = Prompts.text(1_200, new long[] {1, 3}, 512, 8);
        assertThat(one).hasSize(4_800);
        assertThat(Arrays.mismatch(one, two)).isBetween(512 * 4, 512 * 4 + 40);
        assertThat(Prompts.text(10, new long[0], 512, 7)).isNotEqualTo(Prompts.text(10, new long[0], 512, 8));
    }

    private void replay(HttpHandler endpoint, String... lines) {
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), PORT);
        var server = HttpServer.start(world.node(1), address, ServerOptions.standard(), endpoint);
        List<String> text = new ArrayList<>(List.of("arrival_seconds,input_tokens,output_tokens"));
        text.addAll(List.of(lines));
        Trace trace = Trace.read("t", text.iterator());
        Replay replay = new Replay(world.node(1), trace, options, report);
        world.runFor(MILLI);
        assertThat(server).isCompleted();
        var done = replay.start();
        world.runUntil(done::isDone, 120_000 * MILLI);
        assertThat(done).isCompleted();
    }

    private static ByteBuf text(HttpExchange exchange, String text) {
        ByteBuf buffer = exchange.body().alloc().buffer();
        buffer.writeCharSequence(text, StandardCharsets.UTF_8);
        return buffer;
    }

    /** Streams tokens at a pace. */
    private record Streaming(int firstMillis, int tokens, int gapMillis, boolean finishes) implements HttpHandler {
        @Override
        public void handle(HttpExchange exchange) {
            var _ = exchange.loop().schedule(() -> token(exchange, 0), firstMillis, TimeUnit.MILLISECONDS);
        }

        private void token(HttpExchange exchange, int index) {
            if (index == 0) {
                exchange.start(200, new DefaultHttpHeaders().set("content-type", "text/event-stream"));
            }
            boolean last = index == tokens - 1;
            String finish = last && finishes ? "\"stop\"" : "null";
            String event = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"},\"finish_reason\":%s}]}\n\n"
                    .formatted(finish);
            exchange.write(text(exchange, last && finishes ? event + "data: [DONE]\n\n" : event));
            if (last) {
                exchange.finish();
            } else {
                exchange.flush();
                var _ = exchange.loop().schedule(() -> token(exchange, index + 1), gapMillis, TimeUnit.MILLISECONDS);
            }
        }
    }
}
