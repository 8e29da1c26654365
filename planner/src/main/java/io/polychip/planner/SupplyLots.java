package io.polychip.planner;

import io.polychip.fleet.Deals;
import io.polychip.fleet.Price;
import io.polychip.fleet.Quota;
import io.polychip.fleet.Span;
import io.polychip.fleet.Supply;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Offers of a file as lots: dates become periods, a term becomes a number of them. */
public final class SupplyLots {
    private static final double HOURS_PER_MONTH = 365.25 * 24 / 12;
    private static final double SECONDS_PER_MINUTE = 60;
    private static final double SECONDS_PER_DAY = 86_400;

    private SupplyLots() {}

    /**
     * Every offer that some period can use.
     *
     * @param whole an offer counts from the first period it is there throughout; else from the one it begins in
     */
    public static List<Lot> of(Deals deals, List<Demand.Period> periods, boolean whole) {
        List<Lot> lots = new ArrayList<>();
        for (Supply offer : deals.offers()) {
            int first = periods.size();
            int last = -1;
            for (int period = 0; period < periods.size(); period++) {
                if (there(offer, deals.asOf(), periods.get(period), whole)) {
                    first = Math.min(first, period);
                    last = period;
                }
            }
            if (last >= 0) {
                lots.add(lot(offer, periods, first, last));
            }
        }
        return lots;
    }

    private static boolean there(Supply offer, LocalDate asOf, Demand.Period period, boolean whole) {
        LocalDate ready = asOf.plusDays(offer.leadDays());
        if (whole) {
            return !ready.isAfter(period.from())
                    && !offer.available().from().isAfter(period.from())
                    && !offer.available().until().isBefore(period.from());
        }
        Span span = new Span(period.from(), period.until());
        return offer.available().daysWithin(span) > 0 && !ready.isAfter(period.until());
    }

    private static Lot lot(Supply offer, List<Demand.Period> periods, int first, int last) {
        Map<String, String> labels = new HashMap<>(offer.labels());
        labels.put("vendor", offer.vendor());
        labels.put("provider", offer.provider());
        if (!offer.region().isEmpty()) {
            labels.put("region", offer.region());
        }
        return switch (offer.price()) {
            case Price.PerChipHour hour -> chips(offer, hour, labels, periods, first, last);
            case Price.PerToken tokens ->
                new Lot.Hosted(
                        offer.name(),
                        offer.chip(),
                        labels,
                        tokens.usdPerMillionInput(),
                        tokens.usdPerMillionOutput(),
                        perSecond(
                                offer.quota().requestsPerMinute(), offer.quota().requestsPerDay()),
                        perSecond(offer.quota().tokensPerMinute(), offer.quota().tokensPerDay()),
                        first,
                        last);
        };
    }

    private static Lot.Chips chips(
            Supply offer,
            Price.PerChipHour price,
            Map<String, String> labels,
            List<Demand.Period> periods,
            int first,
            int last) {
        double[] most = new double[periods.size()];
        Arrays.fill(most, offer.maximumChips() == Supply.UNLIMITED ? Lot.NO_LIMIT : (double) offer.maximumChips());
        Lot.Kind kind = switch (offer.term().kind()) {
            case COMMITTED -> Lot.Kind.COMMITTED;
            case SPOT -> Lot.Kind.SPOT;
            case ON_DEMAND, BLOCK -> Lot.Kind.ON_DEMAND;
        };
        return new Lot.Chips(
                offer.name(),
                offer.chip(),
                kind,
                labels,
                price.usd(),
                offer.minimumChips(),
                most,
                (int) offer.multipleChips(),
                1 - offer.lostPerDay(),
                offer.prepaid(),
                first,
                last,
                termPeriods(offer.term().months(), periods.get(first)),
                0,
                0);
    }

    /** Whole periods that a term of so many months takes; at least one. */
    static int termPeriods(int months, Demand.Period period) {
        return (int) Math.max(1, Math.round(months * HOURS_PER_MONTH / period.hours()));
    }

    /** The tighter of a quota by the minute and one by the day. */
    static double perSecond(long perMinute, long perDay) {
        double minute = perMinute == Quota.NONE ? Lot.NO_LIMIT : perMinute / SECONDS_PER_MINUTE;
        double day = perDay == Quota.NONE ? Lot.NO_LIMIT : perDay / SECONDS_PER_DAY;
        return Math.min(minute, day);
    }
}
