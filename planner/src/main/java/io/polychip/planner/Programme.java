package io.polychip.planner;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The programme of {@code PLANNING.md}: whole replicas per deployment and offer, shares of each bucket per typical hour
 * and per state of failure.
 *
 * <p>Columns: chips bound for a term (per committed lot and starting period), replicas (per pair of deployment and lot;
 * for a commitment the same in all hours), requests a second served (per stream, bucket, period and hour). A stream is
 * a deployment on lots that no rule tells apart. Equal hours are one. Size for ten offers, three models, 24 hours and a
 * dozen buckets: some thousand columns.
 */
public final class Programme {
    final Problem problem;
    final Demand demand;
    final List<Capacity> capacities;
    final List<Lot> lots;
    final List<Pair> pairs = new ArrayList<>();
    final List<Stream> streams = new ArrayList<>();
    final List<Promise> promises = new ArrayList<>();
    final Milp.Builder builder = new Milp.Builder();

    /** By lot and starting period: units bought for a term; -1 where none. */
    final int[][] bought;

    /** By pair, period, hour: replicas; of a commitment the same column in all hours. */
    final int[][][] replicas;

    /** By pair, period, hour: replicas that serve, where training may have the rest; else -1. */
    final int[][][] serving;

    /** By stream, bucket, period, hour: requests a second. */
    final int[][][][] served;

    /** By job, lot, period, hour: chips that train. */
    final int[][][][] training;

    /** Each deal's columns. */
    final List<Contract> contracts;

    /** By lot: whether another does the same for no more. */
    final boolean[] outdone;

    private final Milp milp;

    /** A deployment on a lot's chips. */
    record Pair(int capacity, int lot, String name) {}

    /** A deployment on lots that no rule tells apart. @param pairs on those lots */
    record Stream(int capacity, List<Integer> pairs, String name) {}

    public Programme(Problem problem) {
        this.problem = problem;
        this.demand = problem.demand().merged();
        this.capacities = problem.capacities();
        this.lots = problem.lots();
        this.outdone = Outdone.in(problem);
        pair();
        int periods = demand.periods().size();
        int hours = demand.hours().size();
        bought = new int[lots.size()][periods];
        replicas = new int[pairs.size()][periods][hours];
        serving = new int[pairs.size()][periods][hours];
        served = new int[streams.size()][demand.buckets().size()][periods][hours];
        training = new int[demand.trainings().size()][lots.size()][periods][hours];
        for (int[] row : bought) {
            Arrays.fill(row, -1);
        }
        fill(replicas);
        fill(serving);
        for (int[][][] each : served) {
            fill(each);
        }
        for (int[][][] each : training) {
            fill(each);
        }
        new SupplyRows(this).add();
        new ServingRows(this).add();
        new FailureRows(this).add();
        new RuleRows(this).add();
        contracts = new ContractRows(this).add();
        milp = builder.build();
    }

    private static void fill(int[][][] columns) {
        for (int[][] plane : columns) {
            for (int[] row : plane) {
                Arrays.fill(row, -1);
            }
        }
    }

    /** Which deployment can stand on which lot, and which of those pairs rules tell apart. */
    private void pair() {
        for (int capacity = 0; capacity < capacities.size(); capacity++) {
            List<List<Integer>> groups = new ArrayList<>();
            List<String> signs = new ArrayList<>();
            for (int lot = 0; lot < lots.size(); lot++) {
                if (!fits(capacities.get(capacity), lots.get(lot))) {
                    continue;
                }
                Pair pair = new Pair(
                        capacity,
                        lot,
                        capacities.get(capacity).name() + " on " + lots.get(lot).name());
                String sign = sign(pair);
                int group = signs.indexOf(sign);
                if (group < 0) {
                    group = signs.size();
                    signs.add(sign);
                    groups.add(new ArrayList<>());
                }
                groups.get(group).add(pairs.size());
                pairs.add(pair);
            }
            for (List<Integer> group : groups) {
                streams.add(new Stream(
                        capacity, List.copyOf(group), capacities.get(capacity).name()));
            }
        }
    }

    private static boolean fits(Capacity capacity, Lot lot) {
        return switch (lot) {
            case Lot.Chips chips -> capacity.chips() > 0 && capacity.chip().equals(chips.chip());
            case Lot.Hosted hosted -> capacity.chips() == 0 && capacity.name().equals(hosted.name());
        };
    }

    /**
     * Pairs with equal signs stay one stream: hosted ones apart, and lots that differ in a label tokens are counted by,
     * in what a kWh costs or in the carbon of it where that counts.
     */
    private String sign(Pair pair) {
        Lot lot = lot(pair);
        StringBuilder sign = new StringBuilder(lot instanceof Lot.Hosted ? lot.name() : "");
        sign.append(ContractRows.sign(problem.deals(), lot.name()));
        for (Rules.Share share : problem.rules().shares()) {
            if (share.basis() == Rules.Basis.TOKENS) {
                sign.append('|').append(lot.labels().getOrDefault(share.label(), ""));
            }
        }
        sign.append('|').append(usdPerKwh(pair));
        if (problem.rules().countsCarbon()) {
            sign.append('|').append(grams(pair));
        }
        return sign.toString();
    }

