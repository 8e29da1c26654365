package io.polychip.load;

import io.polychip.fleet.Fleet;
import io.polychip.fleet.Pool;
import io.polychip.fleet.Price;
import java.util.Map;

/**
 * What a fleet cost while it carried a load: owned chips by the hour whether used or not, hosted ones by the token.
 *
 * @param ownedUsd rent of every owned replica for the whole time
 * @param hostedUsd tokens bought
 */
public record FleetCost(double ownedUsd, double hostedUsd) {
    /** @param routes what each pool carried; a pool that is missing carried nothing */
    public static FleetCost of(Fleet fleet, Map<String, ReplayReport.Route> routes, double seconds) {
        double owned = 0;
        double hosted = 0;
        for (Pool pool : fleet.pools()) {
            ReplayReport.Route route = routes.get(pool.name());
            switch (pool.price()) {
                case Price.PerChipHour hourly ->
                    owned += hourly.usd()
                            * pool.deployment().layout().chips()
                            * pool.replicas().size()
                            * seconds
                            / 3600;
                case Price.PerToken token -> {
                    if (route != null) {
                        hosted += (route.promptTokens() * token.usdPerMillionInput()
                                        + route.completionTokens() * token.usdPerMillionOutput())
                                / 1e6;
                    }
                }
            }
        }
        return new FleetCost(owned, hosted);
    }

    public double usd() {
        return ownedUsd + hostedUsd;
    }

    /** Dollars per million tokens that met their objective, idle rent included; infinite without any. */
    public double usdPerMillionGood(long goodTokens) {
        return goodTokens == 0 ? Double.POSITIVE_INFINITY : usd() / goodTokens * 1e6;
    }
}
