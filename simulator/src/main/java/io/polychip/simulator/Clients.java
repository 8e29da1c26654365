package io.polychip.simulator;

/**
 * What clients do beyond asking once.
 *
 * @param retries how often one asks again after a refusal or a failure before any text
 * @param retryNanos its first wait where no {@code Retry-After} came; doubled each time, plus or minus a quarter
 * @param obedient asks again only where the answer allows it ({@code x-should-retry})
 * @param hangUpShare share of clients that lose patience if the answer is not complete in time
 * @param patienceNanos their mean patience, exponentially distributed
 */
public record Clients(int retries, long retryNanos, boolean obedient, double hangUpShare, long patienceNanos) {
    /** Nobody asks twice, nobody hangs up. */
    public static final Clients PATIENT = new Clients(0, 500_000_000L, true, 0, 0);

    /** OpenAI's libraries: two more tries from half a second on, but not where they are told not to. */
    public static final Clients LIBRARY = new Clients(2, 500_000_000L, true, 0, 0);

    public Clients {
        if (retries < 0 || retryNanos < 0 || patienceNanos < 0 || !(hangUpShare >= 0 && hangUpShare <= 1)) {
            throw new ScenarioException("Clients need retries and times of at least 0 and a share from 0 to 1:"
                    + " %d retries after %d ns, share %s after %d ns."
                            .formatted(retries, retryNanos, hangUpShare, patienceNanos));
        }
    }
}
