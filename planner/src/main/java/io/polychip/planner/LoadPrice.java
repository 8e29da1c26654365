package io.polychip.planner;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What an hour of a fully loaded replica is worth in a typical hour: the price of a deployment's load in the plan with
 * fractions allowed. Nothing where replicas stand idle anyway; near the offer's price, or above, where every request
 * more costs a replica more. What the router's own opportunity prices settle at.
 */
public record LoadPrice(String capacity, int period, int hour, double usdPerReplicaHour) {
    /** One for each deployment, period and hour that has load. */
    public static List<LoadPrice> of(Programme programme, Relaxation relaxed) {
        List<LoadPrice> prices = new ArrayList<>();
        Milp milp = programme.milp();
        Demand demand = programme.demand;
        Map<String, Integer> rows = new HashMap<>();
        for (int row = 0; row < milp.rows(); row++) {
            rows.put(milp.rowName(row), row);
        }
        for (int stream = 0; stream < programme.streams.size(); stream++) {
            for (int period = 0; period < demand.periods().size(); period++) {
                for (int hour = 0; hour < demand.hours().size(); hour++) {
                    String name = "load of " + programme.streams.get(stream).name() + ", " + programme.at(period, hour);
                    double worth = demand.hours(period, hour)
                            * demand.periods().get(period).discount();
                    Integer row = rows.get(name);
                    if (row != null) {
                        prices.add(new LoadPrice(
                                programme.streams.get(stream).name(),
                                period,
                                hour,
                                Math.max(0, -relaxed.rowPrices()[row]) / worth));
                    }
                }
            }
        }
        return prices;
    }
}
