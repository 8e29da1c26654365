package io.polychip.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.HttpHeaders;
import io.polychip.emulator.EmulatedText;
import io.polychip.emulator.Emulator;
import io.polychip.emulator.EmulatorOptions;
import io.polychip.emulator.Fault;
import io.polychip.fleet.CatalogueReader;
import io.polychip.fleet.Fleet;
import io.polychip.fleet.FleetReader;
import io.polychip.net.ClientOptions;
import io.polychip.net.HttpClient;
import io.polychip.net.HttpFailure;
import io.polychip.net.HttpListener;
import io.polychip.net.Network;
import io.polychip.performance.Profile;
import io.polychip.performance.Profiles;
import io.polychip.simulator.Engine;
import io.polychip.simulator.TokenSink;
import io.polychip.simulator.Where;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** The emulator unchanged in a simulated world: its chips keep the simulator's time to the nanosecond. */
class EmulatorOnVirtualTimeTest {
    private static final long SECOND = 1_000_000_000L;
    private static final int TOKENS = 20;
    private static final Fleet FLEET = new FleetReader(CatalogueReader.shipped(), Map.of()).read("fleet.yaml", """
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
            replicas: [http://127.0.0.1:8001]
        """);

    @Test
    void tokensLeaveAtTheNanosecondTheEngineMakesThem() {
        Conversation conversation = new Conversation(Weather.NONE);
        conversation.ask();
        conversation.world.runFor(60 * SECOND);
        assertThat(conversation.ended).isEqualTo("end");
        List<Long> exact = engineNanos();
        assertThat(conversation.tokenNanos).hasSize(TOKENS);
        for (int i = 0; i < TOKENS; i++) {
            assertThat(conversation.tokenNanos.get(i) - conversation.askedNanos).isEqualTo(exact.get(i));
        }
        assertThat(conversation.body).contains(EmulatedText.of(List.of("hello")).token(0));
    }

    @Test
    void aChipThatDiesCutsItsStreamsAndListensAgainOnceCleared() {
        Conversation conversation = new Conversation(Weather.FAIR);
        conversation.ask();
        conversation.world.runUntil(() -> conversation.tokenNanos.size() > 3, 60 * SECOND);
        conversation.emulator.inject(Fault.of(Fault.Kind.DIE, Where.pool("h100")));
        conversation.world.runFor(SECOND);
        assertThat(conversation.ended).startsWith("failed");
        conversation.ask();
        conversation.world.runFor(5 * SECOND);
        assertThat(conversation.ended).isEqualTo("failed CONNECT");
        conversation.emulator.clearAll();
        conversation.world.runFor(SECOND);
        conversation.ask();
        conversation.world.runFor(60 * SECOND);
        assertThat(conversation.ended).isEqualTo("end");
    }

    @Test
    void theSameSeedGivesTheSameTranscript() {
        Weather rough = new Weather(50_000, 20_000, 7, 700, true);
        assertThat(transcript(rough)).isEqualTo(transcript(rough)).contains("[DONE]");
    }

    private static String transcript(Weather weather) {
        Conversation conversation = new Conversation(weather);
        conversation.ask();
        conversation.world.runFor(60 * SECOND);
        return conversation.tokenNanos + " " + conversation.body;
    }

    private static List<Long> engineNanos() {
        Profile profile = Profiles.of(FLEET.pools().getFirst(), FLEET.catalogue());
        Engine engine = new Engine(profile);
        engine.submit(1, 6, TOKENS, new long[0], 0);
        List<Long> nanos = new ArrayList<>();
        TokenSink sink = new TokenSink() {
            @Override
            public void firstToken(long id, long atPicos) {
                nanos.add(Math.ceilDiv(atPicos, 1_000));
            }

            @Override
            public void tokens(long id, int count, long atPicos) {
                nanos.add(Math.ceilDiv(atPicos, 1_000));
            }

            @Override
            public void finished(long id, int cachedTokens, long atPicos) {}
        };
        while (engine.nextStep() != Engine.NEVER) {
            engine.advance(engine.nextStep(), sink);
        }
        return nanos;
    }

    /** A client and the emulator in one world; everything is sent on its own picosecond. */
    private static final class Conversation implements HttpListener {
        final SimulatedNetwork world;
        final Emulator emulator;
        final Network clientNode;
        final HttpClient client;
        final List<Long> tokenNanos = new ArrayList<>();
        final StringBuilder body = new StringBuilder();
        long askedNanos;
        String ended = "";

        Conversation(Weather weather) {
            world = new SimulatedNetwork(9, weather);
            CompletableFuture<Emulator> started =
                    Emulator.start(FLEET, world.node(2), EmulatorOptions.DEFAULT.withGrainNanos(0));
            world.runUntil(started::isDone, SECOND);
            emulator = started.join();
            clientNode = world.node(1);
            client = new HttpClient(
                    clientNode, (EventLoop) clientNode.loops().iterator().next(), ClientOptions.standard());
        }

        void ask() {
            ended = "";
            ByteBuf request = clientNode.allocator().buffer();
            request.writeCharSequence(
                    "{\"model\":\"llama\",\"stream\":true,\"ignore_eos\":true,\"max_tokens\":" + TOKENS
                            + ",\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}]}",
                    StandardCharsets.UTF_8);
            HttpHeaders headers = DefaultHttpHeadersFactory.headersFactory().newHeaders();
            clientNode.loops().iterator().next().execute(() -> {
                askedNanos = world.nanos();
                client.send(
                        emulator.addresses().getFirst().url(), "POST", "/v1/chat/completions", headers, request, this);
            });
        }

        @Override
        public void head(int status, HttpHeaders headers) {
            assertThat(status).isEqualTo(200);
        }

        @Override
        public void data(ByteBuf piece) {
            String text = piece.toString(StandardCharsets.UTF_8);
            piece.release();
            body.append(text);
            int tokens = text.split("\"content\":\" ", -1).length - 1;
            for (int i = 0; i < tokens; i++) {
                tokenNanos.add(world.nanos());
            }
        }

        @Override
        public void readComplete() {}

        @Override
        public void end() {
            ended = "end";
        }

        @Override
        public void failed(HttpFailure failure) {
            ended = "failed " + failure.kind();
        }
    }
}
