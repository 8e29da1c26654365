package io.polychip.planner;

import io.polychip.fleet.RequestClass;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Requests counted by model, class, length and typical hour, and cut into buckets.
 *
 * <p>Lengths are counted in cells of an eighth of an octave, so memory does not grow with requests. Buckets begin as
 * one for each model and class; the one whose lengths differ most (squared deviation of their logarithm, weighted by
 * tokens) is cut in two at its mean, until there are enough. Not for several threads at a time.
 */
public final class DemandCells {
    private static final double PER_OCTAVE = 8;

    /** Lengths that differ by less than this share on average are alike. */
    private static final double ALIKE = 0.1;

    private final Map<Key, Cell> cells = new LinkedHashMap<>();
    private final int hours;

    /** @param hours typical hours it counts for */
    public DemandCells(int hours) {
        this.hours = hours;
    }

    private record Key(String model, RequestClass requestClass, int input, int output) {}

    private static final class Cell {
        final double[] count;
        double all;
        double input;
        double output;

        Cell(int hours) {
            count = new double[hours];
        }

        double log(boolean ofInput) {
            return StrictMath.log(Math.max(1, (ofInput ? input : output) / all));
        }
    }

    /** @param count how many, or how many a second */
    public void add(int hour, String model, RequestClass requestClass, double input, double output, double count) {
        if (!(count > 0)) {
            return;
        }
        Key key = new Key(model, requestClass, bin(input), bin(output));
        Cell cell = cells.computeIfAbsent(key, _ -> new Cell(hours));
        cell.count[hour] += count;
        cell.all += count;
        cell.input += input * count;
        cell.output += output * count;
    }

    public boolean isEmpty() {
        return cells.isEmpty();
    }

    private static int bin(double tokens) {
        return (int) Math.floor(PER_OCTAVE * StrictMath.log(Math.max(1, tokens)) / StrictMath.log(2));
    }

    /** Cells that will be one bucket. */
    private record Group(Key key, List<Cell> cells) {
        double tokens(Cell cell) {
            return cell.input + cell.output;
        }

        double mean(boolean ofInput) {
            double sum = 0;
            double weight = 0;
            for (Cell cell : cells) {
                sum += cell.log(ofInput) * tokens(cell);
                weight += tokens(cell);
            }
            return sum / weight;
        }

        double deviation(boolean ofInput) {
            double mean = mean(ofInput);
            double sum = 0;
            for (Cell cell : cells) {
                double off = cell.log(ofInput) - mean;
                sum += off * off * tokens(cell);
            }
            return sum;
        }

        double worst() {
            double weight = cells.stream().mapToDouble(this::tokens).sum();
            double worst = Math.max(deviation(true), deviation(false));
            return worst < ALIKE * ALIKE * weight ? 0 : worst;
        }

        List<Group> cut() {
            boolean ofInput = deviation(true) >= deviation(false);
            double mean = mean(ofInput);
            List<Cell> low = new ArrayList<>();
            List<Cell> high = new ArrayList<>();
            for (Cell cell : cells) {
                (cell.log(ofInput) <= mean ? low : high).add(cell);
            }
            return low.isEmpty() || high.isEmpty() ? List.of(this) : List.of(new Group(key, low), new Group(key, high));
        }

        double sum(boolean ofInput) {
            return cells.stream()
                            .mapToDouble(cell -> ofInput ? cell.input : cell.output)
                            .sum()
                    / cells.stream().mapToDouble(cell -> cell.all).sum();
        }
    }

    /**
     * The demand.
     *
     * @param named typical hours, their weights; their rates are filled in here
     * @param seconds over which each hour was counted; 1 where rates were added
     * @param mostBuckets at most so many, but one for each model and class in any case
     */
    public Demand demand(
            List<Demand.Hour> named,
            double[] seconds,
            List<Demand.Period> periods,
            List<Demand.Training> trainings,
            int mostBuckets) {
        List<Group> groups = groups(mostBuckets);
        List<Bucket> buckets = new ArrayList<>();
        for (Group group : groups) {
            buckets.add(bucket(group));
        }
        List<Demand.Hour> rated = new ArrayList<>();
        for (int hour = 0; hour < hours; hour++) {
            double[] rates = new double[groups.size()];
            for (int bucket = 0; bucket < rates.length; bucket++) {
                for (Cell cell : groups.get(bucket).cells()) {
                    rates[bucket] += cell.count[hour] / seconds[hour];
                }
            }
            rated.add(new Demand.Hour(named.get(hour).name(), named.get(hour).weight(), rates));
        }
        return new Demand(buckets, rated, periods, trainings);
    }

    private List<Group> groups(int most) {
        Map<String, Group> first = new TreeMap<>();
        cells.forEach((key, cell) -> first.computeIfAbsent(
                        key.model() + " " + key.requestClass().ordinal(), _ -> new Group(key, new ArrayList<>()))
                .cells()
                .add(cell));
        List<Group> groups = new ArrayList<>(first.values());
        while (groups.size() < most) {
            Group widest = groups.stream()
                    .max(Comparator.comparingDouble(Group::worst))
                    .orElseThrow();
            List<Group> parts = widest.worst() > 0 ? widest.cut() : List.of(widest);
            if (parts.size() == 1) {
                break;
            }
            int at = groups.indexOf(widest);
            groups.remove(at);
            groups.addAll(at, parts);
        }
        return groups;
    }

    private static Bucket bucket(Group group) {
        double input = group.sum(true);
        double output = group.sum(false);
        String name = String.format(
                Locale.ROOT,
                "%s %s %.0f in, %.0f out",
                group.key().model(),
                group.key().requestClass().name().toLowerCase(Locale.ROOT),
                input,
                output);
        return new Bucket(name, group.key().model(), group.key().requestClass(), input, output);
    }
}
