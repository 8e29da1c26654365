package io.polychip.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpHeaders;
import io.polychip.emulator.Emulator;
import io.polychip.emulator.EmulatorOptions;
import io.polychip.emulator.Fault;
import io.polychip.fleet.Fleet;
import io.polychip.fleet.RoutingStart;
import io.polychip.gateway.TwinTrace.Question;
import io.polychip.net.ClientOptions;
import io.polychip.net.HttpClient;
import io.polychip.net.HttpFailure;
import io.polychip.net.HttpListener;
import io.polychip.net.Network;
import io.polychip.protocol.ChatScan;
import io.polychip.protocol.Endpoint;
import io.polychip.routing.Ask;
import io.polychip.routing.Decision;
import io.polychip.routing.Ending;
import io.polychip.routing.Options;
import io.polychip.routing.Roster;
import io.polychip.routing.Usage;
import io.polychip.simulator.Arrival;
import io.polychip.simulator.Asks;
import io.polychip.simulator.Observation;
import io.polychip.simulator.Outage;
import io.polychip.simulator.Scenario;
import io.polychip.simulator.Simulation;
import io.polychip.simulator.Traffic;
import io.polychip.simulator.Truth;
import io.polychip.testkit.SimulatedNetwork;
import io.polychip.testkit.Weather;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * One trace through the simulator and through the gateway: its handlers, relay and scraper, before the emulator's
 * replicas, over a network on which nothing takes time. What both decided is compared decision by decision, to the last
 * bit of every prediction and price, and so is how each call ended.
 *
 * <p>The only thing told to the simulator's dispatcher from outside is what a gateway makes of a request's bytes
 * ({@link Asks}): the gateway's own code does it, with an estimate of tokens that learns from the simulator's usage.
 *
 * <p>At the same nanosecond both keep to the order that {@link Simulation} states. Requests arrive, and replicas are
 * lost, at odd nanoseconds, so that nothing regular (ticks, readings) happens then.
 */
final class Twin {
    private static final long SECOND = 1_000_000_000L;
    private static final int NEIGHBOURS = 3;
    private static final int SPARE_CONNECTIONS = 300;
    private static final HttpListener IGNORING = new Reader(new int[1]);

    /**
     * A world both live in.
     *
     * @param fleet file of which the emulator makes replicas
     * @param scrapeNanos how often each replica is read; 0: never
     * @param start what a plan left for the slow loop to begin from
     */
    record Scene(
            String fleet,
            List<Caller> keys,
            TwinTrace.Shape shape,
            long scrapeNanos,
            List<Truth> truths,
            List<Outage> outages,
            long seed,
            RoutingStart start) {
        Scene(
                String fleet,
                List<Caller> keys,
                TwinTrace.Shape shape,
                long scrapeNanos,
                List<Truth> truths,
                List<Outage> outages,
                long seed) {
            this(fleet, keys, shape, scrapeNanos, truths, outages, seed, RoutingStart.NONE);
        }

        Scene withStart(RoutingStart other) {
            return new Scene(fleet, keys, shape, scrapeNanos, truths, outages, seed, other);
        }
    }

    /** What one of the two did, in its order. */
    record Story(List<Decision> decisions, List<String> endings) {
        Story() {
            this(new ArrayList<>(), new ArrayList<>());
        }
    }

    private final Scene scene;
    private final List<Question> questions;
    private final SimulatedNetwork network;
    private final Emulator emulator;
    private final Fleet fleet;

    private Twin(Scene scene) {
        this.scene = scene;
        this.questions = TwinTrace.of(scene.seed, scene.shape, scene.keys);
        this.network = new SimulatedNetwork(scene.seed, Weather.NONE);
        CompletableFuture<Emulator> starting = Emulator.start(
                World.read(scene.fleet),
                network.node(1),
                EmulatorOptions.DEFAULT.withGrainNanos(0).withTruths(scene.truths));
        network.runUntil(starting::isDone, 0);
        this.emulator = starting.join();
        this.fleet = emulator.fleet().withStart(scene.start);
    }

    /** Runs both and compares. @return what both did */
    static Story compare(Scene scene) {
        Twin twin = new Twin(scene);
        Story served = twin.serve();
        Story simulated = twin.simulate();
        compare("decision", served.decisions, simulated.decisions);
        compare("ending", served.endings, simulated.endings);
        assertThat(served.endings).hasSize(twin.questions.size());
        return served;
    }

    private static <T> void compare(String what, List<T> served, List<T> simulated) {
        int most = Math.max(served.size(), simulated.size());
        for (int i = 0; i < most; i++) {
            Object here = i < served.size() ? served.get(i) : "nothing";
            Object there = i < simulated.size() ? simulated.get(i) : "nothing";
            if (!here.equals(there)) {
                throw new AssertionError("%s %d of %d served and %d simulated is the first that differs.%n"
                                .formatted(what, i, served.size(), simulated.size())
                        + "served:\n" + around(served, i) + "simulated:\n" + around(simulated, i)
                        + difference(here.toString(), there.toString()));
            }
        }
    }

