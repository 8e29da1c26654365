package io.polychip.load;

import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Finds out, before anything is measured, how an endpoint wants to be asked and what it is like: which fields it takes,
 * how it counts tokens, how many answers it generates at once, how it cuts prompts beside generating answers, and
 * whether it keeps prompts. A dozen requests, and one burst.
 */
final class Probes {
    private static final int FEW_WORDS = 16;
    private static final int MORE_WORDS = 160;
    private static final int SOME_TOKENS = 24;
    private static final int BURST_TOKENS = 64;
    private static final int LONG_ANSWER = 512;
    private static final int SEVERAL = 4;
    private static final int LEAST_PROMPT = 64;
    private static final long BUFFERED_ITL_NANOS = 20_000;
    private static final long REST_MILLIS = 1_000;

    /** A cached prompt answers in less than this share of the time. */
    private static final double CACHED_SHARE = 0.6;

    private final Caller caller;
    private final MeasureOptions options;
    private final Findings findings;

    Probes(Caller caller, MeasureOptions options, Findings findings) {
        this.caller = caller;
        this.options = options;
        this.findings = findings;
    }

    /** Fails with a {@link MeasureException} where the endpoint cannot be measured at all. */
    CompletableFuture<Void> run() {
        return form(List.of(ChatForm.EXACT, ChatForm.CAPPED, ChatForm.NEWER, ChatForm.PLAIN))
                .thenCompose(this::calibrate)
                .thenCompose(nothing -> slots(options.mostConcurrency()))
                .thenCompose(
                        nothing -> steps(Grid.levels(findings.mostConcurrency).iterator()))
                .thenCompose(nothing -> prefix(findings.longestPrompt))
                .thenCompose(nothing -> chunks());
    }

    private CompletableFuture<Caller.Reply> form(List<ChatForm> forms) {
        caller.speak(forms.getFirst());
        return caller.ask(caller.freshWords(FEW_WORDS), SOME_TOKENS).thenCompose(reply -> {
            String outcome = reply.answer().outcome();
            boolean wording = outcome.equals("http 400") || outcome.equals("http 422");
            if (wording && forms.size() > 1) {
                return form(forms.subList(1, forms.size()));
            }
            require(reply);
            said(forms.getFirst());
            return CompletableFuture.completedFuture(reply);
        });
    }

    private void require(Caller.Reply reply) {
        Answer answer = reply.answer();
        if (!answer.ok()) {
            throw new MeasureException(Complaints.of(options, answer));
        }
        if (!reply.call().eventStream()) {
            throw new MeasureException(
                    "%s answers whole although a stream was asked for: first tokens cannot be seen. Maybe another path, or a proxy in between that does not stream."
                            .formatted(options.target()));
        }
        if (reply.call().visible() < 2) {
            throw new MeasureException(
                    "%s streamed %d events with text where %d tokens were asked for: times between tokens cannot be seen. Maybe its answers end at once, or another --model."
                            .formatted(options.target(), reply.call().visible(), SOME_TOKENS));
        }
        if (answer.itlNanos() < BUFFERED_ITL_NANOS) {
            throw new MeasureException(
                    "All of an answer from %s arrives at one moment, %d ms after it was asked for: something in between collects it. Maybe measure the engine itself, or switch the proxy's buffering off."
                            .formatted(options.target(), answer.ttftNanos() / 1_000_000));
        }
    }

    private void said(ChatForm form) {
        if (!form.ignoreEos()) {
            findings.note(
                    "The endpoint does not take ignore_eos: answers may end before their wanted length, and count as"
                            + " long as they were.");
        }
        if (!form.usage()) {
            findings.note(
                    "The endpoint does not take stream_options: tokens are counted as events, prompts as words, both"
                            + " only nearly right.");
        }
    }

    private CompletableFuture<Void> calibrate(Caller.Reply few) {
        findings.single(few.answer(), SOME_TOKENS);
        return caller.ask(caller.freshWords(MORE_WORDS), SOME_TOKENS).thenAccept(more -> {
            require(more);
            findings.single(more.answer(), SOME_TOKENS);
            caller.bundles(
                    more.answer().completionTokens() / (double) more.call().visible());
            int fewTokens = few.answer().promptTokens();
            int moreTokens = more.answer().promptTokens();
            if (fewTokens > 0 && moreTokens > fewTokens) {
                caller.calibrate(FEW_WORDS, fewTokens, MORE_WORDS, moreTokens);
            } else if (caller.form().usage()) {
                findings.note(
                        "The endpoint reports no prompt tokens: a word of the prompt is taken for one token, which may"
                                + " be off by a third.");
            }
            long slower = more.answer().ttftNanos() - few.answer().ttftNanos();
            double perToken = Math.max(0, slower) / ((MORE_WORDS - FEW_WORDS) * caller.tokensPerWord());
            double alone = options.budget().toNanos() / 50.0; // the longest prompt takes this long alone
            long affordable = perToken == 0 ? Integer.MAX_VALUE : (long) (alone / perToken);
            int longest = options.longestPrompt();
            while (longest > affordable && longest / 2 >= 2 * LEAST_PROMPT) {
                longest /= 2;
            }
            if (longest < options.longestPrompt()) {
                findings.note(
                        "Prompts longer than %,d tokens would take too long in the time given. Maybe --minutes %d."
                                .formatted(
                                        longest, Math.ceilDiv(options.budget().toSeconds() * 4, 60)));
            }
            findings.longestPrompt = longest;
            findings.mostConcurrency = options.mostConcurrency();
        });
    }

