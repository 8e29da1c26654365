package io.polychip.planner;

import io.polychip.fleet.Deal;
import io.polychip.fleet.Supply;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * What would change a plan: the price at which each offer enters that it leaves, and what one more of each scarce thing
 * saves. The programme with fractions says where to look; whole numbers, solved again from the plan, say what is true:
 * a chip that comes in eights enters later, and one more chip may be worth nothing.
 *
 * @param usd the plan's cost, searched as long as each of the others, in dollars of now
 * @param doubtUsd how far below that the best may be: savings smaller than this may be the search's own
 */
public record Sensitivity(double usd, double doubtUsd, List<Entry> entries, List<More> scarce) {
    /**
     * Shares of the price at which an offer enters with fractions that are tried with whole numbers, until one does.
     */
    private static final double[] BELOW = {0.99, 0.7, 0.35, Sensitivity.LEAST};

    /** The least of them. */
    public static final double LEAST = 0.15;

    /** Halvings between the price at which whole numbers take it and the next that was tried. */
    private static final int WHOLE_HALVINGS = 4;

    /** Halvings of the price: to a thousandth. */
    private static final int HALVINGS = 10;

    private static final double NOTHING = 1e-6;

    public Sensitivity {
        entries = List.copyOf(entries);
        scarce = List.copyOf(scarce);
    }

    /**
     * An offer the plan leaves; of several on one chip and of one kind the cheapest.
     *
     * @param askedUsd for a chip and hour, or for a million answer tokens of a hosted API
     * @param fractions share of its price at which it enters with fractions allowed; 0: not even for nothing
     * @param whole share of its price at which a plan of whole numbers was found that takes it; 0: at none that was
     *     tried
     * @param open share of its price from which on it is proven that no such plan is cheaper
     * @param proven whether that is the next price tried above {@code whole}; otherwise a search ended early, and what
     *     it did not find says nothing
     * @param savesUsd what the plan is cheaper at {@code whole}
     */
    public record Entry(
            Lot lot, double askedUsd, double fractions, double whole, double open, boolean proven, double savesUsd) {
        public double entersUsd() {
            return askedUsd * whole;
        }

        /** Most it may cost and still enter, as far as the searches can tell. */
        public double mayEnterUsd() {
            return askedUsd * open;
        }
    }

    /**
     * A scarce thing.
     *
     * @param step how much more of it was tried, in its unit: a replica's chips, one more of a small unit
     * @param fractionsUsd what that would save with fractions allowed
     * @param savesUsd what it saves in whole numbers
     * @param mostUsd most it can save, by what the searches proved
     */
    public record More(
            Promise.Kind kind,
            String subject,
            String unit,
            double step,
            double fractionsUsd,
            double savesUsd,
            double mostUsd) {}

    /** @param effort seconds for all searches together @param heard what is looked at, in words */
    public static Sensitivity of(
            Problem problem, Plan plan, Search search, Solver.Effort effort, Stop stop, Consumer<String> heard) {
        Programme programme = new Programme(problem);
        List<Worth.Scarce> scarce = Worth.scarce(programme, search.relax(programme.milp())).stream()
                .filter(each -> step(problem, each) > 0)
                .toList();
        Collection<Lot> left = left(programme, plan);
        double seconds = effort.seconds() / (1 + 6 * left.size() + scarce.size());
        Again again = new Again(search, plan, new Solver.Effort(Math.max(0.2, seconds), effort.gap()), stop);
        heard.accept("the plan itself");
        Solution base = again.solve(programme);
        if (!base.found()) {
            return new Sensitivity(plan.usd(), plan.usd() - plan.boundUsd(), List.of(), List.of());
        }
        List<More> more = new ArrayList<>();
        for (Worth.Scarce each : scarce) {
            if (!stop.stopped()) {
                heard.accept("more of " + each.subject());
                more.add(more(problem, each, base, again));
            }
        }
        List<Entry> entries = new ArrayList<>();
        for (Lot lot : left) {
            if (!stop.stopped()) {
                heard.accept("the price of " + lot.name());
                entries.add(entry(problem, lot, base, again));
            }
        }
        entries.sort(Comparator.comparingDouble(Entry::whole).reversed());
        return new Sensitivity(base.objective(), Math.max(0, base.objective() - base.bound()), entries, more);
    }

    /** Solves variants of the plan's problem, each begun from the plan. */
    private record Again(Search search, Plan plan, Solver.Effort effort, Stop stop) {
        Solution solve(Programme programme) {
            double[] start = Start.of(programme, plan, search);
            return search.run(programme.milp(), start, effort, stop, Solver.Progress.SILENT);
        }
    }