    private static String around(List<?> story, int at) {
        StringBuilder text = new StringBuilder();
        for (int i = Math.max(0, at - NEIGHBOURS); i < Math.min(story.size(), at + NEIGHBOURS); i++) {
            text.append(i == at ? "> " : "  ").append(brief(story.get(i))).append('\n');
        }
        return text.toString();
    }

    private static String brief(Object event) {
        return switch (event) {
            case Decision decision ->
                "decision %d at %d ns: %s".formatted(decision.number(), decision.atNanos(), outcome(decision));
            default -> event.toString();
        };
    }

    private static String outcome(Decision decision) {
        String who = "%s %s, attempt %d, %d tokens, waited %d ns: "
                .formatted(
                        decision.tenant(),
                        decision.requestClass(),
                        decision.attempt(),
                        decision.promptTokens(),
                        decision.waitedNanos());
        if (decision.chosen() < 0) {
            return who + decision.reason() + ", nowhere of " + decision.pools();
        }
        Decision.Option option = decision.candidates().get(decision.chosen());
        return who
                + "%s, %s/%d, ttft %s ns, usd %s"
                        .formatted(
                                decision.reason(), option.pool(), option.replica(), option.ttftNanos(), option.usd());
    }

    private static String difference(String served, String simulated) {
        int at = 0;
        while (at < Math.min(served.length(), simulated.length()) && served.charAt(at) == simulated.charAt(at)) {
            at++;
        }
        return "served    ..." + part(served, at) + "\nsimulated ..." + part(simulated, at);
    }

    private static String part(String text, int at) {
        return text.substring(Math.max(0, at - 60), Math.min(text.length(), at + 120));
    }

    // ---- the gateway

    private Story serve() {
        Story story = new Story();
        ByteArrayOutputStream log = new ByteArrayOutputStream();
        long origin = network.nanos();
        Duration scrapes = scene.scrapeNanos == 0 ? Duration.ofDays(1000) : Duration.ofNanos(scene.scrapeNanos);
        CompletableFuture<Gateway> starting = Gateway.start(
                network.node(1),
                fleet,
                GatewayOptions.standard(scene.seed).withAccessLog(log).withScrapeEvery(scrapes),
                decision -> story.decisions.add(at(decision, decision.atNanos() - origin)));
        network.runUntil(starting::isDone, 0);
        Gateway gateway = starting.join();
        int[] over = new int[1];
        Network clients = network.node(1);
        EventLoop loop = clients.loops().next();
        HttpClient client = new HttpClient(clients, loop, ClientOptions.standard());
        URI url = URI.create("http://127.0.0.1:" + gateway.port());
        Lane lane = gateway.lanes().all().getFirst();
        lane.loop().execute(() -> keepConnections(lane, over));
        loop.execute(() -> ask(client, loop, url, 0, over));
        for (Outage outage : scene.outages) {
            lose(outage, lane);
        }
        network.runUntil(() -> over[0] == questions.size(), 100_000 * SECOND);
        network.runFor(SECOND);
        CompletableFuture<Void> closed = gateway.close();
        client.close();
        network.runUntil(closed::isDone, 10 * SECOND);
        log.toString(StandardCharsets.UTF_8).lines().map(Twin::ending).forEach(story.endings::add);
        return story;
    }

    /** Sends that question when its time comes, and then the next. */
    private void ask(HttpClient client, EventLoop loop, URI url, int number, int[] over) {
        if (number == questions.size()) {
            return;
        }
        Question question = questions.get(number);
        loop.schedule(
                () -> {
                    HttpHeaders headers = Responses.empty()
                            .set("content-type", "application/json")
                            .set(
                                    "authorization",
                                    "Bearer " + fleet.keys().get(question.key()).secret())
                            .set("x-client-request-id", Integer.toString(number));
                    client.send(
                            url,
                            "POST",
                            "/v1/chat/completions",
                            headers,
                            Unpooled.wrappedBuffer(question.body()),
                            new Reader(over));
                    ask(client, loop, url, number + 1, over);
                },
                question.atNanos()
                        - (number == 0 ? 0 : questions.get(number - 1).atNanos()),
                TimeUnit.NANOSECONDS);
    }

    /**
     * Keeps some unused connections to every replica. To open one takes no time here, but it takes turns of the loop,
     * and a request on an open one would overtake it within the same nanosecond.
     */
    private void keepConnections(Lane lane, int[] over) {
        connect(lane);
        if (over[0] < questions.size()) {
            lane.loop().schedule(() -> keepConnections(lane, over), 3 * SECOND, TimeUnit.NANOSECONDS);
        }
    }

