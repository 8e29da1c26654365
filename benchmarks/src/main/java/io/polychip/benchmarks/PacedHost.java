package io.polychip.benchmarks;

import io.polychip.fleet.RequestClass;
import io.polychip.routing.Ask;
import io.polychip.routing.Attempt;
import io.polychip.routing.Board;
import io.polychip.routing.Call;
import io.polychip.routing.Dispatcher;
import io.polychip.routing.Ending;
import io.polychip.routing.Host;
import io.polychip.routing.Mix;
import io.polychip.routing.Options;
import io.polychip.routing.Reading;
import io.polychip.routing.Roster;
import io.polychip.routing.Usage;
import io.polychip.simulator.EventHeap;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A dispatcher in virtual time before replicas that only take their time: a pool's constant one to the first token and
 * between tokens. What a request costs here is nearly all the dispatcher's.
 *
 * <p>Arrivals are Poisson, lengths those of {@link Lengths}. Every replica is scraped once a second, the slow loop
 * ticks every ten.
 */
final class PacedHost implements Host {
    private static final int FIRST = 0;
    private static final int DONE = 1;
    private static final int SCRAPE = 2;
    private static final int TICK = 3;
    private static final int WAKE = 4;
    private static final int KIND_BITS = 3;

    private static final long SECOND = 1_000_000_000L;
    private static final long TTFT_NANOS = 80_000_000;
    private static final long ITL_NANOS = 10_000_000;
    private static final int ASKS = 1 << 16;

    private final Roster roster;
    private final Dispatcher dispatcher;
    private final Ask[] asks = new Ask[ASKS];
    private final int[] answers = new int[ASKS];
    private final long[] gaps = new long[ASKS];

    private final EventHeap events = new EventHeap();
    private final List<Exchange> exchanges = new ArrayList<>();
    private final List<Exchange> idle = new ArrayList<>();
    private long now = SECOND;
    private long nextArrival = now;
    private int next;
    private int completed;
    private int refused;

    /** A client's side of one call; used again after it and everything that is still to come for it. */
    private static final class Exchange {
        final int number;
        int ask;
        int pending;
        boolean open;
        long wakeAt = Long.MAX_VALUE;
        long looksAt = Long.MAX_VALUE;

        @Nullable
        Call call;

        @Nullable
        Attempt attempt;

        Exchange(int number) {
            this.number = number;
        }
    }

    /**
     * A world about to begin.
     *
     * @param load arrivals over what the fleet's places can take
     * @param hashes prefix boundaries per prompt, 0 for none; half of them shared by a conversation
     */
    PacedHost(int pools, int replicas, double load, int hashes) {
        roster = BenchmarkFleet.of(pools, replicas);
        double answerSum = 0;
        for (int i = 0; i < ASKS; i++) {
            int prompt = Lengths.prompt(i);
            answers[i] = Lengths.answer(i);
            answerSum += answers[i];
            asks[i] = ask(i, prompt, hashes);
        }
        double service = TTFT_NANOS + answerSum / ASKS * ITL_NANOS * (1 + 0.1 * (pools - 1) / 2);
        double perNano = load * pools * replicas * BenchmarkFleet.SEQUENCES / service;
        for (int i = 0; i < ASKS; i++) {
            gaps[i] = (long) (-StrictMath.log(1 - Mix.unit(i, 5)) / perNano);
        }
        dispatcher = new Dispatcher(this, roster, new Board(1), 0, 1, Options.DEFAULT, now);
        for (int i = 0; i < roster.replicas().size(); i++) {
            add(now + SECOND * i / roster.replicas().size(), SCRAPE, i);
        }
        add(now + 10 * SECOND, TICK, 0);
    }

    /** Virtual time goes on to the next arrival, which is accepted. */
    Call request() {
        while (true) {
            long event = events.nextAt();
            if (nextArrival <= event) {
                break;
            }
            now = event;
            happen(events.poll());
        }
        now = nextArrival;
        int number = next++ & ASKS - 1;
        nextArrival += gaps[number];
        Exchange exchange = idle.isEmpty() ? open() : idle.removeLast();
        exchange.ask = number;
        exchange.open = true;
        Call call = dispatcher.accept(asks[number], exchange, now);
        exchange.call = call;
        return call;
    }

    int completed() {
        return completed;
    }

    int refused() {
        return refused;
    }

    /** Accepted and not ended. */
    int inside() {
        return dispatcher.open();
    }

