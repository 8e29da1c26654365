package io.polychip.gateway;

import static io.polychip.gateway.FakeReplica.done;
import static io.polychip.gateway.FakeReplica.events;
import static io.polychip.gateway.FakeReplica.finish;
import static io.polychip.gateway.FakeReplica.role;
import static io.polychip.gateway.FakeReplica.stream;
import static io.polychip.gateway.FakeReplica.text;
import static io.polychip.gateway.FakeReplica.token;
import static org.assertj.core.api.Assertions.assertThat;

import io.polychip.net.HttpExchange;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What upstreams do wrong, and what a client sees of it: nothing, where nothing was shown; else an explicit error. */
class FaultsTest {
    private final World world = World.of(2, "timeouts: {first-token: 1 s, stall: 1 s}");

    @AfterEach
    void close() {
        world.close();
    }

    /** Ways to fail before anything was shown. */
    enum Early {
        REFUSES_WITH_500(exchange -> text(exchange, 500, "application/json", "{\"error\":\"boom\"}")),
        IS_BUSY(exchange -> text(exchange, 429, "application/json", "{\"error\":{\"message\":\"slow down\"}}")),
        FLEX_IS_FULL(exchange -> text(exchange, 498, "application/json", "{}")),
        BREAKS_OFF_AT_ONCE(HttpExchange::abort),
        NEVER_BEGINS(exchange -> {}),
        SENDS_HTML_UNDER_200(exchange -> text(exchange, 200, "text/html", "<html>Bad gateway</html>")),
        SENDS_AN_ERROR_UNDER_200(exchange ->
                text(exchange, 200, "application/json", "{\"error\":{\"message\":\"CUDA out of memory\"}}")),
        ENDS_EMPTY(exchange -> {
            events(exchange);
            exchange.finish();
        }),
        ENDS_AFTER_THE_ROLE(exchange -> {
            events(exchange, role());
            exchange.finish();
        }),
        BREAKS_OFF_AFTER_THE_ROLE(exchange -> {
            events(exchange, role());
            exchange.abort();
        }),
        SENDS_ONLY_DONE(exchange -> {
            events(exchange, done());
            exchange.finish();
        }),
        SENDS_AN_ERROR_EVENT(exchange -> {
            events(exchange, role(), "data: {\"error\":{\"message\":\"engine died\",\"code\":500}}\n\n", done());
            exchange.finish();
        }),
        SENDS_A_BROKEN_EVENT(exchange -> {
            events(exchange, role(), "data: {\"id\":\"c\",\"choi\n\n");
            exchange.finish();
        });

        @SuppressWarnings("ImmutableEnumChecker") // functions without state
        private final Consumer<HttpExchange> behaviour;

        Early(Consumer<HttpExchange> behaviour) {
            this.behaviour = behaviour;
        }
    }

