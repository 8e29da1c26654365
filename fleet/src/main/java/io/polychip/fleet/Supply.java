package io.polychip.fleet;

import java.time.LocalDate;
import java.util.Map;

/**
 * An offer that can be taken: a dated price with the units, days and lead time it comes with. {@link Offer} is the
 * catalogue's bare price.
 *
 * @param name how deals and plans refer to it
 * @param model of the catalogue that a hosted API answers with; empty: of chips, or the only one asked for
 * @param price by the chip and hour, or by the token at a hosted API
 * @param priced day of the price
 * @param available days on which it can be used
 * @param leadDays from signing to the first hour
 * @param minimumChips least that may be taken when any is
 * @param maximumChips most that can be had
 * @param multipleChips chips come in this many
 * @param lostPerDay share of spot capacity lost in a day, 0 to 1
 * @param prepaid share of the whole term's price due at its start, 0 to 1
 * @param allInWatts of one chip with host, network and facility: what a gigawatt is divided by; 0 when not known
 * @param labels failure domains beyond vendor and provider
 * @param onlyWith the deal without which it cannot be had; empty: anybody can have it
 * @param source where the price comes from
 */
public record Supply(
        String name,
        String chip,
        String model,
        String provider,
        String region,
        Term term,
        Price price,
        LocalDate priced,
        Span available,
        int leadDays,
        long minimumChips,
        long maximumChips,
        long multipleChips,
        double lostPerDay,
        double prepaid,
        double allInWatts,
        Quota quota,
        Map<String, String> labels,
        String onlyWith,
        String source) {
    /** No limit to the chips that can be had. */
    public static final long UNLIMITED = Long.MAX_VALUE;

    public Supply {
        labels = Map.copyOf(labels);
    }

    public String vendor() {
        int slash = chip.indexOf('/');
        return slash < 0 ? chip : chip.substring(0, slash);
    }

    /** US dollars for one chip and hour; 0 for a hosted offer. */
    public double usdPerChipHour() {
        return switch (price) {
            case Price.PerChipHour hour -> hour.usd();
            case Price.PerToken _ -> 0;
        };
    }

    /** The same offer at another price by the chip and hour; a hosted one stays as it is. */
    public Supply repriced(double factor) {
        Price other = switch (price) {
            case Price.PerChipHour hour -> new Price.PerChipHour(hour.usd() * factor, hour.committed());
            case Price.PerToken tokens -> tokens;
        };
        return new Supply(
                name,
                chip,
                model,
                provider,
                region,
                term,
                other,
                priced,
                available,
                leadDays,
                minimumChips,
                maximumChips,
                multipleChips,
                lostPerDay,
                prepaid,
                allInWatts,
                quota,
                labels,
                onlyWith,
                source);
    }

    /**
     * How long one is bound.
     *
     * @param months of a commitment; 0 otherwise
     */
    public record Term(Kind kind, int months) {
        /** By the hour; by the hour until somebody pays more; a block of days; months or years, used or not. */
        public enum Kind {
            ON_DEMAND,
            SPOT,
            BLOCK,
            COMMITTED
        }
    }
}