    @Override
    public void send(Call call, Attempt attempt, long at) {
        Exchange exchange = (Exchange) call.owner();
        exchange.attempt = attempt;
        exchange.pending++;
        add(at + TTFT_NANOS, FIRST, exchange.number);
    }

    @Override
    public void cancel(Call call, Attempt attempt, long at) {
        ((Exchange) call.owner()).attempt = null;
    }

    @Override
    public void wake(Call call, long at) {
        Exchange exchange = (Exchange) call.owner();
        exchange.wakeAt = at;
        lookAt(exchange, at);
    }

    @Override
    public void end(Call call, Ending ending, long at) {
        Exchange exchange = (Exchange) call.owner();
        switch (ending) {
            case Ending.Completed _ -> completed++;
            case Ending.Refused _ -> refused++;
            case Ending.Failed _, Ending.Cancelled _ -> throw new IllegalStateException("Nothing fails here.");
        }
        exchange.open = false;
        exchange.wakeAt = Long.MAX_VALUE;
        free(exchange);
    }

    private void happen(long event) {
        int subject = (int) (event >>> KIND_BITS);
        switch ((int) (event & (1 << KIND_BITS) - 1)) {
            case FIRST -> first(exchanges.get(subject));
            case DONE -> done(exchanges.get(subject));
            case SCRAPE -> scrape(subject);
            case WAKE -> wake(exchanges.get(subject));
            default -> {
                dispatcher.tick(now);
                add(now + 10 * SECOND, TICK, 0);
            }
        }
    }

    private void first(Exchange exchange) {
        Attempt attempt = exchange.attempt;
        if (attempt == null) {
            exchange.pending--;
            free(exchange);
            return;
        }
        dispatcher.firstToken(attempt.call(), attempt, true, now);
        double pace = 1 + 0.1 * attempt.replica().target();
        add(now + (long) ((answers[exchange.ask] - 1) * ITL_NANOS * pace), DONE, exchange.number);
    }

    private void done(Exchange exchange) {
        exchange.pending--;
        Attempt attempt = exchange.attempt;
        if (attempt == null) {
            free(exchange);
            return;
        }
        exchange.attempt = null;
        int answer = answers[exchange.ask];
        dispatcher.tokens(attempt.call(), attempt, answer - 1, now);
        Usage usage = new Usage(asks[exchange.ask].promptTokens(), 0, answer, false);
        dispatcher.completed(attempt.call(), attempt, usage, now);
    }

    private void scrape(int replica) {
        dispatcher.observed(replica, new Reading(now, -1, -1, -1, true, true), now);
        add(now + SECOND, SCRAPE, replica);
    }

    /** Nearly every wake is overtaken by its call's end, so an exchange keeps one event for those of all its calls. */
    private void lookAt(Exchange exchange, long at) {
        if (at < exchange.looksAt) {
            exchange.looksAt = at;
            add(at, WAKE, exchange.number);
        }
    }

    private void wake(Exchange exchange) {
        exchange.looksAt = exchange.looksAt == now ? Long.MAX_VALUE : exchange.looksAt;
        Call call = exchange.call;
        if (exchange.wakeAt <= now && call != null) {
            exchange.wakeAt = Long.MAX_VALUE;
            dispatcher.woken(call, now);
        } else if (exchange.wakeAt != Long.MAX_VALUE) {
            lookAt(exchange, exchange.wakeAt);
        }
    }

    private void free(Exchange exchange) {
        if (!exchange.open && exchange.pending == 0) {
            exchange.call = null;
            idle.add(exchange);
        }
    }

    private Exchange open() {
        Exchange exchange = new Exchange(exchanges.size());
        exchanges.add(exchange);
        return exchange;
    }

    private void add(long at, int kind, int subject) {
        events.add(at, (long) subject << KIND_BITS | kind);
    }

    /** A conversation's system prompt is everybody's, its history its own, its last message new. */
    private static Ask ask(int i, int prompt, int hashes) {
        long conversation = Mix.draw(i % 4096, 9);
        long[] boundaries = new long[hashes];
        int[] tokens = new int[hashes];
        for (int b = 0; b < hashes; b++) {
            long content = b < 2 ? 7 : b < hashes / 2 ? conversation : i;
            boundaries[b] = Mix.draw(content, b);
            tokens[b] = Math.max(1, prompt * (b + 1) / hashes);
        }
        return new Ask(
                i,
                BenchmarkFleet.MODEL,
                "tenant" + i % 5,
                RequestClass.DEFAULT,
                1,
                prompt,
                prompt * 4,
                0,
                1,
                0,
                true,
                conversation,
                boundaries,
                tokens,
                0,
                i);
    }
}
