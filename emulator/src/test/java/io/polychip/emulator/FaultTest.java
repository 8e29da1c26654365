package io.polychip.emulator;

import static io.polychip.emulator.Emulated.events;
import static io.polychip.emulator.Emulated.json;
import static io.polychip.emulator.Emulated.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.polychip.simulator.Where;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class FaultTest {
    private static final EmulatedText HELLO = EmulatedText.of(List.of("hello"));
    private static final Where HERE = Where.replica("h100", 0);
    private static final String STREAM = "'stream':true,'max_tokens':30,'ignore_eos':true";
    private static Emulated fleet;

    @BeforeAll
    static void start() {
        fleet = new Emulated();
    }

    @AfterAll
    static void stop() {
        fleet.close();
    }

    @AfterEach
    void heal() {
        fleet.emulator.clearAll();
        await(() -> listens("h100"));
    }

    @Test
    void aCutStreamEndsCleanlyInTheMiddle() {
        fleet.emulator.inject(Fault.of(Fault.Kind.CUT, HERE).after(7));
        HttpResponse<String> answer = fleet.chat("h100", STREAM);
        assertThat(text(answer)).isEqualTo(HELLO.text(0, 7));
        assertThat(answer.body()).doesNotContain("\"finish_reason\":\"").doesNotContain("[DONE]");
        await(() -> fleet.counters("h100", 0).running() == 0);
    }

    @Test
    void aResetBreaksTheConnection() {
        fleet.emulator.inject(Fault.of(Fault.Kind.RESET, HERE).after(5));
        assertThatThrownBy(() -> fleet.chat("h100", STREAM)).hasRootCauseInstanceOf(IOException.class);
        assertThatThrownBy(() -> fleet.chat("h100", "'max_tokens':30,'ignore_eos':true"))
                .hasRootCauseInstanceOf(IOException.class);
    }

    @Test
    void aStalledStreamSaysNothingMore() {
        fleet.emulator.inject(Fault.of(Fault.Kind.STALL, HERE).after(3));
        CompletableFuture<HttpResponse<String>> answer =
                fleet.postAsync(fleet.base("h100") + "/chat/completions", Emulated.body(STREAM));
        await(() -> fleet.counters("h100", 0).tokens() >= 3
                && fleet.counters("h100", 0).running() == 0);
        assertThat(answer).isNotDone();
        answer.cancel(true);
    }

    @Test
    void aHangAnswersNothingUntilTheClientLeaves() {
        fleet.emulator.inject(Fault.of(Fault.Kind.HANG, HERE));
        long before = fleet.counters("h100", 0).cancelled();
        CompletableFuture<HttpResponse<String>> answer =
                fleet.postAsync(fleet.base("h100") + "/chat/completions", Emulated.body(STREAM));
        assertThat(answer.copy()
                        .completeOnTimeout(null, 200, TimeUnit.MILLISECONDS)
                        .join())
                .isNull();
        answer.cancel(true);
        await(() -> fleet.counters("h100", 0).cancelled() == before + 1);
    }

    @Test
    void aStatusIsAnsweredAsOftenAsSaid() {
        fleet.emulator.inject(Fault.of(Fault.Kind.STATUS, HERE).status(429, 7).count(2));
        HttpResponse<String> refused = fleet.chat("h100", STREAM);
        assertThat(refused.statusCode()).isEqualTo(429);
        assertThat(refused.headers().firstValue("retry-after")).hasValue("7");
        assertThat(fleet.chat("h100", STREAM).statusCode()).isEqualTo(429);
        assertThat(fleet.chat("h100", STREAM).statusCode()).isEqualTo(200);
    }

    @Test
    void aBrokenEventIsFollowedByTheRest() {
        fleet.emulator.inject(Fault.of(Fault.Kind.BROKEN, HERE).after(4));
        List<String> events = events(fleet.chat("h100", STREAM));
        assertThat(events.get(5)).isEqualTo(ReplyText.BROKEN);
        assertThat(events).endsWith("[DONE]").hasSize(1 + 30 + 1 + 2);
    }

    @Test
    void anErrorComesInsideThe200() {
        fleet.emulator.inject(Fault.of(Fault.Kind.ERROR, HERE).after(2));
        assertThat(events(fleet.chat("h100", STREAM)).getLast()).startsWith("{\"error\"");
        HttpResponse<String> whole = fleet.chat("h100", "'max_tokens':9,'ignore_eos':true");
        assertThat(whole.statusCode()).isEqualTo(200);
        assertThat(json(whole).has("error")).isTrue();
    }

    @Test
    void emptyStreamsAndWebPagesComeUnder200() {
        int empty = fleet.emulator.inject(Fault.of(Fault.Kind.EMPTY, HERE));
        assertThat(fleet.chat("h100", STREAM).body()).isEmpty();
        fleet.emulator.clear(empty);
        fleet.emulator.inject(Fault.of(Fault.Kind.HTML, HERE));
        assertThat(fleet.chat("h100", STREAM).body()).startsWith("<html>");
    }

    @Test
    void aWrongTextIsAnotherText() {
        fleet.emulator.inject(Fault.of(Fault.Kind.WRONG_TEXT, HERE));
        assertThat(text(fleet.chat("h100", STREAM))).isEqualTo(HELLO.wrong().text(0, 30));
    }

    @Test
    void aDeadReplicaCutsEverythingAndComesBackOnItsPort() {
        URI before = fleet.url("h100", 0);
        fleet.emulator.inject(Fault.of(Fault.Kind.SLOW, HERE).factor(1000));
        CompletableFuture<HttpResponse<String>> running =
                fleet.postAsync(fleet.base("h100") + "/chat/completions", Emulated.body(STREAM));
        await(() -> fleet.counters("h100", 0).running() == 1);
        int dead = fleet.emulator.inject(Fault.of(Fault.Kind.DIE, HERE));
        assertThatThrownBy(running::join).hasRootCauseInstanceOf(IOException.class);
        await(() -> !listens("h100"));
        assertThat(fleet.counters("h100", 0).running()).isZero();
        fleet.emulator.clear(dead);
        await(() -> listens("h100"));
        assertThat(fleet.url("h100", 0)).isEqualTo(before);
    }

    @Test
    void aRefusingReplicaFinishesWhatItHas() {
        fleet.emulator.inject(Fault.of(Fault.Kind.SLOW, HERE).factor(40));
        CompletableFuture<HttpResponse<String>> running =
                fleet.postAsync(fleet.base("h100") + "/chat/completions", Emulated.body(STREAM));
        await(() -> fleet.counters("h100", 0).running() == 1);
        fleet.emulator.inject(Fault.of(Fault.Kind.REFUSE, HERE));
        await(() -> !listens("h100"));
        assertThat(text(running.join())).isEqualTo(HELLO.text(0, 30));
    }

    @Test
    void aClientThatLeavesFreesItsPlaceInTheEngine() {
        fleet.emulator.inject(Fault.of(Fault.Kind.SLOW, HERE).factor(1000));
        long before = fleet.counters("h100", 0).cancelled();
        CompletableFuture<HttpResponse<String>> running =
                fleet.postAsync(fleet.base("h100") + "/chat/completions", Emulated.body(STREAM));
        await(() -> fleet.counters("h100", 0).running() == 1);
        running.cancel(true);
        await(() -> fleet.counters("h100", 0).running() == 0);
        assertThat(fleet.counters("h100", 0).cancelled()).isEqualTo(before + 1);
    }

    @Test
    void probabilityStrikesItsShareAndTheSameOnesForASeed() {
        FaultBoard board = new FaultBoard(5);
        board.add(Fault.of(Fault.Kind.CUT, Where.vendor("nvidia")).probability(0.3));
        FaultBoard same = new FaultBoard(5);
        same.add(Fault.of(Fault.Kind.CUT, Where.vendor("nvidia")).probability(0.3));
        var pool = Emulated.fleet().pools().getFirst();
        int struck = 0;
        for (int request = 0; request < 10_000; request++) {
            boolean strikes = board.draw(pool, 0, request) != null;
            assertThat(same.draw(pool, 0, request) != null).isEqualTo(strikes);
            struck += strikes ? 1 : 0;
        }
        assertThat(struck).isBetween(2_850, 3_150);
    }

    @Test
    void theControlApiSetsListsAndClears() {
        HttpResponse<String> set = fleet.post(
                fleet.control("/faults"),
                "{'kind':'status','status':503,'where':{'vendor':'nvidia','labels':{'region':'us-east'}}}");
        assertThat(set.statusCode()).isEqualTo(201);
        assertThat(fleet.chat("h100", STREAM).statusCode()).isEqualTo(503);
        assertThat(fleet.chat("b200", STREAM).statusCode()).isEqualTo(200);
        assertThat(fleet.send("GET", fleet.control("/faults")).body()).contains("\"status\"");
        String id = json(set).path("id").asString();
        assertThat(fleet.send("DELETE", fleet.control("/faults/" + id)).statusCode())
                .isEqualTo(200);
        assertThat(fleet.chat("h100", STREAM).statusCode()).isEqualTo(200);
        assertThat(fleet.send("DELETE", fleet.control("/faults/" + id)).statusCode())
                .isEqualTo(404);
        assertThat(fleet.send("GET", fleet.control("/counters")).body()).contains("\"pool\":\"trainium\"");
        assertThat(fleet.send("GET", fleet.control("/replicas")).body()).contains("\"pool\":\"groq\"");
    }

    @Test
    void theControlApiOfAReplicaIsAboutThatReplica() {
        fleet.post(fleet.url("h100", 1) + "/control/faults", "{'kind':'empty'}");
        assertThat(fleet.chat("h100", STREAM).body()).isNotEmpty();
        assertThat(fleet.post(fleet.url("h100", 1) + "/v1/chat/completions", Emulated.body(STREAM))
                        .body())
                .isEmpty();
    }

    @Test
    void theControlApiSaysWhatItDoesNotUnderstand() {
        for (String wrong : List.of(
                "{'kind':'explode'}",
                "{'kind':'cut','afterr':3}",
                "{'kind':'cut','where':{'pool':'none'}}",
                "{'kind':'status','status':200}",
                "{'kind':'cut','probability':2}",
                "[",
                "3")) {
            HttpResponse<String> answer = fleet.post(fleet.control("/faults"), wrong);
            assertThat(answer.statusCode()).as(wrong).isEqualTo(400);
            assertThat(json(answer).path("error").asString()).as(wrong).isNotEmpty();
        }
    }

    private static boolean listens(String pool) {
        URI url = fleet.url(pool, 0);
        try (var socket = new java.net.Socket(url.getHost(), url.getPort())) {
            return socket.isConnected();
        } catch (IOException refused) {
            return false;
        }
    }

    /** Until it is so; the class's time limit bounds it. */
    private static void await(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            LockSupport.parkNanos(1_000_000);
        }
    }
}
