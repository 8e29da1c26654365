package io.polychip.gateway;

import static io.polychip.gateway.FakeReplica.events;
import static io.polychip.gateway.FakeReplica.role;
import static io.polychip.gateway.FakeReplica.token;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.polychip.net.HttpExchange;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that hang up, and clients that read slowly. */
class DisconnectTest {
    private static final long ALLOWED_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final String CHAT = "/v1/chat/completions";

    private final World world = World.of(1);

    @AfterEach
    void close() {
        world.close();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aClientThatHangsUpDuringPrefillClosesTheUpstreamWithin50Milliseconds(boolean byReset) throws IOException {
        world.replica().does(exchange -> {});
        try (RawClient client = new RawClient(world.gateway.port())) {
            client.post(CHAT, World.STREAM);
            World.until(() -> world.replica().running() == 1);
            assertThat(hangUp(client, byReset)).isLessThan(ALLOWED_NANOS);
        }
        World.until(() -> world.open() == 0);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aClientThatHangsUpMidAnswerClosesTheUpstreamWithin50Milliseconds(boolean byReset) throws IOException {
        world.replica().does(exchange -> events(exchange, role(), token("one")));
        try (RawClient client = new RawClient(world.gateway.port())) {
            client.post(CHAT, World.STREAM).readUntil("\"one\"");
            assertThat(hangUp(client, byReset)).isLessThan(ALLOWED_NANOS);
        }
        World.until(() -> world.open() == 0);
    }

    @Test
    void aClientThatHangsUpWhileAWholeAnswerIsMadeClosesTheUpstream() throws IOException {
        world.replica().does(exchange -> {});
        try (RawClient client = new RawClient(world.gateway.port())) {
            client.post(CHAT, World.CHAT);
            World.until(() -> world.replica().running() == 1);
            assertThat(hangUp(client, true)).isLessThan(ALLOWED_NANOS);
        }
    }

    /** @return nanoseconds until the upstream saw its connection close */
    private long hangUp(RawClient client, boolean byReset) throws IOException {
        long before = System.nanoTime();
        if (byReset) {
            client.reset();
        } else {
            client.close();
        }
        World.until(() -> world.replica().abandoned() == 1);
        return world.replica().lastAbandonedNanos() - before;
    }

    @Test
    void aClientThatHangsUpInTheQueueIsNeverSent() throws IOException {
        try (World crowded = World.of(1, "limits: {queue-length: 1000, queue-time: 30 s}")) {
            crowded.replica().does(exchange -> {});
            List<RawClient> clients = new ArrayList<>();
            String metrics = "";
            while (!metrics.contains("polychip_queued_requests 5.0") && clients.size() < 3000) {
                RawClient client = new RawClient(crowded.gateway.port());
                client.post(CHAT, World.STREAM);
                clients.add(client);
                int sent = clients.size();
                World.until(() -> crowded.open() == sent);
                if (sent % 16 == 0 || crowded.replica().running() < sent) {
                    metrics = crowded.get("/metrics").body();
                }
            }
            assertThat(metrics).contains("polychip_queued_requests 5.0");
            int running = clients.size() - 5;
            World.until(() -> crowded.replica().running() == running); // some may still be on their way
            for (RawClient client : clients.subList(running, running + 5)) {
                client.reset();
            }
            World.until(() -> crowded.open() == running); // else a place set free is given to one about to go
            for (RawClient client : clients.subList(0, running)) {
                client.reset();
            }
            World.until(() -> crowded.open() == 0);
            assertThat(crowded.replica().running()).isEqualTo(running);
        }
    }

    @Test
    void aSlowReaderSlowsItsOwnUpstreamAndNothingGrows() throws IOException {
        AtomicLong written = new AtomicLong();
        String event = token("x".repeat(1000));
        world.replica().does(exchange -> {
            events(exchange, role());
            pump(exchange, event, written);
        });
        try (RawClient slow = new RawClient(world.gateway.port(), 4096)) {
            slow.post(CHAT, World.STREAM).readUntil("xxx");
            long before = -1;
            while (before != written.get()) { // until nothing moves any more
                before = written.get();
                LockSupport.parkNanos(300_000_000L);
            }
            assertThat(written.get()).as("bytes the upstream could write").isLessThan(24L * 1024 * 1024);
            slow.readUntil("x".repeat(1000));
            long more = written.get();
            for (int i = 0; i < 30_000_000 && written.get() == more; i++) {
                assertThat(slow.in().read()).isNotNegative();
            }
            assertThat(written.get()).as("goes on when the client reads").isGreaterThan(more);
        }
    }

    private static void pump(HttpExchange exchange, String event, AtomicLong written) {
        Runnable fill = () -> {
            while (exchange.writable()) {
                exchange.write(Unpooled.copiedBuffer(event, StandardCharsets.UTF_8));
                exchange.flush();
                written.addAndGet(event.length());
            }
        };
        exchange.onWritability(() -> exchange.loop().execute(fill));
        fill.run();
    }

    @Test
    @Tag("slow")
    void aThousandRandomAbortsLeaveNothingUnderWay() throws Exception {
        world.replica().does(exchange -> {
            if (exchange.body().toString(StandardCharsets.UTF_8).contains("stream")) {
                events(exchange, role(), token("a"));
                tick(exchange, new AtomicInteger());
            } else {
                FakeReplica.later(exchange, 5, () -> FakeReplica.whole(exchange));
            }
        });
        Random random = new Random(4711);
        for (int i = 0; i < 1000; i++) {
            try (RawClient client = new RawClient(world.gateway.port())) {
                client.post(CHAT, random.nextInt(4) == 0 ? World.CHAT : World.STREAM);
                switch (random.nextInt(4)) {
                    case 0 -> client.reset();
                    case 1 -> client.readUntil("HTTP/1.1");
                    case 2 -> TimeUnit.MICROSECONDS.sleep(random.nextInt(3000));
                    default -> {} // hangs up at once
                }
            }
        }
        World.until(() -> world.open() == 0);
        World.until(() -> world.get("/metrics")
                .body()
                .contains("polychip_inflight_requests{pool=\"pool0\",vendor=\"nvidia\"} 0.0"));
        assertThat(world.chat(World.STREAM).body()).endsWith("[DONE]\n\n");
    }

    private static void tick(HttpExchange exchange, AtomicInteger tokens) {
        FakeReplica.later(exchange, 1, () -> {
            if (tokens.incrementAndGet() < 5) {
                FakeReplica.more(exchange, token("b"));
                tick(exchange, tokens);
            } else {
                FakeReplica.more(exchange, FakeReplica.finish(), FakeReplica.done());
                exchange.finish();
            }
        });
    }
}
