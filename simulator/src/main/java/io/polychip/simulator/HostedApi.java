package io.polychip.simulator;

import io.polychip.fleet.Quota;
import io.polychip.performance.Profile;
import io.polychip.performance.StepTime;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * An API paid by the token, as its customer sees it: quotas per minute and day, a limit of concurrent streams with a
 * queue before it, and streams of constant speed whatever else runs, since others fill its batches.
 *
 * <p>A request is charged to its windows, prompt and answer, when it is taken. Statuses are Groq's: 429 with the rest
 * of the window, in whole seconds, as {@code Retry-After} over a quota, 498 when a request of the flexible class would
 * have to queue, 413 when no window is ever large enough. Cost: logarithmic per request in the streams open; an object
 * per request, none per token.
 */
public final class HostedApi implements Backend {
    private static final long MINUTE_PICOS = 60_000_000_000_000L;
    private static final long DAY_PICOS = 24 * 60 * MINUTE_PICOS;
    private static final long SECOND_PICOS = 1_000_000_000_000L;
    private static final long CAPACITY_RETRY_PICOS = SECOND_PICOS;

    private final int mostStreams;
    private final QuotaWindow minute;
    private final QuotaWindow day;
    private final Map<Long, Stream> byId = new LinkedHashMap<>();
    private final Deque<Stream> queue = new ArrayDeque<>();
    private final TreeSet<Stream> due = new TreeSet<>(
            Comparator.comparingLong((Stream stream) -> stream.dueAt).thenComparingLong(stream -> stream.number));
    private StepTime stepTime;
    private long taken;
    private long advancedPicos;

    /** The provider's answer to a request: 200 and it will be served, or a refusal and when to come again. */
    public record Admission(int status, long retryAfterPicos) {
        static final Admission TAKEN = new Admission(200, 0);

        public boolean taken() {
            return status == 200;
        }
    }

    /** What a window has left, {@link Quota#NONE} where it has no limit, and when it begins anew. */
    public record Allowance(long requests, long tokens, long restPicos) {}

    private static final class Stream {
        final long number;
        final long id;
        final int promptTokens;
        final int outputTokens;
        final long submittedAt;
        long startedAt = NEVER;
        long firstAt = NEVER;
        long tokenPicos;

        /** Its first token, then one that is watched, then its last; {@link Backend#NEVER} in the queue. */
        long dueAt = NEVER;

        int watched;

        int reported;

        Stream(long number, long id, int promptTokens, int outputTokens, long submittedAt) {
            this.number = number;
            this.id = id;
            this.promptTokens = promptTokens;
            this.outputTokens = outputTokens;
            this.submittedAt = submittedAt;
        }

        long lastAt() {
            return firstAt + Math.max(0, outputTokens - 1) * tokenPicos;
        }

        /** When it has that many. */
        long tokenAt(int tokens) {
            return firstAt + (tokens - 1) * tokenPicos;
        }

        /** The next that somebody wants to hear of after its first token. */
        long nextDue() {
            return watched > 1 && watched < outputTokens ? tokenAt(watched) : lastAt();
        }

        int produced(long nowPicos) {
            if (outputTokens == 0 || nowPicos < firstAt) {
                return 0;
            }
            return (int) Math.min(outputTokens, 1 + (nowPicos - firstAt) / tokenPicos);
        }
    }

    public HostedApi(Profile profile, Quota quota) {
        this(profile.stepTime(), profile.maxSequences(), quota);
    }

    /** @param stepTime of one stream: arrival, prompt, and its step alone; the table beyond 1 has no meaning here */
    public HostedApi(StepTime stepTime, int mostStreams, Quota quota) {
        this.stepTime = stepTime;
        this.mostStreams = mostStreams;
        this.minute = new QuotaWindow(MINUTE_PICOS, quota.requestsPerMinute(), quota.tokensPerMinute());
        this.day = new QuotaWindow(DAY_PICOS, quota.requestsPerDay(), quota.tokensPerDay());
    }

    /**
     * Takes a request or says why not.
     *
     * @param patient false: rather refused (498) than queued
     */
    public Admission submit(long id, int promptTokens, int outputTokens, boolean patient, long nowPicos) {
        return submit(id, promptTokens, outputTokens, (long) promptTokens + outputTokens, patient, nowPicos);
    }

    /**
     * Takes a request or says why not.
     *
     * @param chargedTokens set aside in the windows: Cerebras counts what an answer may have, not what it will have
     * @param patient false: rather refused (498) than queued
     */
    public Admission submit(
            long id, int promptTokens, int outputTokens, long chargedTokens, boolean patient, long nowPicos) {
        if (nextChange() <= nowPicos) {
            throw new IllegalStateException(
                    "Something is due at %d; advance to %d first.".formatted(nextChange(), nowPicos));
        }
        if (minute.neverAllows(chargedTokens) || day.neverAllows(chargedTokens)) {
            return new Admission(413, 0);
        }
        if (!day.allows(chargedTokens, nowPicos)) {
            return new Admission(429, retryAfter(day, nowPicos));
        }
        if (!minute.allows(chargedTokens, nowPicos)) {
            return new Admission(429, retryAfter(minute, nowPicos));
        }
        if (!patient && running() >= mostStreams) {
            return new Admission(498, CAPACITY_RETRY_PICOS);
        }
        Stream stream = new Stream(taken++, id, promptTokens, outputTokens, nowPicos);
        if (byId.putIfAbsent(id, stream) != null) {
            throw new IllegalArgumentException("Request %d is already here.".formatted(id));
        }
        minute.count(chargedTokens, nowPicos);
        day.count(chargedTokens, nowPicos);
        queue.add(stream);
        startQueued(nowPicos);
        return Admission.TAKEN;
    }

