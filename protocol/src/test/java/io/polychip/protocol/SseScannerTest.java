package io.polychip.protocol;

import static io.polychip.protocol.SseScanner.Kind.DONE;
import static io.polychip.protocol.SseScanner.Kind.ERROR;
import static io.polychip.protocol.SseScanner.Kind.GARBLED;
import static io.polychip.protocol.SseScanner.Kind.HIDDEN;
import static io.polychip.protocol.SseScanner.Kind.SILENT;
import static io.polychip.protocol.SseScanner.Kind.USAGE;
import static io.polychip.protocol.SseScanner.Kind.VISIBLE;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SseScannerTest {
    private static final String ROLE = chunk("{'role':'assistant','content':''}", "null");
    private static final String WORD = chunk("{'content':' word'}", "null");
    private static final String STOP = chunk("{}", "'stop'");
    private static final String END = "data: [DONE]\n\n";
    private static final String COUNT =
            data("{'id':'x','choices':[],'usage':{'prompt_tokens':10,'completion_tokens':2,'total_tokens':12,"
                    + "'prompt_tokens_details':{'cached_tokens':8}}}");

    /** A dialect's stream and what it must be read as. */
    record Dialect(String name, String stream, Verdict verdict, List<SseScanner.Kind> kinds) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Dialect> dialects() {
        return Stream.of(
                new Dialect(
                        "vllm",
                        ROLE + WORD + WORD + STOP + COUNT + END,
                        Verdict.COMPLETE,
                        List.of(SILENT, VISIBLE, VISIBLE, SILENT, USAGE, DONE)),
                new Dialect(
                        "carriage returns",
                        (ROLE + WORD + STOP + END).replace("\n", "\r\n"),
                        Verdict.COMPLETE,
                        List.of(SILENT, VISIBLE, SILENT, DONE)),
                new Dialect(
                        "comments, no space, byte order mark",
                        "\ufeff: hello\n\n" + (ROLE + WORD + STOP + END).replace("data: ", "data:") + ": bye\n\n",
                        Verdict.COMPLETE,
                        List.of(SILENT, SILENT, VISIBLE, SILENT, DONE, SILENT)),
                new Dialect(
                        "event names and ids",
                        "event: message\nid: 7\nretry: 10\n" + WORD + STOP + END,
                        Verdict.COMPLETE,
                        List.of(VISIBLE, SILENT, DONE)),
                new Dialect(
                        "data over several lines",
                        "data: {\ndata: \"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"},\n"
                                + "data: \"finish_reason\":\"stop\"}]}\n\n" + END,
                        Verdict.COMPLETE,
                        List.of(VISIBLE, DONE)),
                new Dialect(
                        "reasoning first",
                        ROLE
                                + chunk("{'reasoning_content':'hm'}", "null")
                                + chunk("{'reasoning':'hm','content':null}", "null")
                                + WORD
                                + STOP
                                + END,
                        Verdict.COMPLETE,
                        List.of(SILENT, HIDDEN, HIDDEN, VISIBLE, SILENT, DONE)),
                new Dialect(
                        "tool call",
                        ROLE
                                + chunk(
                                        "{'tool_calls':[{'index':0,'id':'c','function':{'name':'f','arguments':''}}]}",
                                        "null")
                                + chunk("{'tool_calls':[{'index':0,'function':{'arguments':'{}'}}]}", "'tool_calls'")
                                + END,
                        Verdict.COMPLETE,
                        List.of(SILENT, VISIBLE, VISIBLE, DONE)),
                new Dialect(
                        "groq",
                        data("{'choices':[{'index':0,'delta':{'role':'assistant','content':''},'finish_reason':null}],"
                                        + "'x_groq':{'id':'req_1'}}")
                                + WORD
                                + data("{'choices':[{'index':0,'delta':{},'finish_reason':'stop'}],"
                                      + "'x_groq':{'id':'req_1','usage':{'queue_time':0.25,'prompt_tokens':10,'prompt_time':0.5,"
                                      + "'completion_tokens':2,'completion_time':0.125}}}")
                                + END,
                        Verdict.COMPLETE,
                        List.of(SILENT, VISIBLE, SILENT, DONE)),
                new Dialect(
                        "cerebras",
                        ROLE
                                + WORD
                                + data("{'choices':[{'index':0,'delta':{},'finish_reason':'length'}],'usage':"
                                      + "{'prompt_tokens':10,'completion_tokens':2},'time_info':{'queue_time':0.25,'prompt_time':0.5,"
                                      + "'completion_time':0.125}}")
                                + END,
                        Verdict.COMPLETE,
                        List.of(SILENT, VISIBLE, SILENT, DONE)),
                new Dialect(
                        "text completion",
                        data("{'choices':[{'index':0,'text':' a','finish_reason':null}]}")
                                + data("{'choices':[{'index':0,'text':'','finish_reason':'stop'}]}")
                                + END,
                        Verdict.COMPLETE,
                        List.of(VISIBLE, SILENT, DONE)),
                new Dialect("no done", ROLE + WORD + STOP, Verdict.COMPLETE, List.of(SILENT, VISIBLE, SILENT)),
                new Dialect(
                        "last blank line missing",
                        WORD + STOP + "data: [DONE]",
                        Verdict.COMPLETE,
                        List.of(VISIBLE, SILENT, DONE)),
                new Dialect("cut cleanly", ROLE + WORD + WORD, Verdict.CUT, List.of(SILENT, VISIBLE, VISIBLE)),
                new Dialect("cut, yet done", ROLE + WORD + END, Verdict.CUT, List.of(SILENT, VISIBLE, DONE)),
                new Dialect(
                        "cut inside an event",
                        ROLE + WORD + WORD.substring(0, 60),
                        Verdict.CUT,
                        List.of(SILENT, VISIBLE)),
                new Dialect("cut inside the first event", WORD.substring(0, 60), Verdict.CUT, List.of()),
                new Dialect("empty", "", Verdict.CUT, List.of()),
                new Dialect("only done", END, Verdict.CUT, List.of(DONE)),
                new Dialect("html", "<html><body>502 Bad Gateway</body></html>", Verdict.GARBLED, List.of(GARBLED)),
                new Dialect("html in lines", "<html>\n\n<body>\n\n", Verdict.GARBLED, List.of(GARBLED, GARBLED)),
                new Dialect(
                        "broken event",
                        ROLE + WORD + "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"x}]}\n\n",
                        Verdict.GARBLED,
                        List.of(SILENT, VISIBLE, GARBLED)),
                new Dialect(
                        "error event",
                        ROLE + WORD + data("{'error':{'message':'CUDA out of memory','type':'x','code':500}}"),
                        Verdict.ERROR,
                        List.of(SILENT, VISIBLE, ERROR)),
                new Dialect(
                        "old vllm error",
                        ROLE + data("{'object':'error','message':'boom','type':'x','code':400}"),
                        Verdict.ERROR,
                        List.of(SILENT, ERROR)),
                new Dialect(
                        "groq error",
                        ROLE + data("{'choices':[],'x_groq':{'error':'over capacity'}}"),
                        Verdict.ERROR,
                        List.of(SILENT, ERROR)),
                new Dialect(
                        "engine aborts",
                        ROLE + WORD + chunk("{}", "'abort'") + END,
                        Verdict.ERROR,
                        List.of(SILENT, VISIBLE, ERROR, DONE)),
                new Dialect(
                        "content that looks like markers",
                        chunk("{'content':'\\\"finish_reason\\\":\\\"stop\\\" [DONE] \\\"error\\\":{}'}", "null"),
                        Verdict.CUT,
                        List.of(VISIBLE)));
    }

    @ParameterizedTest
    @MethodSource("dialects")
    void aStreamIsReadTheSameWhereverItIsCut(Dialect dialect) {
        byte[] stream = dialect.stream.getBytes(StandardCharsets.UTF_8);
        for (int piece = 1; piece <= stream.length; piece++) {
            check(dialect, stream, piece, 0);
        }
        for (int cut = 0; cut <= stream.length; cut++) {
            check(dialect, stream, stream.length, cut);
        }
    }

    private static void check(Dialect dialect, byte[] stream, int piece, int firstCut) {
        Recorder recorder = new Recorder(1);
        int at = 0;
        int next = firstCut > 0 ? firstCut : piece;
        while (at < stream.length) {
            int to = Math.min(stream.length, next);
            recorder.feed(stream, at, to);
            at = to;
            next = at + piece;
        }
        recorder.end();
        assertThat(recorder.kinds).isEqualTo(dialect.kinds);
        assertThat(recorder.scanner.verdict()).isEqualTo(dialect.verdict);
        if (dialect.verdict != Verdict.CUT && dialect.verdict != Verdict.GARBLED) {
            assertThat(recorder.passed.toByteArray()).isEqualTo(stream);
        }
    }

    @Test
    void readsUsageAndTimingsWhereverTheyAre() {
        TokenUsage vllm = read(ROLE + WORD + STOP + COUNT + END).scanner.usage();
        assertThat(vllm).isEqualTo(new TokenUsage(10, 8, 2, 0, 0, 0, 0));
        for (Dialect dialect : dialects()
                .filter(d -> d.name.equals("groq") || d.name.equals("cerebras"))
                .toList()) {
            assertThat(read(dialect.stream).scanner.usage())
                    .isEqualTo(new TokenUsage(10, 0, 2, 0, 250_000_000, 500_000_000, 125_000_000));
        }
        assertThat(read(ROLE + WORD).scanner.usage().reported()).isFalse();
    }

    @Test
    void allChoicesMustFinish() {
        String first = data("{'choices':[{'index':0,'delta':{'content':'a'},'finish_reason':'stop'}]}");
        String second = data("{'choices':[{'index':1,'delta':{'content':'b'},'finish_reason':'stop'}]}");
        Recorder recorder = new Recorder(2);
        byte[] stream = (first + END).getBytes(StandardCharsets.UTF_8);
        recorder.feed(stream, 0, stream.length);
        assertThat(recorder.scanner.verdict()).isEqualTo(Verdict.CUT);
        stream = second.getBytes(StandardCharsets.UTF_8);
        recorder.feed(stream, 0, stream.length);
        assertThat(recorder.scanner.verdict()).isEqualTo(Verdict.COMPLETE);
    }

    @Test
    void anErrorEventOfOursIsReadAsOne() {
        OpenAiError error = new OpenAiError(502, "It \"broke\"\n.", OpenAiError.SERVER, null, "upstream_failed");
        Recorder recorder = read(WORD + new String(error.event(), StandardCharsets.UTF_8));
        assertThat(recorder.kinds).containsExactly(VISIBLE, ERROR);
        assertThat(recorder.scanner.error()).isEqualTo(error);
    }

    @Test
    void anEventWithoutEndIsNotKeptForEver() {
        Recorder recorder = new Recorder(1);
        byte[] piece = ("data: \"" + "x".repeat(1 << 20)).getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < 6; i++) {
            recorder.feed(piece, 6, piece.length);
        }
        assertThat(recorder.scanner.pending()).isLessThanOrEqualTo(SseScanner.MAX_EVENT_BYTES);
        assertThat(recorder.scanner.verdict()).isEqualTo(Verdict.GARBLED);
    }

    private static Recorder read(String stream) {
        Recorder recorder = new Recorder(1);
        byte[] bytes = stream.getBytes(StandardCharsets.UTF_8);
        recorder.feed(bytes, 0, bytes.length);
        recorder.end();
        return recorder;
    }

    private static String chunk(String delta, String finish) {
        return data(
                "{'id':'chatcmpl-1','object':'chat.completion.chunk','created':1,'model':'m','choices':[{'index':0,'delta':"
                        + delta + ",'logprobs':null,'finish_reason':" + finish + "}],'usage':null}");
    }

    private static String data(String json) {
        return "data: " + json.replace('\'', '"') + "\n\n";
    }

    /** Keeps what was reported and puts the bytes together again. */
    private static final class Recorder {
        final SseScanner scanner;
        final List<SseScanner.Kind> kinds = new ArrayList<>();
        final ByteArrayOutputStream passed = new ByteArrayOutputStream();

        Recorder(int choices) {
            scanner = new SseScanner(choices);
        }

        void feed(byte[] data, int from, int to) {
            scanner.feed(data, from, to, (kind, eventFrom, eventTo) -> {
                kinds.add(kind);
                passed.writeBytes(scanner.carried());
                passed.write(data, eventFrom, eventTo - eventFrom);
            });
        }

        void end() {
            scanner.end((kind, from, to) -> {
                kinds.add(kind);
                passed.writeBytes(scanner.carried());
            });
        }
    }
}
