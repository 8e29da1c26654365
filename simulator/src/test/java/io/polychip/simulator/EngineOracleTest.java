package io.polychip.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.polychip.performance.Batching;
import io.polychip.performance.StepTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Random small worlds, lived three times: by a leaping engine, by one that is advanced step by step, and by the naive
 * oracle. All three must agree to the picosecond on every token. A failure names its seed.
 */
final class EngineOracleTest {
    @Test
    void aLeapingEngineASteppedOneAndTheOracleAgreeOnTwoThousandWorlds() {
        long preemptions = 0;
        for (long seed = 0; seed < 2_000; seed++) {
            preemptions += new World(seed).live();
        }
        assertThat(preemptions).as("worlds tight enough to evict").isGreaterThan(2_000);
    }

    @Test
    @Tag("slow")
    void theyAgreeOnTenThousandMore() {
        for (long seed = 1_000_000; seed < 1_010_000; seed++) {
            new World(seed).live();
        }
    }

    /** One replica, its traffic, and three accounts of it. */
    private static final class World {
        private final long seed;
        private final RandomGenerator random;
        private final Batching batching;
        private final StepTime stepTime;
        private final int totalBlocks;
        private final int hashBlocks;
        private final Engine leaping;
        private final Engine stepped;
        private final NaiveEngine naive;
        private final Account leapt = new Account();
        private final TokenAccount tokens = new TokenAccount();
        private final List<Long> sent = new ArrayList<>();
        private final Map<Long, Integer> watched = new HashMap<>();

        World(long seed) {
            this.seed = seed;
            this.random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
            boolean chunked = random.nextInt(4) > 0;
            int most = random.nextInt(1, 9);
            this.batching = new Batching(
                    most,
                    most + random.nextInt(40),
                    random.nextInt(1, 9),
                    chunked,
                    random.nextInt(4) == 0,
                    random.nextInt(4) > 0,
                    random.nextInt(4) == 0 ? random.nextInt(1, 16) : 0,
                    random.nextBoolean());
            this.stepTime = randomTime();
            this.totalBlocks = random.nextInt(4, 60);
            this.hashBlocks = random.nextInt(3) == 0 ? random.nextInt(2, 5) : 1;
            long kvTokens = (long) totalBlocks * batching.blockTokens();
            this.leaping = new Engine(stepTime, batching, kvTokens, hashBlocks);
            this.stepped = new Engine(stepTime, batching, kvTokens, hashBlocks);
            this.naive = new NaiveEngine(stepTime, batching, totalBlocks, hashBlocks);
        }

        private StepTime randomTime() {
            long[] alpha = new long[batching.maxSequences() + 1];
            for (int n = 0; n < alpha.length; n++) {
                alpha[n] = random.nextInt(1, 1_000);
            }
            long arrival = random.nextInt(3) == 0 ? 0 : random.nextInt(3_000);
            return new StepTime(
                    alpha,
                    random.nextInt(20),
                    random.nextInt(4),
                    random.nextInt(3) == 0 ? 0 : random.nextInt(10),
                    arrival,
                    random.nextInt(1_500));
        }

        /** @return how often somebody was evicted */
        long live() {
            long now = 0;
            int actions = random.nextInt(5, 80);
            for (int i = 0; i < actions; i++) {
                now += random.nextInt(4) == 0 ? random.nextInt(40_000) : random.nextInt(2_000);
                advance(now);
                act(i, now);
            }
            advance(now + 100_000_000L);
            compareEnd();
            return naive.preemptions;
        }

        private void act(int number, long now) {
            int draw = random.nextInt(20);
            if (draw == 0 && !sent.isEmpty()) {
                long id = sent.get(random.nextInt(sent.size()));
                boolean there = leaping.cancel(id, now);
                assertThat(stepped.cancel(id, now)).as("cancel, seed %d", seed).isEqualTo(there);
                naive.cancel(id);
            } else if (draw == 1) {
                StepTime changed = stepTime.scaled(random.nextDouble(0.5, 2));
                leaping.retime(changed);
                stepped.retime(changed);
                naive.retime(changed);
            } else {
                submit(number, now);
            }
        }

        private void submit(long id, long now) {
            int prompt = random.nextInt(1, 60);
            int output = random.nextInt(8) == 0 ? 0 : random.nextInt(1, 60);
            long[] hashes = chain((prompt + random.nextInt(20)) / (batching.blockTokens() * hashBlocks));
            boolean fits = leaping.submit(id, prompt, output, hashes, now);
            assertThat(stepped.submit(id, prompt, output, hashes, now)).isEqualTo(fits);
            assertThat(fits)
                    .isEqualTo(Math.ceilDiv(prompt + Math.max(output, 1) - 1, batching.blockTokens()) <= totalBlocks);
            if (fits) {
                naive.submit(id, prompt, output, hashes, now);
                sent.add(id);
                if (random.nextBoolean()) {
                    watched.put(id, 1 + random.nextInt(30));
                    leaping.watch(id, watched.getOrDefault(id, 0));
                }
            }
        }

