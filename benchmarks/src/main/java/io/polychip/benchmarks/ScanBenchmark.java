package io.polychip.benchmarks;

import io.polychip.protocol.ChatScan;
import io.polychip.protocol.Endpoint;
import io.polychip.protocol.SseScanner;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What reading the wire costs: a request of so many bytes, and one chunk of a stream. Run: ./bench ScanBenchmark. Watch
 * gc.alloc.rate.norm.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class ScanBenchmark {
    private static final String PROSE = "The quick brown fox jumps over the lazy dog while chips hum in racks.\\n";
    private static final String SCRIPT = "从前有座山，山里有座庙，庙里有个老和尚在讲故事。";

    @Param({"400", "8000", "220000"})
    private int bytes;

    @Param({"prose", "chinese"})
    private String text = "";

    private byte[] request = {};
    private byte[] chunk = {};
    private int seen;
    private final SseScanner stream = new SseScanner(1);

    @Setup
    public void fill() {
        String unit = text.equals("prose") ? PROSE : SCRIPT;
        int times = Math.max(1, bytes / unit.getBytes(StandardCharsets.UTF_8).length);
        request = ("{\"model\":\"llama-3.1-8b\",\"stream\":true,\"messages\":[{\"role\":\"system\",\"content\":\"Be"
                        + " brief.\"},{\"role\":\"user\",\"content\":\"" + unit.repeat(times)
                        + "\"}],\"max_tokens\":100,\"temperature\":0.7}")
                .getBytes(StandardCharsets.UTF_8);
        chunk = ("data:"
            + " {\"id\":\"chatcmpl-0123456789abcdef\",\"object\":\"chat.completion.chunk\",\"created\":1763900000,\"model\":\"llama-3.1-8b\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\""
            + " word\"},\"logprobs\":null,\"finish_reason\":null}]}\n\n")
                .getBytes(StandardCharsets.UTF_8);
    }

    /** The whole scan of a request. */
    @Benchmark
    public ChatScan request() {
        return ChatScan.of(request, Endpoint.CHAT);
    }

    /** The changes a gateway makes most: another model name, and usage asked for. */
    @Benchmark
    public byte[] requestAndEdits() {
        ChatScan scan = ChatScan.of(request, Endpoint.CHAT);
        return scan.askForUsage(scan.edits())
                .set("model", "\"meta-llama/Llama-3.1-8B-Instruct\"")
                .apply(request);
    }

    /** One chunk, as one read brings it. */
    @Benchmark
    public int chunk() {
        stream.feed(chunk, 0, chunk.length, (kind, from, to) -> seen += to - from);
        return seen;
    }
}