    private static void connect(Lane lane) {
        for (Roster.Replica replica : lane.view().roster().replicas()) {
            for (int i = 0; i < SPARE_CONNECTIONS; i++) {
                lane.client(lane.plan(replica))
                        .send(replica.url(), "GET", "/health", Responses.empty(), Unpooled.EMPTY_BUFFER, IGNORING);
            }
        }
    }

    private void lose(Outage outage, Lane lane) {
        network.after(outage.atNanos(), () -> {
            int fault = emulator.inject(Fault.of(Fault.Kind.DIE, outage.where()));
            long back = outage.nanos() + outage.restart().startNanos();
            network.after(back, () -> emulator.clear(fault));
            network.after(back + 1, () -> lane.loop().execute(() -> connect(lane)));
        });
    }

    /** Takes an answer and counts it. */
    @SuppressWarnings("ArrayRecordComponent") // one count for all
    private record Reader(int[] over) implements HttpListener {
        @Override
        public void head(int status, HttpHeaders headers) {}

        @Override
        public void data(ByteBuf piece) {
            piece.release();
        }

        @Override
        public void readComplete() {}

        @Override
        public void end() {
            over[0]++;
        }

        @Override
        public void failed(HttpFailure failure) {
            over[0]++;
        }
    }

    // ---- the simulator

    private Story simulate() {
        Story story = new Story();
        SplittableRandom lane = new SplittableRandom(new SplittableRandom(scene.seed).nextLong());
        Observation observation =
                scene.scrapeNanos == 0 ? Observation.NONE : new Observation(scene.scrapeNanos, 0, 0, 0);
        Scenario scenario = Scenario.of(Roster.of(fleet))
                .with(Options.DEFAULT.with(story.decisions::add))
                .with(observation)
                .withTruths(scene.truths)
                .withOutages(scene.outages)
                .withNetwork(0, 0)
                .withSeed(lane.nextLong());
        TokenRatio ratio = new TokenRatio();
        Asks asks = (_, number, _, _, _) -> ask(lane.nextLong(), ratio, (int) number);
        Simulation simulation = new Simulation(scenario, traffic(), asks, (request, ending, _, at) -> {
            if (ending instanceof Ending.Completed completed) {
                ChatScan scan = scan((int) request);
                ratio.learn(scan.model(), scan.prompt(), completed.usage().promptTokens());
            }
            story.endings.add(ending(request, at, ending));
        });
        simulation.run(Long.MAX_VALUE);
        return story;
    }

    private Ask ask(long seed, TokenRatio ratio, int number) {
        Question question = questions.get(number);
        return ChatHandler.ask(
                seed, ratio, scan(number), question.caller(), question.requestClass(), question.body().length);
    }

    private ChatScan scan(int number) {
        return ChatScan.of(questions.get(number).body(), Endpoint.CHAT);
    }

    private Traffic traffic() {
        Iterator<Question> all = questions.iterator();
        return new Traffic() {
            @Override
            public @Nullable Arrival next() {
                return all.hasNext() ? all.next().arrival() : null;
            }

            @Override
            public int blockTokens() {
                return TwinTrace.BLOCK_TOKENS;
            }
        };
    }

    // ---- in the same words

    private static Decision at(Decision decision, long nanos) {
        return new Decision(
                nanos,
                decision.seed(),
                decision.shard(),
                decision.number(),
                decision.policy(),
                decision.model(),
                decision.tenant(),
                decision.requestClass(),
                decision.promptTokens(),
                decision.expectedOutputTokens(),
                decision.attempt(),
                decision.waitedNanos(),
                decision.pools(),
                decision.candidates(),
                decision.chosen(),
                decision.reason());
    }

    private static String ending(long request, long atNanos, Ending ending) {
        Usage usage = CallLog.usage(ending);
        return "request %d at %d ns %s %s %d+%d tokens, %d cached"
                .formatted(
                        request,
                        atNanos,
                        CallLog.name(ending),
                        reason(ending),
                        usage.promptTokens(),
                        usage.completionTokens(),
                        usage.cachedTokens());
    }

    private static String reason(Ending ending) {
        return switch (ending) {
            case Ending.Completed _ -> "ok";
            case Ending.Refused refused -> refused.code();
            case Ending.Failed failed -> ClientCall.label(failed.fault().kind());
            case Ending.Cancelled _ -> "client_gone";
        };
    }

    private static String ending(String line) {
        JsonNode call = JsonMapper.shared().readTree(line);
        Instant time = Instant.parse(call.path("time").asString());
        long nanos =
                Duration.between(Instant.parse("2026-01-01T00:00:00Z"), time).toNanos();
        return "request %d at %d ns %s %s %d+%d tokens, %d cached"
                .formatted(
                        call.path("id").asLong(),
                        nanos,
                        call.path("ending").asString(),
                        call.path("reason").asString("ok"),
                        call.path("prompt_tokens").asInt(),
                        call.path("completion_tokens").asInt(),
                        call.path("cached_tokens").asInt());
    }
}
