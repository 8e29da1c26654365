package io.polychip.simulator;

import io.polychip.fleet.RequestClass;
import io.polychip.routing.Mix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A trace kept in flat arrays (36 bytes a request and 4 a block) and streamed from them as often as wanted: paired runs
 * under other conditions, or a day made of one hour. Each repetition is other people's: its block ids are its own, save
 * those that begin nearly every prompt.
 */
public final class RecordedTraffic {
    private long[] arrivals = new long[1024];
    private int[] inputs = new int[1024];
    private int[] outputs = new int[1024];
    private int[] caps = new int[1024];
    private int[] kinds = new int[1024];
    private long[] conversations = new long[1024];
    private int[] blocksFrom = new int[1025];
    private int[] blocks = new int[1024];
    private int size;
    private final List<Kind> kindList = new ArrayList<>();
    private final Map<Kind, Integer> kindIndex = new HashMap<>();

    /** What many requests have in common. */
    private record Kind(String model, String tenant, RequestClass requestClass) {}

    private RecordedTraffic() {}

    /** Reads all of a trace. @throws ScenarioException when a block id is no {@code int} */
    public static RecordedTraffic of(Iterator<Trace.Request> trace) {
        RecordedTraffic recorded = new RecordedTraffic();
        trace.forEachRemaining(recorded::add);
        return recorded;
    }

    public int size() {
        return size;
    }

    /** Time from the first arrival to a mean gap after the last. */
    public long spanNanos() {
        return size < 2 ? 0 : arrivals[size - 1] + arrivals[size - 1] / (size - 1);
    }

    /** The requests once. */
    public Traffic once() {
        return repeated(1);
    }

    /** The requests that many times, one repetition after the other. */
    public Traffic repeated(int times) {
        long spanNanos = spanNanos();
        return new Traffic() {
            private int round;
            private int next;

            @Override
            public @Nullable Arrival next() {
                if (next == size) {
                    next = 0;
                    round++;
                }
                return round >= times || size == 0 ? null : arrival(round, round * spanNanos, next++);
            }
        };
    }

    private Arrival arrival(int round, long sinceNanos, int index) {
        int from = blocksFrom[index];
        int count = blocksFrom[index + 1] - from;
        long[] ids = count == 0 ? Arrival.NO_BLOCKS : new long[count];
        for (int i = 0; i < count; i++) {
            int id = blocks[from + i];
            ids[i] = i == 0 ? id : id + ((long) round << 32);
        }
        Kind kind = kindList.get(kinds[index]);
        long conversation = conversations[index];
        return new Arrival(
                arrivals[index] + sinceNanos,
                kind.model,
                kind.tenant,
                kind.requestClass,
                inputs[index],
                outputs[index],
                caps[index],
                conversation == 0 ? conversation(ids) : conversation + round,
                ids);
    }

    /** What stands for a conversation where only its blocks are known; 0 when not even those are. */
    static long conversation(long[] blocks) {
        return blocks.length == 0 ? 0 : Mix.scramble(blocks[Math.min(1, blocks.length - 1)] + 1);
    }

    private void add(Trace.Request request) {
        if (size == inputs.length) {
            arrivals = Arrays.copyOf(arrivals, size * 2);
            inputs = Arrays.copyOf(inputs, size * 2);
            outputs = Arrays.copyOf(outputs, size * 2);
            caps = Arrays.copyOf(caps, size * 2);
            kinds = Arrays.copyOf(kinds, size * 2);
            conversations = Arrays.copyOf(conversations, size * 2);
            blocksFrom = Arrays.copyOf(blocksFrom, size * 2 + 1);
        }
        int from = blocksFrom[size];
        int to = from + request.blocks().length;
        if (to > blocks.length) {
            blocks = Arrays.copyOf(blocks, to * 2);
        }
        for (int i = from; i < to; i++) {
            blocks[i] = id(request.blocks()[i - from]);
        }
        arrivals[size] = request.arrivalNanos();
        inputs[size] = request.inputTokens();
        outputs[size] = request.outputTokens();
        caps[size] = request.maxTokens();
        conversations[size] = request.conversation();
        kinds[size] =
                kindIndex.computeIfAbsent(new Kind(request.model(), request.tenant(), request.requestClass()), kind -> {
                    kindList.add(kind);
                    return kindList.size() - 1;
                });
        blocksFrom[++size] = to;
    }

    private static int id(long block) {
        if (block != (int) block) {
            throw new ScenarioException(
                    "Block id %d does not fit 32 bits. Maybe number the blocks from 0.".formatted(block));
        }
        return (int) block;
    }
}
