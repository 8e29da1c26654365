package io.polychip.benchmarks;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.polychip.net.ClientOptions;
import io.polychip.net.HttpClient;
import io.polychip.net.HttpFailure;
import io.polychip.net.HttpListener;
import io.polychip.net.SocketNetwork;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** The load: requests and streams with the headers of OpenAI's Python client, all on the loop of {@link Chips}. */
final class Clients {
    static final String KEY = "sk-benchmark-0123456789abcdef0123456789abcdef";
    private static final int PROMPTS = 512;
    private static final String PATH = "/v1/chat/completions";

    private final EventLoop loop;
    private final HttpClient client;
    private final HttpHeaders json = headers("application/json");
    private final HttpHeaders events = headers("text/event-stream");
    private final List<ByteBuf> shortPrompts = prompts(PROMPTS, 60, false);
    private final List<ByteBuf> longPrompts = prompts(8, 220_000, false);
    private final List<ByteBuf> streamPrompts = prompts(PROMPTS, 60, true);
    private final SplittableRandom arrivals = new SplittableRandom(67);
    private volatile boolean loading;
    private int next;

    /** What one load has done so far. */
    static final class Tally {
        /** Answers, or events of streams. */
        final AtomicLong done = new AtomicLong();
        /** In nanoseconds: of answers, or to the first event of streams. On the loop only, until the load has ended. */
        final List<Long> latencies = new ArrayList<>();

        private long bytes;
    }

    Clients(SocketNetwork network) {
        this.loop = network.loops().next();
        this.client = new HttpClient(network, loop, ClientOptions.standard());
    }

    /** No new requests; streams end when {@link Chips} end them. */
    void stop() {
        loading = false;
    }

    /** Short requests, or of 220 KB, so many at once, one after the other. */
    Tally requests(URI base, int concurrency, boolean isLong) {
        loading = true;
        Tally tally = new Tally();
        for (int i = 0; i < concurrency; i++) {
            loop.execute(() -> request(List.of(base), isLong ? longPrompts : shortPrompts, List.of(tally), 0));
        }
        return tally;
    }

    /** One short request at a time, to each in turn, so that all see the same noise. */
    List<Tally> inTurn(List<URI> bases) {
        loading = true;
        List<Tally> tallies = bases.stream().map(base -> new Tally()).toList();
        loop.execute(() -> request(bases, shortPrompts, tallies, 0));
        return tallies;
    }

    private void request(List<URI> bases, List<ByteBuf> prompts, List<Tally> tallies, int turn) {
        ByteBuf body = prompts.get(next++ % prompts.size()).duplicate();
        Tally tally = tallies.get(turn);
        long start = System.nanoTime();
        client.send(bases.get(turn), "POST", PATH, json, body, new Sink() {
            @Override
            public void end() {
                tally.latencies.add(System.nanoTime() - start);
                tally.done.lazySet(tally.done.get() + 1);
                if (loading) {
                    request(bases, prompts, tallies, (turn + 1) % bases.size());
                }
            }
        });
    }

    /** Streams, begun evenly over a time; one that ends begins again. */
    Tally streams(URI base, int count, Duration over) {
        loading = true;
        Tally tally = new Tally();
        for (int i = 0; i < count; i++) {
            loop.schedule(() -> streamAgain(base, tally), over.toNanos() * i / count, TimeUnit.NANOSECONDS);
        }
        return tally;
    }

    /**
     * So many new streams a second, to each in turn, begun at random (Poisson) whatever became of those before: streams
     * that begin when others end soon all begin at once, and evenly spaced ones in step with the ticks of the others;
     * both then wait for each other, on this side too.
     */
    List<Tally> streamsInTurn(List<URI> bases, int perSecond) {
        loading = true;
        List<Tally> tallies = bases.stream().map(base -> new Tally()).toList();
        long pauseNanos = TimeUnit.SECONDS.toNanos(1) / perSecond;
        loop.execute(() -> begin(bases, tallies, 0, System.nanoTime(), pauseNanos));
        return tallies;
    }

    private void begin(List<URI> bases, List<Tally> tallies, int turn, long dueNanos, long pauseNanos) {
        if (!loading) {
            return;
        }
        stream(bases.get(turn), tallies.get(turn), () -> {});
        long due = dueNanos + Math.round(-Math.log1p(-arrivals.nextDouble()) * pauseNanos);
        int then = (turn + 1) % bases.size();
        loop.schedule(
                () -> begin(bases, tallies, then, due, pauseNanos), due - System.nanoTime(), TimeUnit.NANOSECONDS);
    }

    private void streamAgain(URI base, Tally tally) {
        stream(base, tally, () -> {
            if (loading) {
                streamAgain(base, tally);
            }
        });
    }

    private void stream(URI base, Tally tally, Runnable then) {
        ByteBuf body = streamPrompts.get(next++ % streamPrompts.size()).duplicate();
        long start = System.nanoTime();
        client.send(base, "POST", PATH, events, body, new Sink() {
            private boolean begun;

            @Override
            public void data(ByteBuf piece) {
                if (!begun) {
                    begun = true;
                    tally.latencies.add(System.nanoTime() - start);
                }
                tally.bytes += piece.readableBytes();
                tally.done.lazySet(tally.bytes / Chips.EVENT_BYTES);
                piece.release();
            }

            @Override
            public void end() {
                then.run();
            }
        });
    }

    private static class Sink implements HttpListener {
        private int status;

        @Override
        public void head(int newStatus, HttpHeaders headers) {
            status = newStatus;
        }

        @Override
        public void data(ByteBuf piece) {
            if (status != 200) {
                System.err.printf("status %d: %s%n", status, piece.toString(StandardCharsets.UTF_8));
            }
            piece.release();
        }

        @Override
        public void readComplete() {}

        @Override
        public void end() {}

        @Override
        public void failed(HttpFailure failure) {
            System.err.println(failure);
        }
    }

    private static HttpHeaders headers(String accept) {
        return new DefaultHttpHeaders()
                .add(HttpHeaderNames.ACCEPT_ENCODING, "gzip, deflate")
                .add(HttpHeaderNames.ACCEPT, accept)
                .add(HttpHeaderNames.CONTENT_TYPE, "application/json")
                .add(HttpHeaderNames.USER_AGENT, "OpenAI/Python 2.8.0")
                .add("x-stainless-lang", "python")
                .add("x-stainless-package-version", "2.8.0")
                .add("x-stainless-os", "Linux")
                .add("x-stainless-arch", "x64")
                .add("x-stainless-runtime", "CPython")
                .add("x-stainless-runtime-version", "3.12.3")
                .add("x-stainless-async", "false")
                .add("x-stainless-retry-count", "0")
                .add("x-stainless-read-timeout", "600")
                .add(HttpHeaderNames.AUTHORIZATION, "Bearer " + KEY);
    }

    private static List<ByteBuf> prompts(int count, int bytes, boolean stream) {
        List<ByteBuf> prompts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String text = ("Question %d: what is a word? ".formatted(i)).repeat(1 + bytes / 30);
            byte[] json = ("{\"messages\":[{\"role\":\"system\",\"content\":\"You are a helpful assistant.\"},"
                            + "{\"role\":\"user\",\"content\":\"" + text + "\"}],\"model\":\"llama-3.1-8b\","
                            + "\"max_tokens\":256,\"temperature\":0.7" + (stream ? ",\"stream\":true}" : "}"))
                    .getBytes(StandardCharsets.UTF_8);
            prompts.add(Unpooled.unreleasableBuffer(
                    Unpooled.directBuffer(json.length).writeBytes(json)));
        }
        return prompts;
    }
}
