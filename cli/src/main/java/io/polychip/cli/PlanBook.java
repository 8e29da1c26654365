package io.polychip.cli;

import io.polychip.fleet.Deal;
import io.polychip.planner.Bands;
import io.polychip.planner.DealValue;
import io.polychip.planner.Demand;
import io.polychip.planner.Lot;
import io.polychip.planner.Plan;
import io.polychip.planner.PlannedFleet;
import io.polychip.planner.PlannedRouting;
import io.polychip.planner.Planner;
import io.polychip.planner.Problem;
import io.polychip.planner.Search;
import io.polychip.planner.Solver;
import io.polychip.planner.Stop;
import io.polychip.planner.Trial;
import io.polychip.simulator.Report;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A plan with every figure its pages show.
 *
 * @param otherwise by deal, the best plan that does the other thing with it: leaves what this one takes, takes what it
 *     leaves
 */
record PlanBook(
        PlanInputs inputs,
        Planner.Question question,
        Planner.Verified verified,
        @Nullable Bands bands,
        Map<String, DealValue.Standing> otherwise,
        WhatIf whatIf) {
    static final double HOURS_PER_MONTH = 365.25 * 24 / 12;

    /** How long a look into one chip's band, or at one deal, may take, and how near to the best it must come. */
    private static final Solver.Effort LOOK = new Solver.Effort(5, 0.01);

    static PlanBook of(
            PlanInputs inputs,
            Planner.Question question,
            Planner.Verified verified,
            Search search,
            Solver.Effort effort,
            Stop stop) {
        Solver.Effort look = new Solver.Effort(Math.min(LOOK.seconds(), effort.seconds()), LOOK.gap());
        Bands bands = stop.stopped()
                ? null
                : Bands.of(verified.problem(), sigmas(question), verified.plan(), search, look, stop);
        return new PlanBook(
                inputs,
                question,
                verified,
                stop.stopped() ? null : bands,
                otherwise(verified, new DealValue(search, look), stop),
                WhatIf.NOTHING);
    }

    /** How far each deployment's timing may be off, one sigma of its logarithm. */
    static Map<String, Double> sigmas(Planner.Question question) {
        Map<String, Double> sigmas = new LinkedHashMap<>();
        question.candidates().stream()
                .filter(candidate -> !candidate.hosted())
                .forEach(candidate ->
                        sigmas.put(candidate.name(), candidate.profile().band()));
        return sigmas;
    }

    /** For each deal that is not signed yet, the best plan without it where it is taken, else with it. */
    private static Map<String, DealValue.Standing> otherwise(Planner.Verified verified, DealValue value, Stop stop) {
        Map<String, DealValue.Standing> others = new LinkedHashMap<>();
        for (Deal deal : verified.problem().deals().deals()) {
            if (!deal.taken() && !stop.stopped()) {
                Problem other = verified.taken().containsKey(deal.name())
                        ? DealValue.without(verified.problem(), deal.name())
                        : DealValue.taking(verified.problem(), deal.name());
                others.put(deal.name(), value.standing(other));
            }
        }
        return others;
    }

    /** What all deals cost that are taken, in dollars of now, beside chips and tokens; less than 0 comes in. */
    double dealsUsd() {
        return verified.taken().values().stream()
                .flatMap(parts -> parts.values().stream())
                .mapToDouble(each -> each)
                .sum();
    }

    /** With what was looked at around it. */
    PlanBook with(WhatIf other) {
        return new PlanBook(inputs, question, verified, bands, otherwise, other);
    }

    Plan plan() {
        return verified.plan();
    }

    Problem problem() {
        return verified.problem();
    }

    /** Equal hours as one, as the plan counts them. */
    Demand demand() {
        return problem().demand().merged();
    }

    double months(int period) {
        return demand().periods().get(period).hours() / HOURS_PER_MONTH;
    }

    double months() {
        double months = 0;
        for (int period = 0; period < demand().periods().size(); period++) {
            months += months(period);
        }
        return months;
    }

    /** Fleets and what routers begin from in each of its hours. */
    PlannedRouting routing() {
        return new PlannedRouting(problem(), plan(), question.candidates(), question.service(), verified.prices());
    }

    PlanEnergy energy() {
        return PlanEnergy.of(this);
    }

    PlanTraining training() {
        return new PlanTraining(this);
    }

    /** Dollars a month that each offer costs in a period beyond what the replicas on it do; nothing of hosted APIs. */
    Map<String, Double> beyondReplicas(int period) {
        Map<String, Double> usd = new LinkedHashMap<>();
        for (Lot lot : problem().lots()) {
            double[] spend = plan().spendUsd().get(lot.name());
            if (lot instanceof Lot.Chips && spend != null) {
                usd.put(lot.name(), spend[period] / months(period));
            }
        }
        wanted(period)
                .forEach(wanted -> usd.computeIfPresent(wanted.lot().name(), (_, all) -> all - wanted.usdPerMonth()));
        return usd;
    }

    /** Dollars a month over the whole plan, by the programme: every request goes where it puts it. */
    double usdPerMonth() {
        return plan().spend() / months();
    }

    /** What is promised: the same with the tokens that the router bought in simulation. */
    double promisedUsdPerMonth() {
        return usdPerMonth() + beyondUsdPerMonth();
    }

    /**
     * Dollars a month for tokens that the router bought of hosted APIs in simulation beyond those planned, less where
     * it bought fewer: chips that are full on average are too full for moments, and an API is looked at now and then. 0
     * where some hours were not run.
     */
    double beyondUsdPerMonth() {
        if (!allHoursRun()) {
            return 0;
        }
        double usd = 0;
        for (Trial.Outcome outcome : normal()) {
            Trial trial = outcome.trial();
            usd += demand().hours(trial.period(), trial.hour()) * tokensUsdPerHour(outcome);
        }
        for (Lot lot : problem().lots()) {
            if (lot instanceof Lot.Hosted) {
                for (double planned : plan().spendUsd().getOrDefault(lot.name(), new double[0])) {
                    usd -= planned;
                }
            }
        }
        return usd / months();
    }

    private boolean allHoursRun() {
        return normal().size() == demand().periods().size() * demand().hours().size();
    }

    /** By the time in which requests came, not until the last was answered. */
    private double tokensUsdPerHour(Trial.Outcome outcome) {
        double usd = 0;
        for (Report.OfPool pool : outcome.report().pools()) {
            usd += pool.hosted() ? pool.usd() : 0;
        }
        return usd * outcome.parts() / (spanSeconds(outcome) / 3600);
    }

    private double spanSeconds(Trial.Outcome outcome) {
        return inputs.demand()
                        .spanNanos(inputs.typical().original(outcome.trial().hour()))
                / 1e9;
    }

    double usdPerMonth(int period) {
        double usd = 0;
        for (double[] byPeriod : plan().spendUsd().values()) {
            usd += byPeriod[period];
        }
        return usd / months(period);
    }

    /**
     * Dollars for a million answer tokens that met their objective in simulation, training aside; hours that were not
     * run count at the others' ratio of good tokens to asked ones. Infinite where none was run.
     */
    double usdPerMillionGood() {
        double asked = 0;
        double tried = 0;
        double good = 0;
        for (int period = 0; period < demand().periods().size(); period++) {
            for (int hour = 0; hour < demand().hours().size(); hour++) {
                double perSecond = 0;
                for (int bucket = 0; bucket < demand().buckets().size(); bucket++) {
                    perSecond += demand().rate(period, hour, bucket)
                            * demand().buckets().get(bucket).outputTokens();
                }
                double seconds = demand().hours(period, hour) * 3600;
                asked += perSecond * seconds;
                Trial.Outcome outcome = verified.normal(period, hour);
                if (outcome != null) {
                    tried += perSecond * seconds;
                    good += outcome.report().goodTokens() / spanSeconds(outcome) * outcome.parts() * seconds;
                }
            }
        }
        return good == 0
                ? Double.POSITIVE_INFINITY
                : (promisedUsdPerMonth() * months() - training().usd()) / (good / tried * asked) * 1e6;
    }

    /**
     * Dollars a month at which the simulated hours ran, tokens bought as the router bought them; not a number where
     * some hours were not run, since those that were are the busiest.
     */
    double simulatedUsdPerMonth() {
        if (!allHoursRun()) {
            return Double.NaN;
        }
        double usd = 0;
        double hours = 0;
        for (Trial.Outcome outcome : normal()) {
            double rent = 0;
            for (Report.OfPool pool : outcome.report().pools()) {
                rent += pool.hosted() ? 0 : pool.usd();
            }
            double weight =
                    demand().hours(outcome.trial().period(), outcome.trial().hour());
            usd += weight * (rent / Figure.hours(outcome.report()) * outcome.parts() + tokensUsdPerHour(outcome));
            hours += weight;
        }
        return hours == 0 ? Double.NaN : usd / hours * HOURS_PER_MONTH;
    }

    Map<String, Double> tokenShares() {
        return plan().tokenShares(problem(), "vendor");
    }

    Map<String, Double> spendShares() {
        Map<String, Double> shares = new TreeMap<>();
        for (Lot lot : problem().lots()) {
            double usd = 0;
            for (double each : plan().spendUsd().getOrDefault(lot.name(), new double[0])) {
                usd += each;
            }
            shares.merge(lot.labels().getOrDefault("vendor", ""), usd, Double::sum);
        }
        double all = plan().spend();
        shares.replaceAll((vendor, usd) -> all == 0 ? 0 : usd / all);
        shares.values().removeIf(share -> share < 1e-9);
        return shares;
    }

    Map<String, Double> spendByChip() {
        Map<String, Double> shares = new TreeMap<>();
        double all = plan().spend();
        for (Lot lot : problem().lots()) {
            for (double usd : plan().spendUsd().getOrDefault(lot.name(), new double[0])) {
                shares.merge(lot.chip(), all == 0 ? 0 : usd / all, Double::sum);
            }
        }
        shares.values().removeIf(share -> share < 1e-9);
        return shares;
    }

    /**
     * One line of the wanted fleet.
     *
     * @param least replicas in the quietest hour @param most in the busiest
     * @param tokens share of the period's tokens that it carries, 0 to 1
     */
    record Wanted(
            String pool,
            String capacity,
            Lot lot,
            int period,
            long least,
            long most,
            int chips,
            double usdPerMonth,
            double tokens) {
        Wanted with(double otherTokens) {
            return new Wanted(pool, capacity, lot, period, least, most, chips, usdPerMonth, otherTokens);
        }

        /** Whether it says the same of another period; how tokens are split on the same chips may be by chance. */
        boolean same(Wanted other) {
            return pool.equals(other.pool)
                    && least == other.least
                    && most == other.most
                    && Math.round(usdPerMonth) == Math.round(other.usdPerMonth);
        }

        String count() {
            return least == most ? String.valueOf(most) : least + " to " + most;
        }
    }

    /** Pools in a period, those of hosted APIs that are used included. */
    List<Wanted> wanted(int period) {
        Map<String, long[]> counts = new LinkedHashMap<>();
        Map<String, Plan.Replicas> first = new LinkedHashMap<>();
        int hours = demand().hours().size();
        for (Plan.Replicas replicas : plan().replicas()) {
            if (replicas.period() == period) {
                String name = PlannedFleet.name(plan(), replicas);
                first.putIfAbsent(name, replicas);
                counts.computeIfAbsent(name, _ -> new long[hours])[replicas.hour()] += replicas.count();
            }
        }
        List<Wanted> wanted = new ArrayList<>();
        counts.forEach((pool, byHour) -> {
            Plan.Replicas replicas = first.get(pool);
            if (replicas != null) {
                wanted.add(owned(pool, replicas, byHour, period));
            }
        });
        for (Lot lot : problem().lots()) {
            double usd = plan().spendUsd().getOrDefault(lot.name(), new double[period + 1])[period];
            if (lot instanceof Lot.Hosted && usd > 0) {
                wanted.add(new Wanted(
                        lot.name(),
                        lot.name(),
                        lot,
                        period,
                        0,
                        0,
                        0,
                        usd / months(period),
                        tokens(period, lot.name(), (_, _) -> 1)));
            }
        }
        return wanted;
    }

    private Wanted owned(String pool, Plan.Replicas replicas, long[] byHour, int period) {
        Lot lot = lot(replicas.lot());
        long least = Long.MAX_VALUE;
        long most = 0;
        double chipHours = 0;
        for (int hour = 0; hour < byHour.length; hour++) {
            least = Math.min(least, byHour[hour]);
            most = Math.max(most, byHour[hour]);
            chipHours += byHour[hour] * replicas.chips() * demand().hours(period, hour);
        }
        double price = lot instanceof Lot.Chips chips ? chips.usdPerChipHour() : 0;
        return new Wanted(
                pool,
                replicas.capacity(),
                lot,
                period,
                least,
                most,
                replicas.chips(),
                chipHours * price / months(period),
                tokens(period, replicas.capacity(), (hour, all) -> all == 0 ? 0 : byHour[hour] / (double) all));
    }

    private interface Part {
        double of(int hour, long replicas);
    }

    /** Share of a period's tokens that a deployment's replicas carry, of which a pool has its part in each hour. */
    private double tokens(int period, String capacity, Part part) {
        double all = 0;
        double own = 0;
        for (Plan.Route route : plan().routes()) {
            if (route.period() == period) {
                double tokens = route.perSecond()
                        * demand().buckets().get(route.bucket()).tokens()
                        * demand().hours(period, route.hour());
                all += tokens;
                own += route.capacity().equals(capacity)
                        ? tokens * part.of(route.hour(), plan().count(capacity, period, route.hour()))
                        : 0;
            }
        }
        return all == 0 ? 0 : own / all;
    }

    /** Pools in a period and those that are as it, with the tokens they carry in all of these. */
    List<Wanted> wantedUntilChange(int first) {
        int last = lastAs(first);
        List<Wanted> all = new ArrayList<>();
        List<Wanted> own = wanted(first);
        for (int pool = 0; pool < own.size(); pool++) {
            double tokens = 0;
            double weights = 0;
            for (int period = first; period <= last; period++) {
                double weight = demand().periods().get(period).hours();
                tokens += wanted(period).get(pool).tokens() * weight;
                weights += weight;
            }
            all.add(own.get(pool).with(tokens / weights));
        }
        return all;
    }

    /** Whether a period needs no lines of its own: its demand, counts and money are those of the one before. */
    boolean asBefore(int period) {
        if (period == 0
                || demand().periods().get(period).growth()
                        != demand().periods().get(period - 1).growth()) {
            return false;
        }
        List<Wanted> now = wanted(period);
        List<Wanted> before = wanted(period - 1);
        boolean same = now.size() == before.size();
        for (int i = 0; same && i < now.size(); i++) {
            same = now.get(i).same(before.get(i));
        }
        return same && PlanText.beside(this, period).equals(PlanText.beside(this, period - 1));
    }

    /** The last of the periods that are as this one. */
    int lastAs(int period) {
        int last = period;
        while (last + 1 < demand().periods().size() && asBefore(last + 1)) {
            last++;
        }
        return last;
    }

    Lot lot(String name) {
        return problem().lots().stream()
                .filter(lot -> lot.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** What was lost, in the order it was tried. */
    List<Trial.Outcome> losses() {
        return verified.outcomes().stream()
                .filter(each -> each.trial().lost() != null)
                .toList();
    }

    List<Trial.Outcome> normal() {
        return verified.outcomes().stream()
                .filter(each -> each.trial().lost() == null)
                .toList();
    }
}