    /** Many short prompts at once: how many answers are under way when the first one ends. */
    private CompletableFuture<Void> slots(int requests) {
        findings.mostConcurrency = requests;
        if (requests == 1) {
            return CompletableFuture.completedFuture(null);
        }
        return Burst.start(caller, FEW_WORDS, requests, BURST_TOKENS).thenCompose(seen -> {
            if (seen.trouble() != null) {
                findings.note("%d requests at once were too many: %s.".formatted(requests, seen.trouble()));
                CompletableFuture<Void> rested = new CompletableFuture<>();
                var _ = caller.loop().schedule(() -> rested.complete(null), REST_MILLIS, TimeUnit.MILLISECONDS);
                return rested.thenCompose(nothing -> slots(Math.max(1, requests / 2)));
            }
            if (seen.begun() < requests && seen.stoodStill()) {
                findings.slots = seen.begun();
                findings.mostConcurrency = seen.begun();
                return CompletableFuture.completedFuture(null);
            }
            findings.step(seen.step());
            return CompletableFuture.completedFuture(null);
        });
    }

    /** The same of every concurrency that will be measured, for the time of a step without prompts. */
    private CompletableFuture<Void> steps(Iterator<Integer> levels) {
        if (!levels.hasNext()) {
            return CompletableFuture.completedFuture(null);
        }
        return Burst.start(caller, FEW_WORDS, levels.next(), BURST_TOKENS).thenCompose(seen -> {
            findings.step(seen.step());
            return steps(levels);
        });
    }

    /** One prompt three times. Halves it as long as the endpoint refuses it. */
    private CompletableFuture<Void> prefix(int promptTokens) {
        byte[] prompt = caller.freshPrompt(promptTokens);
        return caller.ask(prompt, SOME_TOKENS).thenCompose(fresh -> {
            if (fresh.answer().outcome().equals("http 400") && promptTokens / 2 >= LEAST_PROMPT) {
                findings.note("A prompt of %,d tokens is refused: %s"
                        .formatted(promptTokens, fresh.answer().detail()));
                return prefix(promptTokens / 2);
            }
            require(fresh);
            findings.longestPrompt = promptTokens;
            findings.single(fresh.answer(), SOME_TOKENS);
            return caller.ask(prompt, 2)
                    .thenCompose(again -> caller.ask(prompt, 2).thenAccept(third -> {
                        double cached = Math.min(
                                again.answer().ttftNanos(), third.answer().ttftNanos());
                        if (cached > 0) {
                            findings.prefixCache =
                                    cached < CACHED_SHARE * fresh.answer().ttftNanos();
                        }
                    }));
        });
    }

    /**
     * Sends a short and a long prompt beside one answer that is being generated, and counts its tokens until each one's
     * first: the long prompt's further ones are the further pieces it was cut into.
     */
    private CompletableFuture<Void> chunks() {
        if (findings.mostConcurrency < 2) {
            return CompletableFuture.completedFuture(null);
        }
        CompletableFuture<ReplayCall> generating = new CompletableFuture<>();
        int answer = Math.min(LONG_ANSWER, findings.longestPrompt);
        ReplayCall one = caller.send(caller.freshWords(FEW_WORDS), answer, (ended, how) -> {});
        one.onFirstToken(() -> caller.loop().execute(() -> generating.complete(one)));
        return generating
                .thenCompose(call -> beside(call, 1, FEW_WORDS))
                .thenCompose(few -> pieces(one, few, 1))
                .whenComplete((nothing, failure) -> caller.hangUp());
    }

    /** With one long prompt, and where that is cut into less than three, with several of them at once. */
    private CompletableFuture<Void> pieces(ReplayCall generating, int few, int prompts) {
        return beside(generating, prompts, words(findings.longestPrompt)).thenCompose(many -> {
            int pieces = few > 0 && many > 0 ? many - few + 1 : 1;
            int most = Math.min(SEVERAL, findings.mostConcurrency - 1);
            if (pieces < 3 && prompts < most && !generating.over()) {
                return pieces(generating, few, most);
            }
            if (pieces > 2) {
                findings.stepTokens = stepTokens(prompts * findings.longestPrompt, pieces);
            }
            return CompletableFuture.completedFuture(null);
        });
    }

    private int words(int promptTokens) {
        return (int) Math.max(1, Math.round((promptTokens - caller.templateTokens()) / caller.tokensPerWord()));
    }

    /** Tokens the generating answer gets until the last of the others has its first; 0 where one ended too soon. */
    private CompletableFuture<Integer> beside(ReplayCall generating, int prompts, int words) {
        CompletableFuture<Integer> tokens = new CompletableFuture<>();
        int before = generating.visible();
        AtomicInteger waiting = new AtomicInteger(prompts);
        for (int i = 0; i < prompts; i++) {
            ReplayCall other = caller.send(caller.freshWords(words), 2, (ended, answer) -> {
                if (ended.visible() == 0) {
                    tokens.complete(0);
                }
            });
            other.onFirstToken(() -> {
                if (waiting.decrementAndGet() == 0) {
                    int count = generating.visible() - before;
                    caller.loop().execute(() -> tokens.complete(count));
                }
            });
        }
        return tokens;
    }

    /**
     * New tokens per step, decoding sequences included, from a prompt's length and its number of pieces: within the
     * range they leave, the power of two that engines prefer, with or without the token of the answer beside it.
     */
    static int stepTokens(int promptTokens, int pieces) {
        int least = Math.ceilDiv(promptTokens, pieces);
        int most = (promptTokens - 1) / (pieces - 1);
        int withAnswer = Integer.highestOneBit(most + 1);
        if (withAnswer - 1 >= least) {
            return withAnswer;
        }
        int power = Integer.highestOneBit(most);
        return 1 + (power >= least ? power : least);
    }
}
