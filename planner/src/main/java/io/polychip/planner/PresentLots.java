package io.polychip.planner;

import io.polychip.fleet.Fleet;
import io.polychip.fleet.Pool;
import io.polychip.fleet.Price;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a present fleet has and may go on having: committed replicas are paid in any case, the others are there at the
 * same price, as many as are wanted; hosted APIs within their quotas.
 */
public final class PresentLots {
    private PresentLots() {}

    /** @param more whether chips paid by the hour may be more than there are now */
    public static List<Lot> of(Fleet fleet, int periods, boolean more) {
        List<Lot> lots = new ArrayList<>();
        for (Pool pool : fleet.pools()) {
            if (!pool.enabled()) {
                continue;
            }
            Map<String, String> labels = new HashMap<>(pool.labels());
            labels.put("vendor", pool.vendor());
            switch (pool.price()) {
                case Price.PerChipHour hour -> lots.add(chips(pool, hour, labels, periods, more));
                case Price.PerToken tokens ->
                    lots.add(new Lot.Hosted(
                            pool.name(),
                            pool.deployment().chip().id(),
                            labels,
                            tokens.usdPerMillionInput(),
                            tokens.usdPerMillionOutput(),
                            SupplyLots.perSecond(
                                    pool.quota().requestsPerMinute(),
                                    pool.quota().requestsPerDay()),
                            SupplyLots.perSecond(
                                    pool.quota().tokensPerMinute(), pool.quota().tokensPerDay()),
                            0,
                            periods - 1));
            }
        }
        return lots;
    }

    private static Lot chips(
            Pool pool, Price.PerChipHour price, Map<String, String> labels, int periods, boolean more) {
        int each = pool.deployment().layout().chips();
        double owned = (double) each * pool.replicas().size();
        double[] most = new double[periods];
        Arrays.fill(most, price.committed() || !more ? owned : Lot.NO_LIMIT);
        return new Lot.Chips(
                pool.name(),
                pool.deployment().chip().id(),
                price.committed() ? Lot.Kind.COMMITTED : Lot.Kind.ON_DEMAND,
                labels,
                price.usd(),
                0,
                most,
                price.committed() ? each : 1,
                1,
                0,
                0,
                periods - 1,
                periods,
                price.committed() ? owned : 0,
                0);
    }
}