    /** A provider says it in a header that has whole seconds (RFC 9110 section 10.2.3). */
    private static long retryAfter(QuotaWindow window, long nowPicos) {
        return Math.ceilDiv(window.restPicos(nowPicos), SECOND_PICOS) * SECOND_PICOS;
    }

    public Allowance minuteLeft(long nowPicos) {
        return left(minute, nowPicos);
    }

    public Allowance dayLeft(long nowPicos) {
        return left(day, nowPicos);
    }

    private static Allowance left(QuotaWindow window, long nowPicos) {
        return new Allowance(window.requestsLeft(nowPicos), window.tokensLeft(nowPicos), window.restPicos(nowPicos));
    }

    @Override
    public boolean cancel(long id, long nowPicos) {
        Stream stream = byId.remove(id);
        if (stream == null) {
            return false;
        }
        if (!due.remove(stream)) {
            queue.remove(stream);
        }
        startQueued(nowPicos);
        return true;
    }

    /** Another speed for requests that start from now on. */
    public void retime(StepTime changed) {
        stepTime = changed;
    }

    @Override
    public void advance(long untilPicos, Sink sink) {
        TokenSink tokenSink = sink instanceof TokenSink wantsTokens ? wantsTokens : null;
        advancedPicos = untilPicos;
        while (!due.isEmpty() && due.first().dueAt <= untilPicos) {
            Stream stream = due.pollFirst();
            long at = stream.dueAt;
            if (at == stream.firstAt && stream.outputTokens > 0) {
                stream.reported = 1;
                sink.firstToken(stream.id, at);
            } else if (at < stream.lastAt()) {
                int reached = stream.watched;
                stream.watched = 0;
                sink.reached(stream.id, reached, at);
            }
            if (at < stream.lastAt()) {
                stream.dueAt = stream.nextDue();
                due.add(stream);
            } else {
                byId.remove(stream.id);
                report(stream, at, tokenSink);
                sink.finished(stream.id, 0, at);
                startQueued(at);
            }
        }
        if (tokenSink != null) {
            for (Stream stream : byId.values()) {
                report(stream, untilPicos, tokenSink);
            }
        }
    }

    @Override
    public long nextChange() {
        return due.isEmpty() ? NEVER : due.first().dueAt;
    }

    @Override
    public long nextStep() {
        long next = NEVER;
        for (Stream stream : due) {
            long token = stream.firstAt + stream.reported * stream.tokenPicos;
            next = Math.min(next, Math.min(stream.dueAt, token));
        }
        return next;
    }

    @Override
    public int running() {
        return due.size();
    }

    @Override
    public int waiting() {
        return queue.size();
    }

    @Override
    public double kvUsed() {
        return 0;
    }

    @Override
    public void watch(long id, int tokens) {
        Stream stream = byId.get(id);
        if (stream == null) {
            return;
        }
        stream.watched = tokens;
        if (stream.dueAt != NEVER && stream.firstAt <= advancedPicos) {
            due.remove(stream);
            stream.dueAt = stream.nextDue();
            due.add(stream);
        }
    }

    @Override
    public int produced(long id) {
        return produced(id, advancedPicos);
    }

    @Override
    public long lastTokenPicos(long id) {
        Stream stream = byId.get(id);
        int produced = stream == null ? 0 : stream.produced(advancedPicos);
        return stream == null || produced == 0 ? 0 : stream.tokenAt(produced);
    }

    /** Answer tokens a request has at that time; 0 for one that is not here. */
    public int produced(long id, long nowPicos) {
        Stream stream = byId.get(id);
        return stream == null ? 0 : stream.produced(nowPicos);
    }

    /** How long a request waited, or has waited, for a stream; 0 for one that is not here. */
    public long queuedPicos(long id, long nowPicos) {
        Stream stream = byId.get(id);
        return stream == null ? 0 : Math.min(nowPicos, stream.startedAt) - stream.submittedAt;
    }

    private void startQueued(long nowPicos) {
        while (!queue.isEmpty() && due.size() < mostStreams) {
            Stream stream = queue.poll();
            stream.startedAt = nowPicos;
            long prompt = Math.max(stepTime.prefillPicos(stream.promptTokens, 0), stepTime.floorPicos());
            stream.tokenPicos = stepTime.alphaPicos(1);
            stream.firstAt = nowPicos + stepTime.arrivalPicos() + prompt + stream.tokenPicos;
            stream.dueAt = stream.firstAt;
            due.add(stream);
        }
    }

    private static void report(Stream stream, long untilPicos, @Nullable TokenSink sink) {
        int produced = stream.produced(untilPicos);
        int count = produced - stream.reported;
        if (sink != null && count > 0) {
            stream.reported = produced;
            sink.tokens(stream.id, count, stream.tokenAt(produced));
        }
    }
}