    /** Offers that something could stand on and the plan leaves: the cheapest of each chip and kind. */
    private static Collection<Lot> left(Programme programme, Plan plan) {
        Map<String, Lot> left = new LinkedHashMap<>();
        for (int index = 0; index < programme.lots.size(); index++) {
            Lot lot = programme.lots.get(index);
            int at = index;
            double spent = 0;
            for (double usd : plan.spendUsd().getOrDefault(lot.name(), new double[0])) {
                spent += usd;
            }
            Supply offer = programme.problem.deals().offer(lot.name());
            Deal deal = offer == null ? null : programme.problem.deals().deal(offer.onlyWith());
            if (deal != null && !deal.taken()) {
                continue; // no price of its own brings it in: DealTurns looks at its deal
            }
            if (spent <= NOTHING && programme.pairs.stream().anyMatch(pair -> pair.lot() == at)) {
                String kind = lot instanceof Lot.Chips chips ? chips.chip() + " " + chips.kind() : lot.name();
                left.merge(kind, lot, (one, other) -> price(other) < price(one) ? other : one);
            }
        }
        return left.values();
    }

    private static double price(Lot lot) {
        return switch (lot) {
            case Lot.Chips chips -> chips.usdPerChipHour();
            case Lot.Hosted hosted -> hosted.usdPerMillionOutput();
        };
    }

