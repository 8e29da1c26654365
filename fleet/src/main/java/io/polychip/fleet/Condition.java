package io.polychip.fleet;

import java.time.LocalDate;

/** What must hold for a payment to be made. A condition on somebody else is a {@link Deals.Scenario}. */
public sealed interface Condition {
    /** Taking the deal is enough. */
    record None() implements Condition {}

    /**
     * A vendor or chip carries at least a share, in every period from a day on.
     *
     * @param of a vendor such as {@code aws}, or a chip such as {@code aws/trainium2}
     * @param share from 0 to 1
     */
    record Share(String of, Measure measure, double share, LocalDate from) implements Condition {}

    /**
     * So much of a vendor's chip is in use on a day.
     *
     * @param amount in chips or gigawatts
     */
    record Volume(String of, Amount amount, LocalDate by) implements Condition {}

    /** Of what a share is taken. */
    enum Measure {
        TOKENS,
        SPEND,
        CHIPS
    }

    /** Whether a chip counts: its own id is meant, or its vendor. */
    static boolean covers(String of, String chip) {
        return chip.equals(of) || chip.startsWith(of + "/");
    }
}
