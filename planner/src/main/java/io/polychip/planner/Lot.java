package io.polychip.planner;

import java.util.Arrays;
import java.util.Map;

/** What can be had on one set of terms, with its dates as periods of the plan. An offer of a file becomes one. */
public sealed interface Lot {
    /** Unlimited. */
    double NO_LIMIT = Double.POSITIVE_INFINITY;

    String name();

    String chip();

    /** Failure domains and what shares are counted by: vendor, provider, region, contract and the like. */
    Map<String, String> labels();

    /** First period in which it can be used. */
    int firstPeriod();

    /** Last period in which it can be used. */
    int lastPeriod();

    default boolean usable(int period) {
        return period >= firstPeriod() && period <= lastPeriod();
    }

    /** How chips are paid. */
    enum Kind {
        /** By the hour, as many as each hour needs. */
        ON_DEMAND,
        /** The same, and some of them are lost. */
        SPOT,
        /** For a term, used or not, the same number in every hour. */
        COMMITTED
    }

    /**
     * Chips by the hour or for a term.
     *
     * @param leastChips least that may be taken when any is, 0: no least
     * @param mostChips most at one time, by period
     * @param multiple chips come in this many
     * @param kept share of the capacity that is there on average: spot is lost and found again
     * @param prepaid share of a whole term's price due at its start
     * @param termPeriods periods one is bound for; of meaning for a commitment only
     * @param ownedChips already committed to from the first period on: paid in any case
     * @param usdPerKwh energy that is paid on top; 0 where the price holds it already
     */
    record Chips(
            String name,
            String chip,
            Kind kind,
            Map<String, String> labels,
            double usdPerChipHour,
            double leastChips,
            double[] mostChips,
            int multiple,
            double kept,
            double prepaid,
            int firstPeriod,
            int lastPeriod,
            int termPeriods,
            double ownedChips,
            double usdPerKwh)
            implements Lot {
        public Chips {
            labels = Map.copyOf(labels);
            if (!(usdPerChipHour >= 0) || !(kept > 0 && kept <= 1) || !(prepaid >= 0 && prepaid <= 1)) {
                throw new PlanException("Offer %s: a price of %s, a kept share of %s and a prepaid share of %s; allowed"
                                .formatted(name, usdPerChipHour, kept, prepaid)
                        + " are at least 0, above 0 to 1, and 0 to 1.");
            }
        }

        /** The plain case: one price, one limit, all periods. */
        public static Chips of(
                String name,
                String chip,
                Kind kind,
                Map<String, String> labels,
                double usdPerChipHour,
                double mostChips,
                int periods) {
            double[] most = new double[periods];
            Arrays.fill(most, mostChips);
            return new Chips(name, chip, kind, labels, usdPerChipHour, 0, most, 1, 1, 0, 0, periods - 1, periods, 0, 0);
        }

        /** Its price by the chip and hour another. */
        public Chips priced(double usd) {
            return new Chips(
                    name,
                    chip,
                    kind,
                    labels,
                    usd,
                    leastChips,
                    mostChips,
                    multiple,
                    kept,
                    prepaid,
                    firstPeriod,
                    lastPeriod,
                    termPeriods,
                    ownedChips,
                    usdPerKwh);
        }

        /** Energy paid on top of its price. */
        public Chips powered(double usdEachKwh) {
            return new Chips(
                    name,
                    chip,
                    kind,
                    labels,
                    usdPerChipHour,
                    leastChips,
                    mostChips,
                    multiple,
                    kept,
                    prepaid,
                    firstPeriod,
                    lastPeriod,
                    termPeriods,
                    ownedChips,
                    usdEachKwh);
        }

        /** More or fewer of them to be had. */
        public Chips limited(double[] most) {
            return new Chips(
                    name,
                    chip,
                    kind,
                    labels,
                    usdPerChipHour,
                    leastChips,
                    most,
                    multiple,
                    kept,
                    prepaid,
                    firstPeriod,
                    lastPeriod,
                    termPeriods,
                    ownedChips,
                    usdPerKwh);
        }
    }

    /**
     * A hosted API, paid by the token.
     *
     * @param requestsPerSecond quota; {@link #NO_LIMIT}: none
     * @param tokensPerSecond quota on prompts and answers together
     */
    record Hosted(
            String name,
            String chip,
            Map<String, String> labels,
            double usdPerMillionInput,
            double usdPerMillionOutput,
            double requestsPerSecond,
            double tokensPerSecond,
            int firstPeriod,
            int lastPeriod)
            implements Lot {
        public Hosted {
            labels = Map.copyOf(labels);
        }

        double usdPerRequest(Bucket bucket) {
            return (bucket.inputTokens() * usdPerMillionInput + bucket.outputTokens() * usdPerMillionOutput) / 1e6;
        }
    }
}