    public Milp milp() {
        return milp;
    }

    public List<Promise> promises() {
        return List.copyOf(promises);
    }

    Lot lot(Pair pair) {
        return lots.get(pair.lot());
    }

    Capacity capacity(Pair pair) {
        return capacities.get(pair.capacity());
    }

    /** A label's value for a pair: the deployment's, else the lot's; empty where neither has it. */
    String label(Pair pair, String label) {
        String own = capacity(pair).labels().get(label);
        return own != null ? own : lot(pair).labels().getOrDefault(label, "");
    }

    /** Of CO2 for a kWh where a pair stands; 0 where nobody knows. */
    double grams(Pair pair) {
        return problem.rules().gramsCo2PerKwh().getOrDefault(label(pair, "region"), 0.0);
    }

    /** Beside the price of the chips, what carbon costs included. */
    double usdPerKwh(Pair pair) {
        double energy = lot(pair) instanceof Lot.Chips chips ? chips.usdPerKwh() : 0;
        return energy + grams(pair) * problem.rules().usdPerTonneCo2() / 1e6;
    }

    /** Every value a label has among the pairs, in their order. */
    List<String> values(String label) {
        return pairs.stream()
                .map(pair -> label(pair, label))
                .filter(value -> !value.isEmpty())
                .distinct()
                .sorted()
                .toList();
    }

    /** Chips of a commitment that are bound in a period, as units times multiple. */
    Sum bound(int lot, int period) {
        Sum sum = new Sum();
        if (lots.get(lot) instanceof Lot.Chips chips) {
            for (int start = Math.max(0, period - chips.termPeriods() + 1); start <= period; start++) {
                if (bought[lot][start] >= 0) {
                    sum.add(bought[lot][start], chips.multiple());
                }
            }
        }
        return sum;
    }

    /** What a lot costs in a period, not discounted, energy aside. */
    Sum spend(int lot, int period) {
        Sum sum = new Sum();
        for (int hour = 0; hour < demand.hours().size(); hour++) {
            sum.add(spend(lot, period, hour), 1);
        }
        return sum;
    }

    Sum spend(int lot, int period, int hour) {
        Sum sum = new Sum();
        double hours = demand.hours(period, hour);
        switch (lots.get(lot)) {
            case Lot.Chips chips
            when chips.kind() == Lot.Kind.COMMITTED -> sum.add(bound(lot, period), chips.usdPerChipHour() * hours);
            case Lot.Chips chips -> sum.add(chips(lot, period, hour), chips.usdPerChipHour() * hours);
            case Lot.Hosted hosted -> {
                for (int stream = 0; stream < streams.size(); stream++) {
                    if (pairs.get(streams.get(stream).pairs().getFirst()).lot() == lot) {
                        hosted(hosted, stream, period, hour, sum);
                    }
                }
            }
        }
        return sum;
    }

    private void hosted(Lot.Hosted hosted, int stream, int period, int hour, Sum sum) {
        for (int bucket = 0; bucket < demand.buckets().size(); bucket++) {
            int column = served[stream][bucket][period][hour];
            if (column >= 0) {
                sum.add(column, hosted.usdPerRequest(demand.buckets().get(bucket)) * 3600 * demand.hours(period, hour));
            }
        }
    }

    /** Chips of a lot that replicas stand on. */
    Sum replicaChips(int lot, int period, int hour) {
        Sum sum = new Sum();
        for (int pair = 0; pair < pairs.size(); pair++) {
            if (pairs.get(pair).lot() == lot && replicas[pair][period][hour] >= 0) {
                sum.add(replicas[pair][period][hour], capacity(pairs.get(pair)).chips());
            }
        }
        return sum;
    }

    /** Chips of a lot that replicas stand on or jobs train on. */
    Sum chips(int lot, int period, int hour) {
        Sum sum = replicaChips(lot, period, hour);
        for (int[][][] job : training) {
            if (job[lot][period][hour] >= 0) {
                sum.add(job[lot][period][hour], 1);
            }
        }
        return sum;
    }

    /** Tokens a second of a stream. */
    Sum tokens(int stream, int period, int hour) {
        Sum sum = new Sum();
        for (int bucket = 0; bucket < demand.buckets().size(); bucket++) {
            int column = served[stream][bucket][period][hour];
            if (column >= 0) {
                sum.add(column, demand.buckets().get(bucket).tokens());
            }
        }
        return sum;
    }

    void promise(int row, Promise.Kind kind, String subject, String unit, double perUnit) {
        promises.add(new Promise(row, kind, subject, unit, perUnit));
    }

    /** Of rows that speak of this hour alone. */
    int part(int period, int hour) {
        return period * demand.hours().size() + hour;
    }

    String at(int period, int hour) {
        return demand.periods().get(period).name() + ", "
                + demand.hours().get(hour).name();
    }
}
