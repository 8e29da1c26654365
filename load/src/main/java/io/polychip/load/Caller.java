package io.polychip.load;

import io.netty.channel.EventLoop;
import io.polychip.net.ClientOptions;
import io.polychip.net.HttpClient;
import io.polychip.net.Network;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;

/** Sends a measurement's requests from one loop, each with a prompt nobody sent before, and knows what is under way. */
final class Caller {
    /** Patient: an endpoint under full load may accept late, and a failed connection costs a point. */
    private static final ClientOptions CONNECTIONS =
            ClientOptions.standard().withMaxIdlePerOrigin(1024).withConnectTimeout(Duration.ofSeconds(15));

    private final Network network;
    private final EventLoop loop;
    private final HttpClient client;
    private final MeasureOptions options;
    private final Set<ReplayCall> underWay = new LinkedHashSet<>();
    private ChatForm form = ChatForm.EXACT;
    private double tokensPerWord = 1;
    private double templateTokens;
    private double tokensPerEvent = 1;
    private long prompts;
    private long requests;
    private long tokens;

    Caller(Network network, EventLoop loop, MeasureOptions options) {
        this.network = network;
        this.loop = loop;
        this.client = new HttpClient(network, loop, CONNECTIONS);
        this.options = options;
    }

    void speak(ChatForm spoken) {
        form = spoken;
    }

    ChatForm form() {
        return form;
    }

    /** From two prompts of known words: what the endpoint counts for them. */
    void calibrate(int words, int promptTokens, int moreWords, int morePromptTokens) {
        tokensPerWord = Math.max(0.25, (morePromptTokens - promptTokens) / (double) (moreWords - words));
        templateTokens = Math.max(0, promptTokens - words * tokensPerWord);
    }

    /** Of a stream whose events carry several tokens each. */
    void bundles(double tokens) {
        tokensPerEvent = tokens;
    }

    double tokensPerEvent() {
        return tokensPerEvent;
    }

    double tokensPerWord() {
        return tokensPerWord;
    }

    double templateTokens() {
        return templateTokens;
    }

    /** A prompt of that many tokens, the template's included, that begins like no other. */
    byte[] freshPrompt(int promptTokens) {
        return freshWords((int) Math.max(1, Math.round((promptTokens - templateTokens) / tokensPerWord)));
    }

    byte[] freshWords(int words) {
        return Prompts.text(words, new long[0], 1, Prompts.mix(options.seed()) + prompts++);
    }

    /** Sends now. */
    ReplayCall send(byte[] prompt, int outputTokens, BiConsumer<ReplayCall, Answer> ended) {
        ReplayCall call = new ReplayCall(true, ReplayCall.TO_THE_END, now(), loop.ticker(), (done, answer) -> {
            underWay.remove(done);
            tokens += answer.promptTokens() + answer.completionTokens();
            ended.accept(done, answer);
        });
        underWay.add(call);
        requests++;
        call.started(client.send(
                options.target(),
                "POST",
                "/v1/chat/completions",
                ChatForm.headers(true, options.key()),
                form.body(network.allocator(), options.model(), true, null, outputTokens, prompt),
                call));
        return call;
    }

    CompletableFuture<Reply> ask(byte[] prompt, int outputTokens) {
        CompletableFuture<Reply> reply = new CompletableFuture<>();
        send(prompt, outputTokens, (call, answer) -> reply.complete(new Reply(call, answer)));
        return reply;
    }

    record Reply(ReplayCall call, Answer answer) {}

    /** Hangs up on everything under way. */
    void hangUp() {
        List.copyOf(underWay).forEach(ReplayCall::giveUp);
    }

    void close() {
        hangUp();
        client.close();
    }

    EventLoop loop() {
        return loop;
    }

    long now() {
        return loop.ticker().nanoTime();
    }

    long requests() {
        return requests;
    }

    long tokens() {
        return tokens;
    }
}
