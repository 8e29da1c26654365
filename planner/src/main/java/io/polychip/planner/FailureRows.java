package io.polychip.planner;

import io.polychip.fleet.RequestClass;
import java.util.List;

/**
 * States in which one value of a label is gone, in the busiest hours: at least phi of each class is still served by
 * what is left, splits chosen anew.
 */
final class FailureRows {
    private final Programme programme;
    private final Demand demand;
    private final Milp.Builder builder;

    FailureRows(Programme programme) {
        this.programme = programme;
        this.demand = programme.demand;
        this.builder = programme.builder;
    }

    void add() {
        List<Integer> peaks = demand.peaks(programme.problem.rules().peakHours());
        for (Rules.Survival survival : programme.problem.rules().survivals()) {
            for (String value : programme.values(survival.label())) {
                if (survival.values().isEmpty() || survival.values().contains(value)) {
                    for (int period = 0; period < demand.periods().size(); period++) {
                        for (int hour : peaks) {
                            builder.part(programme.part(period, hour));
                            state(survival, value, period, hour);
                        }
                        builder.part(Milp.WHOLE);
                    }
                }
            }
        }
    }

    private void state(Rules.Survival survival, String lost, int period, int hour) {
        String state = " without " + lost;
        int[][] columns = new int[programme.streams.size()][demand.buckets().size()];
        for (int stream = 0; stream < columns.length; stream++) {
            columns[stream] = stream(survival, lost, stream, period, hour, state);
        }
        for (int bucket = 0; bucket < demand.buckets().size(); bucket++) {
            double asked = demand.rate(period, hour, bucket) * phi(survival, bucket);
            if (asked <= 0) {
                continue;
            }
            Bucket of = demand.buckets().get(bucket);
            int row = builder.atLeast(of.name() + state + ", " + programme.at(period, hour), asked);
            for (int[] stream : columns) {
                if (stream[bucket] >= 0) {
                    builder.term(row, stream[bucket], 1);
                }
            }
            programme.promise(row, Promise.Kind.SURVIVAL, survival.label() + " " + lost, "requests/s", 1);
        }
    }

    private double phi(Rules.Survival survival, int bucket) {
        RequestClass of = demand.buckets().get(bucket).requestClass();
        return survival.phi().getOrDefault(of, 0.0);
    }

    /** What a stream serves of each bucket in the state, within the replicas it has left. */
    private int[] stream(Rules.Survival survival, String lost, int stream, int period, int hour, String state) {
        Capacity capacity =
                programme.capacities.get(programme.streams.get(stream).capacity());
        List<Integer> left = programme.streams.get(stream).pairs().stream()
                .filter(pair -> !programme
                        .label(programme.pairs.get(pair), survival.label())
                        .equals(lost))
                .filter(pair -> programme.lot(programme.pairs.get(pair)).usable(period))
                .toList();
        int[] columns = new int[demand.buckets().size()];
        for (int bucket = 0; bucket < columns.length; bucket++) {
            double asked = demand.rate(period, hour, bucket) * phi(survival, bucket);
            columns[bucket] = left.isEmpty() || asked <= 0 || !capacity.serves(bucket)
                    ? -1
                    : builder.column(
                            "%s by %s%s, %s"
                                    .formatted(
                                            demand.buckets().get(bucket).name(),
                                            programme.streams.get(stream).name(),
                                            state,
                                            programme.at(period, hour)),
                            0,
                            asked,
                            0,
                            false);
        }
        if (!left.isEmpty()) {
            load(stream, capacity, left, columns, period, hour, state);
        }
        return columns;
    }

    private void load(
            int stream, Capacity capacity, List<Integer> left, int[] columns, int period, int hour, String state) {
        String name = programme.streams.get(stream).name() + ", " + programme.at(period, hour);
        if (programme.lot(programme.pairs.get(left.getFirst())) instanceof Lot.Hosted hosted) {
            int[][][] cube = new int[columns.length][][];
            for (int bucket = 0; bucket < columns.length; bucket++) {
                cube[bucket] = new int[period + 1][hour + 1];
                cube[bucket][period][hour] = columns[bucket];
            }
            ServingRows.quota(programme, hosted, name, period, hour, cube, state);
            return;
        }
        int row = builder.atMost("load of " + name + state, 0);
        for (int bucket = 0; bucket < columns.length; bucket++) {
            if (columns[bucket] >= 0) {
                builder.term(row, columns[bucket], 1 / capacity.perSecond()[bucket]);
            }
        }
        for (int pair : left) {
            // In a failure training gives way: all replicas serve.
            builder.term(
                    row,
                    programme.replicas[pair][period][hour],
                    -ServingRows.kept(programme.lot(programme.pairs.get(pair))));
        }
    }
}
