package io.polychip.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.polychip.performance.Batching;
import io.polychip.performance.StepTime;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Behaviour one can check by hand; {@link EngineOracleTest} checks the rest. */
final class EngineTest {
    private static final long[] NO_HASHES = {};

    /** A step takes 100, a prompt token 1, a request 1,000 to arrive. */
    private static final StepTime TIME = new StepTime(new long[] {100, 100, 100, 100, 100}, 1, 0, 0, 1_000, 0);

    private static final Batching CHUNKED = new Batching(4, 16, 4, true, false, true, 0);
    private static final Batching WHOLE = new Batching(4, 16, 4, false, true, false, 8);

    private final Ends ends = new Ends();

    @Test
    void aRequestAloneTakesArrivalPromptAndItsSteps() {
        Engine engine = new Engine(TIME, CHUNKED, 400);
        engine.submit(1, 10, 3, NO_HASHES, 5);
        assertThat(engine.nextChange()).isEqualTo(1_005);
        engine.advance(1_005, ends);
        assertThat(engine.nextChange()).isEqualTo(1_115);
        engine.advance(1_115, ends);
        assertThat(engine.nextChange()).as("leaps to the end").isEqualTo(1_315);
        engine.advance(10_000, ends);
        assertThat(ends.first).containsEntry(1L, 1_115L);
        assertThat(ends.finished).containsEntry(1L, 1_315L);
        assertThat(engine.nextChange()).isEqualTo(Backend.NEVER);
    }

    @Test
    void aLongPromptIsCutIntoChunksBesideTheDecoding() {
        Engine engine = new Engine(TIME, CHUNKED, 400);
        engine.submit(1, 4, 100, NO_HASHES, 0);
        engine.submit(2, 40, 1, NO_HASHES, 0);
        engine.advance(1_000_000, ends);
        // 4 + 12, then 15 beside one token, then 13: three steps with prompt
        assertThat(ends.first).containsEntry(1L, 1_116L).containsEntry(2L, 1_344L);
    }

    @Test
    void withoutChunksAPromptRunsAloneAndPadded() {
        Engine engine = new Engine(TIME, WHOLE, 400);
        engine.submit(1, 4, 100, NO_HASHES, 0);
        engine.submit(2, 40, 1, NO_HASHES, 0);
        engine.advance(1_000_000, ends);
        // 8 for the first, 64 for the second, and only then do both decode
        assertThat(ends.first).containsEntry(1L, 1_108L).containsEntry(2L, 1_272L);
        assertThat(ends.finished).containsEntry(1L, 1_272L + 99 * 100);
    }

    @Test
    void aCachedPrefixIsNotComputedAgain() {
        Engine engine = new Engine(TIME, CHUNKED, 400);
        engine.submit(1, 12, 1, new long[] {11, 12, 13}, 0);
        engine.advance(10_000, ends);
        engine.submit(2, 12, 1, new long[] {11, 12, 99}, 10_000);
        engine.advance(20_000, ends);
        engine.submit(3, 12, 1, new long[] {11, 12, 13}, 20_000);
        engine.advance(30_000, ends);
        assertThat(ends.cached).containsEntry(1L, 0).containsEntry(2L, 8);
        assertThat(ends.cached).as("the last token is computed").containsEntry(3L, 8);
    }

    @Test
    void theAnswersOwnBlocksServeTheNextTurn() {
        Engine engine = new Engine(TIME, CHUNKED, 400);
        engine.submit(1, 4, 9, new long[] {1, 2, 3}, 0);
        engine.advance(10_000, ends);
        engine.submit(2, 16, 1, new long[] {1, 2, 3, 4}, 10_000);
        engine.advance(20_000, ends);
        assertThat(ends.cached).containsEntry(2L, 12);
    }

    @Test
    void withoutRoomTheNewestStartsAnew() {
        Engine engine = new Engine(TIME, CHUNKED, 32);
        engine.submit(1, 8, 16, NO_HASHES, 0);
        engine.submit(2, 8, 16, NO_HASHES, 0);
        engine.advance(1_000_000, ends);
        assertThat(engine.preemptions()).isPositive();
        assertThat(ends.finished.get(1L)).isLessThan(ends.finished.get(2L));
        assertThat(engine.kvUsed()).isZero();
    }

    @Test
    void embeddingsEndWithTheirPrompt() {
        Engine engine = new Engine(TIME, CHUNKED, 400);
        engine.submit(1, 10, 0, NO_HASHES, 0);
        engine.advance(10_000, ends);
        assertThat(ends.first).isEmpty();
        assertThat(ends.finished).containsEntry(1L, 1_110L);
    }

    @Test
    void cancelledWorkStopsAndGivesItsBlocksBack() {
        Engine engine = new Engine(TIME, CHUNKED, 400);
        engine.submit(1, 10, 50, NO_HASHES, 0);
        engine.advance(2_000, ends);
        assertThat(engine.kvUsed()).isPositive();
        assertThat(engine.cancel(1, 2_000)).isTrue();
        assertThat(engine.cancel(1, 2_000)).isFalse();
        assertThat(engine.kvUsed()).isZero();
        engine.advance(1_000_000, ends);
        assertThat(ends.finished).isEmpty();
        assertThat(engine.nextStep()).isEqualTo(Backend.NEVER);
    }

    @Test
    void whatNeverFitsIsNotTaken() {
        Engine engine = new Engine(TIME, CHUNKED, 32);
        assertThat(engine.submit(1, 30, 4, NO_HASHES, 0)).isFalse();
        assertThat(engine.submit(1, 30, 3, NO_HASHES, 0)).isTrue();
    }

    @Test
    void misuseIsTold() {
        Engine engine = new Engine(TIME, CHUNKED, 400);
        engine.submit(1, 10, 3, NO_HASHES, 0);
        assertThatThrownBy(() -> engine.submit(1, 10, 3, NO_HASHES, 0)).hasMessageContaining("1 is already here");
        assertThatThrownBy(() -> engine.submit(2, 0, 3, NO_HASHES, 0)).hasMessageContaining("not 0 and 3");
        assertThatThrownBy(() -> engine.submit(2, 5, 3, NO_HASHES, 5_000)).hasMessageContaining("advance to 5000");
        StepTime shortTable = new StepTime(new long[] {1, 1}, 0, 0, 0, 0, 0);
        assertThatThrownBy(() -> engine.retime(shortTable)).hasMessageContaining("ends at 1");
    }

    private static final class Ends implements Sink {
        final Map<Long, Long> first = new HashMap<>();
        final Map<Long, Long> finished = new HashMap<>();
        final Map<Long, Integer> cached = new HashMap<>();

        @Override
        public void firstToken(long id, long atPicos) {
            first.put(id, atPicos);
        }

        @Override
        public void finished(long id, int cachedTokens, long atPicos) {
            finished.put(id, atPicos);
            cached.put(id, cachedTokens);
        }
    }
}