        /** One of few conversations up to some block, then its own words. */
        private long[] chain(int blocks) {
            long[] hashes = new long[random.nextInt(3) == 0 ? random.nextInt(blocks + 1) : blocks];
            int common = random.nextInt(hashes.length + 1);
            long hash = random.nextInt(3);
            for (int i = 0; i < hashes.length; i++) {
                long content = i < common ? i : random.nextLong();
                hash = hash * 6364136223846793005L + content + 1442695040888963407L;
                hashes[i] = hash;
            }
            return hashes;
        }

        private void advance(long until) {
            while (leaping.nextChange() < until) {
                long change = leaping.nextChange();
                leaping.advance(random.nextBoolean() ? change : Math.min(until, change + random.nextInt(5_000)), leapt);
            }
            leaping.advance(until, leapt);
            while (stepped.nextStep() <= until) {
                stepped.advance(stepped.nextStep(), tokens);
            }
            stepped.advance(until, tokens);
            naive.advance(until);
            compareState(until);
        }

        private void compareState(long at) {
            String where = "seed %d at %d, runs of %d".formatted(seed, at, hashBlocks);
            double used = naive.usedBlocks() / (double) totalBlocks;
            for (Engine engine : List.of(leaping, stepped)) {
                assertThat(engine.running()).as(where).isEqualTo(naive.running.size());
                assertThat(engine.waiting()).as(where).isEqualTo(naive.waiting.size() + naive.arriving.size());
                assertThat(engine.kvUsed()).as(where).isCloseTo(used, within(1e-12));
                assertThat(engine.steps()).as(where).isEqualTo(naive.steps);
                assertThat(engine.preemptions()).as(where).isEqualTo(naive.preemptions);
            }
            assertThat(leaping.nextStep()).as(where).isEqualTo(stepped.nextStep());
            for (NaiveEngine.Request request : naive.running) {
                assertThat(leaping.produced(request.id)).as(where).isEqualTo(request.tokenTimes.size());
            }
        }

        private void compareEnd() {
            assertThat(leaping.running() + leaping.waiting())
                    .as("seed %d", seed)
                    .isZero();
            assertThat(leaping.kvUsed()).as("seed %d", seed).isZero();
            assertThat(leaping.busyPicos()).as("seed %d", seed).isEqualTo(stepped.busyPicos());
            assertThat(leaping.decodePicos()).as("seed %d", seed).isEqualTo(stepped.decodePicos());
            assertThat(tokens.first).as("seed %d", seed).isEqualTo(leapt.first);
            assertThat(tokens.finished).as("seed %d", seed).isEqualTo(leapt.finished);
            assertThat(tokens.cached).as("seed %d", seed).isEqualTo(leapt.cached);
            for (NaiveEngine.Request request : naive.requests.values()) {
                String who = "request %d, seed %d".formatted(request.id, seed);
                int wanted = watched.getOrDefault(request.id, Integer.MAX_VALUE);
                boolean told = request.tokenTimes.size() >= wanted && request.output > wanted;
                assertThat(leapt.reached.getOrDefault(request.id, -1L))
                        .as(who)
                        .isEqualTo(told ? request.tokenTimes.get(wanted - 1) : -1L);
                assertThat(tokens.times.getOrDefault(request.id, List.of()))
                        .as(who)
                        .isEqualTo(request.tokenTimes);
                assertThat(leapt.finished.getOrDefault(request.id, -1L)).as(who).isEqualTo(request.finishedAt);
                if (request.finishedAt >= 0) {
                    assertThat(leapt.cached.get(request.id)).as(who).isEqualTo(request.cached);
                }
            }
        }
    }

    private static class Account implements Sink {
        final Map<Long, Long> first = new HashMap<>();
        final Map<Long, Long> finished = new HashMap<>();
        final Map<Long, Integer> cached = new HashMap<>();
        final Map<Long, Long> reached = new HashMap<>();

        @Override
        public void firstToken(long id, long atPicos) {
            first.put(id, atPicos);
        }

        @Override
        public void finished(long id, int cachedTokens, long atPicos) {
            finished.put(id, atPicos);
            cached.put(id, cachedTokens);
        }

        @Override
        public void reached(long id, int produced, long atPicos) {
            reached.put(id, atPicos);
        }
    }

    private static final class TokenAccount extends Account implements TokenSink {
        final Map<Long, List<Long>> times = new HashMap<>();

        @Override
        public void firstToken(long id, long atPicos) {
            super.firstToken(id, atPicos);
            tokens(id, 1, atPicos);
        }

        @Override
        public void tokens(long id, int count, long atPicos) {
            for (int i = 0; i < count; i++) {
                times.computeIfAbsent(id, _ -> new ArrayList<>()).add(atPicos);
            }
        }
    }
}