    @ParameterizedTest
    @EnumSource
    void aStreamThatFailsBeforeItsFirstTokenIsMadeGoodElsewhereUnseen(Early fault) {
        world.replica().does(fault.behaviour);
        for (int i = 0; i < 4; i++) { // wherever each goes first
            HttpResponse<String> answer = world.chat(World.STREAM);
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.body()).isEqualTo(stream("Hel", "lo") + done());
        }
        assertThat(world.replica().seen()).isNotEmpty();
    }

    /** But for one that never begins: a whole answer may take as long as it likes. */
    @ParameterizedTest
    @EnumSource(names = "NEVER_BEGINS", mode = EnumSource.Mode.EXCLUDE)
    void aWholeAnswerThatFailsIsMadeGoodElsewhereUnseen(Early fault) {
        world.replica().does(fault.behaviour);
        for (int i = 0; i < 4; i++) {
            HttpResponse<String> answer = world.chat(World.CHAT);
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.body()).isEqualTo(FakeReplica.WHOLE);
        }
    }

    /** Ways to fail after two tokens were shown. */
    enum Late {
        BREAKS_OFF(HttpExchange::abort),
        ENDS_CLEANLY_WITHOUT_FINISH_REASON(HttpExchange::finish),
        SAYS_DONE_WITHOUT_FINISH_REASON(exchange -> {
            FakeReplica.more(exchange, done());
            exchange.finish();
        }),
        SENDS_A_BROKEN_EVENT(exchange -> {
            FakeReplica.more(exchange, "data: {\"id\":\"c\",\"choi\n\n", finish(), done());
            exchange.finish();
        }),
        SENDS_AN_ERROR_EVENT(exchange -> {
            FakeReplica.more(exchange, "data: {\"error\":{\"message\":\"engine died\"}}\n\n", done());
            exchange.finish();
        }),
        FALLS_SILENT(exchange -> {});

        @SuppressWarnings("ImmutableEnumChecker") // functions without state
        private final Consumer<HttpExchange> behaviour;

        Late(Consumer<HttpExchange> behaviour) {
            this.behaviour = behaviour;
        }
    }

    @ParameterizedTest
    @EnumSource
    void aStreamThatFailsAfterTextWasShownEndsInAnErrorAndNeverLooksComplete(Late fault) throws Exception {
        world.replicas.forEach(replica -> replica.does(exchange -> {
            events(exchange, role(), token("one"), token("two"));
            FakeReplica.later(exchange, 20, () -> fault.behaviour.accept(exchange));
        }));
        Partial partial = readWhatComes(World.STREAM);
        assertThat(partial.text()).contains("\"one\"").contains("\"two\"").doesNotContain("[DONE]");
        assertThat(partial.text()).endsWith("\n\n").contains("data: {\"error\":{\"message\":");
        assertThat(partial.text().indexOf("data: {\"error\""))
                .isEqualTo(partial.text().lastIndexOf("data: "));
        assertThat(partial.brokenOff()).as("the connection breaks off").isTrue();
        World.until(() -> world.open() == 0);
    }

    private record Partial(String text, boolean brokenOff) {}

    /** Over a bare socket: many HTTP clients throw away what they have not handed on when a body breaks off. */
    private Partial readWhatComes(String body) throws IOException {
        try (RawClient client = new RawClient(world.gateway.port())) {
            String answer = client.post("/v1/chat/completions", body).readAll();
            String head = answer.substring(0, answer.indexOf("\r\n\r\n") + 4);
            assertThat(head).contains("transfer-encoding: chunked");
            StringBuilder text = new StringBuilder();
            int at = head.length();
            while (at < answer.length()) {
                int line = answer.indexOf("\r\n", at);
                int length = Integer.parseInt(answer.substring(at, line), 16);
                if (length == 0) {
                    return new Partial(text.toString(), false);
                }
                text.append(answer, line + 2, line + 2 + length);
                at = line + 2 + length + 2;
            }
            return new Partial(text.toString(), true);
        }
    }

    @Test
    void aLostVendorIsNotSeenByAnyRequest() {
        world.replica().close();
        for (int i = 0; i < 20; i++) {
            assertThat(world.chat(World.CHAT).statusCode()).isEqualTo(200);
        }
    }

    @Test
    void allReplicasBrokenGivesOneClearErrorAndNotMoreThanThreeAttempts() {
        world.replicas.forEach(
                replica -> replica.does(exchange -> text(exchange, 500, "text/plain", "secret of the inside")));
        HttpResponse<String> answer = world.chat(World.CHAT);
        assertThat(answer.statusCode()).isEqualTo(502);
        assertThat(answer.body()).contains("\"code\":\"upstream_error\"").doesNotContain("secret");
        int attempts = world.replicas.stream()
                .mapToInt(replica -> replica.seen().size())
                .sum();
        assertThat(attempts).isBetween(1, 3);
    }

    @Test
    void aRefusalThatIsTheClientsOwnFaultComesBackAsItIsAndIsNotRetried() {
        String refusal = "{\"error\":{\"message\":\"top_k must be"
                + " positive\",\"type\":\"BadRequestError\",\"param\":null,\"code\":400}}";
        world.replicas.forEach(replica -> replica.does(exchange -> text(exchange, 400, "application/json", refusal)));
        HttpResponse<String> answer = world.chat(World.CHAT);
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).isEqualTo(refusal);
        assertThat(world.replicas.stream()
                        .mapToInt(replica -> replica.seen().size())
                        .sum())
                .isEqualTo(1);
    }

    @Test
    void anUpstreamThatRefusesOurOwnCredentialIsNotTheClientsFault() {
        world.replicas.forEach(replica -> replica.does(exchange -> text(exchange, 401, "application/json", "{}")));
        assertThat(world.chat(World.CHAT).statusCode()).isEqualTo(502);
    }

    @Test
    void twoChoicesBothNeedTheirFinishReason() throws Exception {
        String body = World.STREAM.replace("\"stream\":true", "\"stream\":true,\"n\":2");
        world.replicas.forEach(replica -> replica.does(exchange -> {
            events(exchange, stream("a"), done());
            exchange.finish();
        }));
        assertThat(readWhatComes(body).text()).contains("data: {\"error\"").doesNotContain("[DONE]");
    }

    @Test
    void aStreamWithoutDoneButWithAllFinishReasonsIsComplete() {
        world.replicas.forEach(replica -> replica.does(exchange -> {
            events(exchange, stream("a"));
            exchange.finish();
        }));
        assertThat(world.chat(World.STREAM).body()).isEqualTo(stream("a") + done());
    }
}