    private static Entry entry(Problem problem, Lot lot, Solution base, Again again) {
        double low = 0;
        double high = 1;
        if (!taken(problem, lot, 0, again)) {
            return new Entry(lot, price(lot), 0, 0, 0, true, 0);
        }
        for (int i = 0; i < HALVINGS; i++) {
            double middle = (low + high) / 2;
            if (taken(problem, lot, middle, again)) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return whole(problem, lot, low, base, again);
    }

    /** Whole numbers may take it later than fractions, where it comes in many, or earlier, where it fills a gap. */
    private static Entry whole(Problem problem, Lot lot, double fractions, Solution base, Again again) {
        double not = 1;
        double open = 1;
        double taken = 0;
        double saves = 0;
        int halvings = 0;
        for (int i = 0; halvings < WHOLE_HALVINGS && (taken > 0 || i < BELOW.length); i++) {
            double at = taken > 0 ? (taken + not) / 2 : fractions * BELOW[i];
            halvings += taken > 0 ? 1 : 0;
            Tried tried = tried(problem, lot, at, base, again);
            if (tried.taken()) {
                taken = at;
                saves = tried.savesUsd();
            } else {
                not = at;
                open = tried.left() ? Math.min(open, at) : open;
            }
        }
        return new Entry(lot, price(lot), fractions, taken, open, open == not, saves);
    }

    /**
     * One price.
     *
     * @param taken a plan was found that uses the offer and costs no more
     * @param left it is proven that no plan is cheaper than the one without it; neither, where the search ended early
     */
    private record Tried(boolean taken, boolean left, double savesUsd) {}

    private static Tried tried(Problem problem, Lot lot, double factor, Solution base, Again again) {
        Programme programme = new Programme(repriced(problem, lot, factor));
        Solution solution = again.solve(programme);
        double saves = base.objective() - solution.objective();
        boolean taken = solution.found() && used(programme, lot.name(), solution) && saves >= 0;
        boolean left = base.objective() - solution.bound() <= NOTHING * Math.abs(base.objective());
        return new Tried(taken, left, saves);
    }

    private static boolean taken(Problem problem, Lot lot, double factor, Again again) {
        Programme programme = new Programme(repriced(problem, lot, factor));
        Solution solution = again.search().relax(programme.milp()).solution();
        return solution.found() && used(programme, lot.name(), solution);
    }

    private static boolean used(Programme programme, String lot, Solution solution) {
        double used = 0;
        for (int pair = 0; pair < programme.pairs.size(); pair++) {
            if (programme.lot(programme.pairs.get(pair)).name().equals(lot)) {
                for (int[] hours : programme.replicas[pair]) {
                    used += sum(hours, solution);
                }
            }
        }
        for (int stream = 0; stream < programme.streams.size(); stream++) {
            int first = programme.streams.get(stream).pairs().getFirst();
            Lot of = programme.lot(programme.pairs.get(first));
            if (of instanceof Lot.Hosted && of.name().equals(lot)) {
                for (int[][] bucket : programme.served[stream]) {
                    for (int[] hours : bucket) {
                        used += sum(hours, solution);
                    }
                }
            }
        }
        return used > NOTHING;
    }

    private static double sum(int[] columns, Solution solution) {
        double sum = 0;
        for (int column : columns) {
            sum += column < 0 ? 0 : solution.values()[column];
        }
        return sum;
    }

    private static Problem repriced(Problem problem, Lot lot, double factor) {
        Lot repriced = switch (lot) {
            case Lot.Chips chips -> chips.priced(chips.usdPerChipHour() * factor);
            case Lot.Hosted hosted ->
                new Lot.Hosted(
                        hosted.name(),
                        hosted.chip(),
                        hosted.labels(),
                        hosted.usdPerMillionInput() * factor,
                        hosted.usdPerMillionOutput() * factor,
                        hosted.requestsPerSecond(),
                        hosted.tokensPerSecond(),
                        hosted.firstPeriod(),
                        hosted.lastPeriod());
        };
        return replaced(problem, repriced);
    }

    private static Problem replaced(Problem problem, Lot lot) {
        return problem.withLots(problem.lots().stream()
                .map(each -> each.name().equals(lot.name()) ? lot : each)
                .toList());
    }

    private static More more(Problem problem, Worth.Scarce scarce, Solution base, Again again) {
        double step = step(problem, scarce);
        Solution solution = again.solve(new Programme(grown(problem, scarce, step)));
        return new More(
                scarce.kind(),
                scarce.subject(),
                scarce.unit(),
                step,
                scarce.usd() * step,
                Math.max(0, base.objective() - solution.objective()),
                Math.max(0, base.objective() - solution.bound()));
    }

    /** How much more is tried; 0 for what is no thing one could have more of. */
    private static double step(Problem problem, Worth.Scarce scarce) {
        return switch (scarce.kind()) {
            case AVAILABILITY -> chips(problem, scarce.subject());
            case QUOTA -> scarce.unit().startsWith("tokens") ? 100_000 : 60;
            case BUDGET -> problem.rules().budgetUsd() / 100;
            case POWER -> 0.1;
            case CARBON -> 1;
            case SHARE_CAP -> 0.01;
            case SURVIVAL, SHARE_FLOOR, DEADLINE, CONTRACT, DEMAND -> 0;
        };
    }

    /** Of the smallest replica that stands on an offer, or on one of a stock's, in the multiple it comes in. */
    private static double chips(Problem problem, String subject) {
        double least = Double.POSITIVE_INFINITY;
        for (Lot lot : problem.lots()) {
            boolean of = lot.name().equals(subject)
                    || problem.rules().stocks().stream()
                            .anyMatch(stock ->
                                    stock.name().equals(subject) && stock.lots().contains(lot.name()));
            if (of && lot instanceof Lot.Chips chips) {
                for (Capacity capacity : problem.capacities()) {
                    if (capacity.chips() > 0 && capacity.chip().equals(chips.chip())) {
                        int multiple = chips.multiple();
                        least = Math.min(least, (double) Math.ceilDiv(capacity.chips(), multiple) * multiple);
                    }
                }
            }
        }
        return Double.isFinite(least) ? least : 0;
    }

    private static Problem grown(Problem problem, Worth.Scarce scarce, double step) {
        Rules rules = problem.rules();
        return switch (scarce.kind()) {
            case AVAILABILITY -> available(problem, scarce.subject(), step);
            case QUOTA -> quota(problem, scarce, step / 60);
            case BUDGET -> problem.with(rules.withBudget(rules.budgetUsd() + step));
            case CARBON -> problem.with(rules.withCarbon(rules.tonnesCo2PerYear() + step));
            case POWER ->
                problem.with(rules.withPowers(rules.powers().stream()
                        .map(power -> power.value().equals(scarce.subject())
                                ? new Rules.Power(power.label(), power.value(), power.watts() + step * 1e6)
                                : power)
                        .toList()));
            case SHARE_CAP ->
                problem.with(rules.with(
                        rules.shares().stream()
                                .map(share ->
                                        share.cap() < 1 && scarce.subject().startsWith(share.label() + " ")
                                                ? looser(share, scarce.subject(), step)
                                                : share)
                                .toList(),
                        rules.survivals()));
            case SURVIVAL, SHARE_FLOOR, DEADLINE, CONTRACT, DEMAND -> problem;
        };
    }

    /** A cap on any value is loosened for all of them. */
    private static Rules.Share looser(Rules.Share share, String subject, double step) {
        boolean meant = share.value().equals(Rules.Share.ANY) || subject.equals(share.label() + " " + share.value());
        return meant
                ? new Rules.Share(
                        share.label(),
                        share.value(),
                        share.basis(),
                        share.floor(),
                        Math.min(1, share.cap() + step),
                        share.everyHour())
                : share;
    }

    /** Where there are none, before a lead time has passed, there are none more. */
    private static Problem available(Problem problem, String subject, double step) {
        Problem grown = problem.with(problem.rules()
                .with(problem.rules().stocks().stream()
                        .map(stock -> stock.name().equals(subject)
                                ? new Rules.Stock(stock.name(), stock.lots(), stock.chips() + step)
                                : stock)
                        .toList()));
        for (Lot lot : problem.lots()) {
            if (lot.name().equals(subject) && lot instanceof Lot.Chips chips) {
                double[] most = chips.mostChips().clone();
                for (int period = 0; period < most.length; period++) {
                    most[period] += most[period] > 0 ? step : 0;
                }
                grown = replaced(grown, chips.limited(most));
            }
        }
        return grown;
    }

    private static Problem quota(Problem problem, Worth.Scarce scarce, double perSecond) {
        Problem grown = problem;
        boolean tokens = scarce.unit().startsWith("tokens");
        for (Lot lot : problem.lots()) {
            if (lot.name().equals(scarce.subject()) && lot instanceof Lot.Hosted hosted) {
                grown = replaced(
                        grown,
                        new Lot.Hosted(
                                hosted.name(),
                                hosted.chip(),
                                hosted.labels(),
                                hosted.usdPerMillionInput(),
                                hosted.usdPerMillionOutput(),
                                hosted.requestsPerSecond() + (tokens ? 0 : perSecond),
                                hosted.tokensPerSecond() + (tokens ? perSecond : 0),
                                hosted.firstPeriod(),
                                hosted.lastPeriod()));
            }
        }
        return grown;
    }
}
