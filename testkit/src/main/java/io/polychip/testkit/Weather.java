package io.polychip.testkit;

/**
 * How the simulated network behaves between two hosts.
 *
 * @param latencyNanos one way
 * @param jitterNanos up to this much is added, at random; order within a connection is kept
 * @param maxSegmentBytes a write is cut into random pieces of at most this size; 1 cuts at every byte
 * @param windowBytes sent and not yet read by the peer; beyond it a writer waits
 * @param hangUpSeenWhilePaused whether FIN is noticed while reading is paused, as epoll does and NIO does not
 */
public record Weather(
        long latencyNanos, long jitterNanos, int maxSegmentBytes, int windowBytes, boolean hangUpSeenWhilePaused) {
    /** A good local network: 50 microseconds, whole segments of an Ethernet's size. */
    public static final Weather FAIR = new Weather(50_000, 0, 1_448, 64 * 1024, true);

    /** Nothing takes time, nothing is cut. */
    public static final Weather NONE = new Weather(0, 0, Integer.MAX_VALUE, 1 << 20, true);

    public Weather {
        if (latencyNanos < 0 || jitterNanos < 0 || maxSegmentBytes < 1 || windowBytes < 1) {
            throw new IllegalArgumentException(
                    "Weather needs latency and jitter of at least 0 and segment and window of at least 1 byte: "
                            + "latency %d ns, jitter %d ns, segment %d, window %d."
                                    .formatted(latencyNanos, jitterNanos, maxSegmentBytes, windowBytes));
        }
    }
}
