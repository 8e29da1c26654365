package io.polychip.planner;

/** All demand is served in the normal state, within what replicas can carry and quotas allow. */
final class ServingRows {
    private final Programme programme;
    private final Demand demand;
    private final Milp.Builder builder;

    ServingRows(Programme programme) {
        this.programme = programme;
        this.demand = programme.demand;
        this.builder = programme.builder;
    }

    void add() {
        for (int period = 0; period < demand.periods().size(); period++) {
            for (int hour = 0; hour < demand.hours().size(); hour++) {
                builder.part(programme.part(period, hour));
                for (int stream = 0; stream < programme.streams.size(); stream++) {
                    columns(stream, period, hour);
                    load(stream, period, hour);
                }
            }
            builder.part(Milp.WHOLE);
            for (int bucket = 0; bucket < demand.buckets().size(); bucket++) {
                if (demand.waits(bucket)) {
                    withinTheDay(bucket, period);
                } else {
                    byTheHour(bucket, period);
                }
            }
        }
        tokensCost();
    }

    private void columns(int stream, int period, int hour) {
        Capacity capacity =
                programme.capacities.get(programme.streams.get(stream).capacity());
        for (int bucket = 0; bucket < demand.buckets().size(); bucket++) {
            double rate = demand.rate(period, hour, bucket);
            boolean ever = demand.waits(bucket) || rate > 0;
            if (capacity.serves(bucket) && ever && usable(stream, period)) {
                programme.served[stream][bucket][period][hour] = builder.column(
                        "%s by %s, %s"
                                .formatted(
                                        demand.buckets().get(bucket).name(),
                                        programme.streams.get(stream).name(),
                                        programme.at(period, hour)),
                        0,
                        demand.waits(bucket) ? Double.POSITIVE_INFINITY : rate,
                        0,
                        false);
            }
        }
    }

    private boolean usable(int stream, int period) {
        return programme.streams.get(stream).pairs().stream()
                .anyMatch(pair -> programme.lot(programme.pairs.get(pair)).usable(period));
    }

    /** Busy shares of a stream's buckets add up to at most its replicas; a hosted stream keeps to its quotas. */
    private void load(int stream, int period, int hour) {
        String name = programme.streams.get(stream).name() + ", " + programme.at(period, hour);
        Programme.Pair first =
                programme.pairs.get(programme.streams.get(stream).pairs().getFirst());
        if (programme.lot(first) instanceof Lot.Hosted hosted) {
            quota(programme, hosted, name, period, hour, programme.served[stream], "");
            return;
        }
        int row = builder.atMost("load of " + name, 0);
        int[][][] columns = programme.served[stream];
        Capacity capacity =
                programme.capacities.get(programme.streams.get(stream).capacity());
        for (int bucket = 0; bucket < columns.length; bucket++) {
            if (columns[bucket][period][hour] >= 0) {
                builder.term(row, columns[bucket][period][hour], 1 / capacity.perSecond()[bucket]);
            }
        }
        for (int pair : programme.streams.get(stream).pairs()) {
            int busy = programme.serving[pair][period][hour];
            int column = busy >= 0 ? busy : programme.replicas[pair][period][hour];
            if (column >= 0) {
                builder.term(row, column, -kept(programme.lot(programme.pairs.get(pair))));
            }
        }
    }

    static double kept(Lot lot) {
        return lot instanceof Lot.Chips chips ? chips.kept() : 1;
    }

    /** Requests and tokens a second of a hosted API, in a state of failure or none. */
    static void quota(
            Programme programme,
            Lot.Hosted hosted,
            String name,
            int period,
            int hour,
            int[][][] columns,
            String state) {
        Milp.Builder builder = programme.builder;
        boolean requests = Double.isFinite(hosted.requestsPerSecond());
        boolean tokens = Double.isFinite(hosted.tokensPerSecond());
        int requestRow = requests ? builder.atMost("requests of " + name + state, hosted.requestsPerSecond()) : -1;
        int tokenRow = tokens ? builder.atMost("tokens of " + name + state, hosted.tokensPerSecond()) : -1;
        for (int bucket = 0; bucket < columns.length; bucket++) {
            int column = columns[bucket][period][hour];
            if (column >= 0 && requests) {
                builder.term(requestRow, column, 1);
            }
            if (column >= 0 && tokens) {
                builder.term(
                        tokenRow, column, programme.demand.buckets().get(bucket).tokens());
            }
        }
        if (requests) {
            programme.promise(requestRow, Promise.Kind.QUOTA, hosted.name(), "requests/min", 60);
        }
        if (tokens) {
            programme.promise(tokenRow, Promise.Kind.QUOTA, hosted.name(), "tokens/min", 60);
        }
    }

    private void byTheHour(int bucket, int period) {
        Bucket asked = demand.buckets().get(bucket);
        for (int hour = 0; hour < demand.hours().size(); hour++) {
            double rate = demand.rate(period, hour, bucket);
            if (rate <= 0) {
                continue;
            }
            builder.part(programme.part(period, hour));
            int row = builder.row(asked.name() + " is served, " + programme.at(period, hour), rate, rate);
            builder.part(Milp.WHOLE);
            for (int[][][] stream : programme.served) {
                if (stream[bucket][period][hour] >= 0) {
                    builder.term(row, stream[bucket][period][hour], 1);
                }
            }
            programme.promise(row, Promise.Kind.DEMAND, asked.name(), "requests/s", 1);
        }
    }

    /** Batch may wait for a better hour of its day. */
    private void withinTheDay(int bucket, int period) {
        double rate = 0;
        for (int hour = 0; hour < demand.hours().size(); hour++) {
            rate += demand.rate(period, hour, bucket) * demand.share(hour);
        }
        if (rate <= 0) {
            return;
        }
        Bucket asked = demand.buckets().get(bucket);
        int row = builder.row(
                asked.name() + " is served, " + demand.periods().get(period).name(), rate, rate);
        for (int[][][] stream : programme.served) {
            for (int hour = 0; hour < demand.hours().size(); hour++) {
                if (stream[bucket][period][hour] >= 0) {
                    builder.term(row, stream[bucket][period][hour], demand.share(hour));
                }
            }
        }
        programme.promise(row, Promise.Kind.DEMAND, asked.name(), "requests/s", 1);
    }

    /** Hosted tokens, now that their columns are there. */
    private void tokensCost() {
        for (int lot = 0; lot < programme.lots.size(); lot++) {
            if (programme.lots.get(lot) instanceof Lot.Hosted) {
                for (int period = 0; period < demand.periods().size(); period++) {
                    programme
                            .spend(lot, period)
                            .cost(builder, demand.periods().get(period).discount());
                }
            }
        }
    }
}
