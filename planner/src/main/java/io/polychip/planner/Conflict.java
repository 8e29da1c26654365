package io.polychip.planner;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * What stands in each other's way where no plan exists: the smallest set of promises to give way on, and by how much.
 *
 * <p>Rows of one kind and subject share one switch; a row may be missed once its switch is on. First the fewest
 * switches are sought, then, with those held, the least that rows are missed by, each as a share of its own size: two
 * searches, each for half the time, since a gap that is small beside a switch may be all of a miss. Survival is also
 * said as the largest share that can be kept.
 */
public final class Conflict {
    /** A miss smaller than this share of a row is a rounding error. */
    private static final double NOTHING = 1e-6;

    /** A gap below this is none. */
    private static final double PROVEN = 1e-6;

    /** What a miss counts beside a switch: of sets of one size the one with less to miss comes first. */
    private static final double BESIDE = 1e-3;

    private Conflict() {}

    /**
     * One promise to give way on.
     *
     * @param by how much at the worst of its rows, in its unit
     * @param of what was promised there, in the same unit
     * @param kept share of the promise that can be kept: of survival, the largest phi over the one asked for
     * @param least whether it is proven that no smaller set, and nothing less of it, does
     */
    public record Way(
            Promise.Kind kind, String subject, double by, double of, String unit, double kept, boolean least) {
        /** In words. */
        public String words() {
            return switch (kind) {
                case SURVIVAL ->
                    "Losing %s: at most %.0f %% of what was to survive it can be served."
                            .formatted(subject, Math.floor(kept * 100 + 1e-6));
                case AVAILABILITY ->
                    "%s: needs %s more %s than the %s offered.".formatted(subject, amount(by), unit, amount(of));
                case SHARE_CAP -> "The cap on %s: must be exceeded by %.1f points of all.".formatted(subject, by * 100);
                case SHARE_FLOOR ->
                    "The least share of %s: must be missed by %.1f points of all.".formatted(subject, by * 100);
                case BUDGET ->
                    String.format(
                            Locale.ROOT,
                            "The budget: $%,.0f more is needed than the $%,.0f it allows in a period of the plan.",
                            Math.ceil(by - 1e-6 * Math.max(1, by)),
                            of);
                case QUOTA, POWER -> "%s: needs %s %s more than %s.".formatted(subject, amount(by), unit, amount(of));
                case CARBON ->
                    "The cap on %s: needs %s %s more than %s.".formatted(subject, amount(by), unit, amount(of));
                case DEADLINE -> "%s: only %.0f %% of it is done by its deadline.".formatted(subject, kept * 100);
                case CONTRACT -> "%s: its terms must be missed by %s %s.".formatted(subject, amount(by), unit);
                case DEMAND ->
                    "%s: %s %s of %s cannot be served by anything.".formatted(subject, amount(by), unit, amount(of));
            };
        }

        /** A solver's whole numbers are whole but for its tolerance. */
        private static String amount(double value) {
            double whole = Math.rint(value);
            if (Math.abs(value - whole) <= 1e-6 * Math.max(1, whole)) {
                return "%.0f".formatted(whole);
            }
            return value >= 1000 ? "%.0f".formatted(Math.ceil(value)) : String.format(Locale.ROOT, "%.2f", value);
        }
    }

    /** @return empty when the programme can be satisfied after all, or no way was found in time */
    public static List<Way> of(Programme programme, Search search, Solver.Effort effort) {
        return of(programme, search, effort, Set.of());
    }

    /**
     * The smallest set that leaves these kinds as they are: what else could give way.
     *
     * @return likewise, or when nothing but these kinds can give way
     */
    public static List<Way> of(Programme programme, Search search, Solver.Effort effort, Set<Promise.Kind> firm) {
        Milp milp = programme.milp();
        List<Promise> promises = programme.promises().stream()
                .filter(promise -> !firm.contains(promise.kind()))
                .toList();
        Milp.Builder builder = milp.toBuilder();
        for (int column = 0; column < milp.columns(); column++) {
            builder.cost(column, 0);
        }
        Map<String, Integer> switches = new LinkedHashMap<>();
        int[] slack = new int[promises.size()];
        for (int i = 0; i < slack.length; i++) {
            slack[i] = slack(builder, milp, promises.get(i), switches);
        }
        Solver.Effort half = new Solver.Effort(effort.seconds() / 2, Math.min(effort.gap(), PROVEN));
        Solution fewest = search.run(builder.build(), half);
        if (!fewest.found()) {
            return List.of();
        }
        Milp held = held(builder, switches.values(), slack, fewest.values());
        Solution least = search.run(held, fewest.values(), half, new Stop(), Solver.Progress.SILENT);
        boolean proven = fewest.gap() <= PROVEN && least.gap() <= PROVEN;
        return ways(promises, milp, slack, least.found() ? least.values() : fewest.values(), proven);
    }

    /** Only what rows are missed by counts, and no other switch is on. */
    private static Milp held(Milp.Builder builder, Collection<Integer> switches, int[] slack, double[] values) {
        for (int on : switches) {
            double as = Math.rint(values[on]);
            builder.cost(on, 0);
            builder.term(builder.row("held", as, as), on, 1);
        }
        for (int column : slack) {
            builder.cost(column, 1);
        }
        return builder.build();
    }

    /** Adds a row's slack; rows that are narrowed by columns' own bounds widen these with it. */
    private static int slack(Milp.Builder builder, Milp milp, Promise promise, Map<String, Integer> switches) {
        int on = switches.computeIfAbsent(
                promise.kind() + " " + promise.subject(),
                name -> builder.column(name, 0, 1, weight(promise.kind()), true));
        int row = promise.row();
        double size = size(milp, row);
        double most = promise.kind() == Promise.Kind.SURVIVAL || promise.kind() == Promise.Kind.DEMAND ? 1 : 50;
        boolean fewer = Double.isFinite(milp.rowUpper(row)) && !Double.isFinite(milp.rowLower(row));
        // In its row's size: a dollar of thousands, at its own cost, is less than a solver looks at.
        int column = builder.column("miss of " + milp.rowName(row), 0, most, BESIDE, false);
        builder.term(row, column, fewer ? -size : size);
        int linked = builder.atMost("only if given way, " + milp.rowName(row), 0);
        builder.term(linked, column, 1).term(linked, on, -most);
        return column;
    }

    /** Demand itself is the last to give way on. */
    private static double weight(Promise.Kind kind) {
        return kind == Promise.Kind.DEMAND ? 100 : 1;
    }

    private static double size(Milp milp, int row) {
        double upper = Math.abs(milp.rowUpper(row));
        double lower = Math.abs(milp.rowLower(row));
        double size = Double.isFinite(upper) ? upper : lower;
        return Double.isFinite(size) && size > 0 ? size : 1;
    }

    private static List<Way> ways(List<Promise> promises, Milp milp, int[] slack, double[] values, boolean least) {
        Map<String, Way> worst = new LinkedHashMap<>();
        for (int i = 0; i < slack.length; i++) {
            Promise promise = promises.get(i);
            double size = size(milp, promise.row());
            double missed = values[slack[i]] * size;
            if (missed <= NOTHING * size) {
                continue;
            }
            Way way = new Way(
                    promise.kind(),
                    promise.subject(),
                    missed * promise.perUnit(),
                    size * promise.perUnit(),
                    promise.unit(),
                    Math.max(0, 1 - missed / size),
                    least);
            worst.merge(promise.kind() + promise.subject(), way, (one, other) -> one.by() >= other.by() ? one : other);
        }
        return new ArrayList<>(worst.values());
    }
}
