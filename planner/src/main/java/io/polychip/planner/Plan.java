package io.polychip.planner;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The answer: what to have, what runs where, and what it costs.
 *
 * @param usd cost over all periods in dollars of now, what the programme minimised
 * @param boundUsd no plan under these rules costs less
 * @param commitments chips bound for a term
 * @param replicas by deployment and lot, for each period and typical hour
 * @param routes share of each bucket by deployment, for each period and typical hour
 * @param spendUsd by lot and period, not discounted
 * @param trainings chips that train
 */
public record Plan(
        double usd,
        double boundUsd,
        List<Commitment> commitments,
        List<Replicas> replicas,
        List<Route> routes,
        Map<String, double[]> spendUsd,
        List<Trains> trainings) {
    /** Chips bound from a period on. */
    public record Commitment(String lot, int period, double chips) {}

    /** Replicas in one typical hour; of a commitment the same in all hours. */
    public record Replicas(String capacity, String lot, int period, int hour, long count, int chips) {}

    /**
     * A bucket's part that a deployment takes. @param perSecond requests a second @param share of the bucket, 0 to 1
     */
    public record Route(String capacity, int bucket, int period, int hour, double perSecond, double share) {}

    /** Chips of a lot that train in a typical hour. */
    public record Trains(String job, String lot, int period, int hour, double chips) {}

    private static final double NOTHING = 1e-7;

    /** How far the plan may be from the best, as a share of its cost. */
    public double gap() {
        return Solution.gap(usd, boundUsd);
    }

    /** Reads a programme's solution. */
    public static Plan of(Programme programme, Solution solution) {
        if (!solution.found()) {
            throw new PlanException("There is no plan to read: the search ended %s."
                    .formatted(solution.status().name().toLowerCase(java.util.Locale.ROOT)));
        }
        double[] values = solution.values();
        Map<String, double[]> spend = new LinkedHashMap<>();
        for (int lot = 0; lot < programme.lots.size(); lot++) {
            double[] byPeriod = new double[programme.demand.periods().size()];
            for (int period = 0; period < byPeriod.length; period++) {
                byPeriod[period] = programme.spend(lot, period).value(values);
            }
            spend.put(programme.lots.get(lot).name(), byPeriod);
        }
        return new Plan(
                solution.objective(),
                solution.bound(),
                commitments(programme, values),
                replicas(programme, values),
                routes(programme, values),
                spend,
                trains(programme, values));
    }

    private static List<Commitment> commitments(Programme programme, double[] values) {
        List<Commitment> found = new ArrayList<>();
        for (int lot = 0; lot < programme.lots.size(); lot++) {
            for (int period = 0; period < programme.bought[lot].length; period++) {
                int column = programme.bought[lot][period];
                if (column >= 0 && values[column] > 0.5 && programme.lots.get(lot) instanceof Lot.Chips chips) {
                    found.add(new Commitment(chips.name(), period, Math.rint(values[column]) * chips.multiple()));
                }
            }
        }
        return List.copyOf(found);
    }

    private static List<Replicas> replicas(Programme programme, double[] values) {
        List<Replicas> found = new ArrayList<>();
        for (int pair = 0; pair < programme.pairs.size(); pair++) {
            Capacity capacity = programme.capacity(programme.pairs.get(pair));
            String lot = programme.lot(programme.pairs.get(pair)).name();
            for (int period = 0; period < programme.demand.periods().size(); period++) {
                for (int hour = 0; hour < programme.demand.hours().size(); hour++) {
                    int column = programme.replicas[pair][period][hour];
                    if (column >= 0 && values[column] > 0.5) {
                        found.add(new Replicas(
                                capacity.name(), lot, period, hour, Math.round(values[column]), capacity.chips()));
                    }
                }
            }
        }
        return List.copyOf(found);
    }

    private static List<Route> routes(Programme programme, double[] values) {
        Demand demand = programme.demand;
        List<Route> found = new ArrayList<>();
        for (int bucket = 0; bucket < demand.buckets().size(); bucket++) {
            for (int period = 0; period < demand.periods().size(); period++) {
                for (int hour = 0; hour < demand.hours().size(); hour++) {
                    Map<String, Double> byCapacity = new TreeMap<>();
                    double all = 0;
                    for (int stream = 0; stream < programme.streams.size(); stream++) {
                        int column = programme.served[stream][bucket][period][hour];
                        if (column >= 0 && values[column] > NOTHING) {
                            byCapacity.merge(programme.streams.get(stream).name(), values[column], Double::sum);
                            all += values[column];
                        }
                    }
                    for (Map.Entry<String, Double> each : byCapacity.entrySet()) {
                        found.add(
                                new Route(each.getKey(), bucket, period, hour, each.getValue(), each.getValue() / all));
                    }
                }
            }
        }
        return List.copyOf(found);
    }

    private static List<Trains> trains(Programme programme, double[] values) {
        List<Trains> found = new ArrayList<>();
        for (int job = 0; job < programme.training.length; job++) {
            for (int lot = 0; lot < programme.lots.size(); lot++) {
                for (int period = 0; period < programme.demand.periods().size(); period++) {
                    for (int hour = 0; hour < programme.demand.hours().size(); hour++) {
                        int column = programme.training[job][lot][period][hour];
                        if (column >= 0 && values[column] > NOTHING) {
                            found.add(new Trains(
                                    programme.demand.trainings().get(job).name(),
                                    programme.lots.get(lot).name(),
                                    period,
                                    hour,
                                    values[column]));
                        }
                    }
                }
            }
        }
        return List.copyOf(found);
    }

    /** Replicas of a deployment in an hour, on all lots. */
    public long count(String capacity, int period, int hour) {
        return replicas.stream()
                .filter(each -> each.capacity().equals(capacity) && each.period() == period && each.hour() == hour)
                .mapToLong(Replicas::count)
                .sum();
    }

    /** Spend over all lots and periods, not discounted. */
    public double spend() {
        double sum = 0;
        for (double[] byPeriod : spendUsd.values()) {
            for (double usd : byPeriod) {
                sum += usd;
            }
        }
        return sum;
    }

    /** Share of the tokens by value of a label, over all periods. */
    public Map<String, Double> tokenShares(Problem problem, String label) {
        Demand demand = problem.demand().merged();
        Map<String, String> values = new LinkedHashMap<>();
        for (Capacity capacity : problem.capacities()) {
            values.put(capacity.name(), capacity.labels().getOrDefault(label, ""));
        }
        Map<String, Double> tokens = new TreeMap<>();
        double all = 0;
        for (Route route : routes) {
            double of = route.perSecond()
                    * demand.buckets().get(route.bucket()).tokens()
                    * demand.hours(route.period(), route.hour());
            tokens.merge(values.getOrDefault(route.capacity(), ""), of, Double::sum);
            all += of;
        }
        double total = all;
        tokens.replaceAll((value, of) -> of / total);
        return tokens;
    }

    /** Herfindahl's index of shares: 1 is one alone, 1/n is n equal ones. */
    public static double concentration(Map<String, Double> shares) {
        return shares.values().stream().mapToDouble(share -> share * share).sum();
    }
}
