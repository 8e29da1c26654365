package io.polychip.routing;

/**
 * What a router can know of one replica's load: its own sends at once, those of the other loops from the {@link Board},
 * and those of other gateways from scrapes that come late or never.
 *
 * <p>A scrape says the replica's total at some past moment; less what this process had under way at that moment it is
 * the others' part, whose weight halves for each {@value #SCRAPE_HALF_NANOS} ns of age. What age takes away is filled
 * by the pool's usual ratio of all load to ours, so that an outage of scraping reads neither as empty nor as full.
 * Every figure is an estimate except the own counts, which return to exactly zero.
 */
final class Belief {
    private static final long SCRAPE_HALF_NANOS = 1_000_000_000L;
    private static final int HISTORY = 32;
    private static final long HISTORY_SPACING_NANOS = 64_000_000L;

    private int inFlight;
    private int priorityInFlight;
    private long prefillTokens;
    private long kvTokens;

    /** The weight of the last reading, and when it had it. */
    private double trust;

    private long trustAtNanos = Long.MIN_VALUE;
    private boolean scraped;
    private long scrapedNanos;
    private double ours;
    private double outside;
    private double outsideWaiting;
    private int lastWaiting;
    private double lastKvUsed;
    private double outsideKvTokens;

    private final long[] historyNanos = new long[HISTORY];
    private final int[] historyInFlight = new int[HISTORY];
    private int historySize;

    void started(int prefill, int kv, boolean priority, long now) {
        remember(now);
        inFlight++;
        priorityInFlight += priority ? 1 : 0;
        prefillTokens += prefill;
        kvTokens += kv;
    }

    void prefilled(int prefill) {
        prefillTokens -= prefill;
    }

    void grew(int kv) {
        kvTokens += kv;
    }

    void ended(int prefill, int kv, boolean priority, long now) {
        remember(now);
        inFlight--;
        priorityInFlight -= priority ? 1 : 0;
        prefillTokens -= prefill;
        kvTokens -= kv;
    }

    int inFlight() {
        return inFlight;
    }

    int priorityInFlight() {
        return priorityInFlight;
    }

    long prefillTokens() {
        return prefillTokens;
    }

    long kvTokens() {
        return kvTokens;
    }

    /**
     * A reading from the future counts as one of now: else it would never age and none after it would be heard.
     *
     * @param board packed counts of this process's other loops now
     */
    void observed(Reading reading, long board, long kvCapacity, long now) {
        if (!reading.reachable() || reading.running() < 0) {
            return; // silence says nothing about load
        }
        long observedNanos = Math.min(reading.observedNanos(), now);
        if (scraped && observedNanos <= scrapedNanos && scrapedNanos <= now) {
            return;
        }
        int waiting = Math.max(0, reading.waiting());
        lastWaiting = waiting;
        lastKvUsed = Math.max(0, reading.kvUsed());
        ours = inFlightAt(observedNanos) + Board.inFlightOf(board);
        scraped = true;
        scrapedNanos = observedNanos;
        trustAtNanos = Long.MIN_VALUE;
        outside = Math.max(0, reading.running() + waiting - ours);
        outsideWaiting = Math.min(waiting, outside);
        outsideKvTokens = reading.kvUsed() < 0
                ? -1
                : Math.max(0, reading.kvUsed() * kvCapacity - kvTokens - Board.kvTokensOf(board));
    }

    /** Sequences of other gateways. @param usual what the pool's ratio makes of our own counts */
    double outside(double usual, long now) {
        double trust = trust(now);
        return trust * outside + (1 - trust) * usual;
    }

    double outsideWaiting(long now) {
        return trust(now) * outsideWaiting;
    }

    /**
     * Cache tokens that other gateways' sequences hold or will: an engine's own figure leaves out those that wait there
     * and what the others will still grow by.
     *
     * @param perSequence the pool's mean
     */
    double outsideKvTokens(double outsideNow, double perSequence, long now) {
        double guess = outsideNow * perSequence;
        return Math.max(guess, trust(now) * outsideKvTokens + (1 - trust(now)) * guess);
    }

    /** Age of the last reading that said something, -1 when there was none. */
    long readingAgeNanos(long now) {
        return scraped ? Math.max(0, now - scrapedNanos) : -1;
    }

    /** What this process had there when the last reading was taken. */
    double lastOurs() {
        return ours;
    }

    /** Requests in the engine's queue by the last reading, whosever; 0 before the first. */
    int lastWaiting() {
        return lastWaiting;
    }

    /** Share of its cache in use by the last reading; 0 before the first. */
    double lastKvUsed() {
        return lastKvUsed;
    }

    double lastOutside() {
        return outside;
    }

    private double trust(long now) {
        if (!scraped) {
            return 0;
        }
        if (now != trustAtNanos) {
            long age = Math.max(0, now - scrapedNanos);
            trust = (double) SCRAPE_HALF_NANOS / (SCRAPE_HALF_NANOS + age);
            trustAtNanos = now;
        }
        return trust;
    }

    /** Own count at a past moment, from samples at least {@value #HISTORY_SPACING_NANOS} ns apart. */
    int inFlightAt(long nanos) {
        int newest = historySize - 1;
        int oldest = Math.max(0, historySize - HISTORY);
        if (newest < 0) {
            return inFlight;
        }
        // An entry holds the count that was true until its time.
        int found = inFlight;
        for (int i = newest; i >= oldest; i--) {
            if (historyNanos[i % HISTORY] < nanos) {
                break;
            }
            found = historyInFlight[i % HISTORY];
        }
        return found;
    }

    private void remember(long now) {
        int last = historySize - 1;
        if (last >= 0 && now < historyNanos[last % HISTORY]) {
            historySize = 0; // the clock was set back: what is noted of later says nothing
            last = -1;
        }
        if (last >= 0 && now - historyNanos[last % HISTORY] < HISTORY_SPACING_NANOS) {
            return;
        }
        historyNanos[historySize % HISTORY] = now;
        historyInFlight[historySize % HISTORY] = inFlight;
        historySize++;
    }
}
