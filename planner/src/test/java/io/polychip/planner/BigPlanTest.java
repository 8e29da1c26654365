package io.polychip.planner;

import static org.assertj.core.api.Assertions.assertThat;

import io.polychip.fleet.CatalogueReader;
import io.polychip.fleet.Deals;
import io.polychip.fleet.DealsReader;
import io.polychip.fleet.RequestClass;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A ChatGPT-size plan: ten vendors, three models, 24 hours, a dozen buckets, seven vendors any of which may be lost,
 * and deals of several forms. Speeds and prices are drawn, no vendor's own: names are real where a deal speaks of them.
 */
@Tag("slow")
final class BigPlanTest {
    /** What a busy machine may take; a quiet one is that near after ten. */
    private static final double SECONDS = 300;

    private static final List<String> CHIPS = List.of(
            "nvidia/h200-sxm",
            "amd/mi355x",
            "aws/trainium2",
            "google/tpu-v7x",
            "cerebras/wse-3",
            "groq/lpu",
            "intel/gaudi3",
            "h/chip",
            "i/chip",
            "j/chip");

    private static final Set<String> MAY_BE_LOST =
            Set.of("nvidia", "amd", "aws", "google", "cerebras", "groq", "intel");

    /**
     * A minimum with tiers, money for a share of the tokens, money ahead with warrants, and a minimum beyond any need.
     */
    private static final String DEALS = """
        deals:
          - name: minimum-and-tiers
            supplier: amd
            offers: [amd-hour, amd-3y]
            minimum-take: {usd: 5e6, each: term, from: 2027-01, until: 2027-12}
            tiers: {on: excess, each: term, steps: [{above-usd: 2e6, discount: 10 %}, {above-usd: 5e6, discount: 20 %}]}
          - name: money-for-a-share
            supplier: aws
            offers: [aws-hour, aws-3y]
            investment: {usd: 10e6, at: 2027-01, if: {of: aws, share: 20 %, measure: tokens}}
            credit: {usd: 5e6, expires: 2027-12, of-bill: 50 %}
          - name: ahead-with-warrants
            supplier: google
            offers: [google-hour, google-3y]
            prepayment: {usd: 10e6, at: 2027-01, discount: 15 %}
            warrants: {shares: 1e6, share-usd: 10, steps: [{chips: 500, vested: 50 %}, {chips: 1500, vested: 100 %}], expires: 2027-12}
          - name: too-much
            supplier: nvidia
            offers: [nvidia-hour, nvidia-3y]
            minimum-take: {usd: 500e6, each: term, from: 2027-01, until: 2027-12}
            tiers: {on: whole-volume, each: term, steps: [{above-usd: 20e6, discount: 10 %}, {above-usd: 50e6, discount: 20 %}]}
        """;

    private static Deals deals(List<Lot> lots) {
        StringBuilder offers = new StringBuilder("as-of: 2026-11-22\noffers:\n");
        for (Lot lot : lots) {
            if (DEALS.contains(lot.name()) && lot instanceof Lot.Chips chips) {
                offers.append("  - {name: %s, chip: %s, provider: it, price: {usd-per-chip-hour: %s, date: 2026-11}}%n"
                        .formatted(chips.name(), chips.chip(), chips.usdPerChipHour()));
            }
        }
        return new DealsReader(CatalogueReader.shipped(), Map.of()).read("deals.yaml", offers + DEALS);
    }

    static Problem problem() {
        Random random = new Random(7);
        List<Bucket> buckets = new ArrayList<>();
        for (int bucket = 0; bucket < 12; bucket++) {
            RequestClass of = RequestClass.values()[bucket % 4];
            buckets.add(new Bucket("b" + bucket, "m" + bucket % 3, of, 200 << bucket % 5, 100 << bucket % 4));
        }
        List<Demand.Hour> hours = new ArrayList<>();
        for (int hour = 0; hour < 24; hour++) {
            double[] rates = new double[12];
            for (int bucket = 0; bucket < 12; bucket++) {
                double wave = 1 + 0.6 * Math.sin((hour + bucket) * Math.PI / 12);
                rates[bucket] = 100_000.0 / 12 / (1 + bucket % 5) * wave;
            }
            hours.add(new Demand.Hour("h" + hour, 1, rates));
        }
        List<Capacity> capacities = new ArrayList<>();
        List<Lot> lots = new ArrayList<>();
        for (int vendor = 0; vendor < CHIPS.size(); vendor++) {
            String chip = CHIPS.get(vendor);
            String name = chip.substring(0, chip.indexOf('/'));
            double speed = 0.5 + 2 * random.nextDouble();
            for (int model = 0; model < 3; model++) {
                double[] rates = new double[12];
                for (int bucket = 0; bucket < 12; bucket++) {
                    if (bucket % 3 == model) {
                        rates[bucket] = speed
                                * (0.7 + 0.6 * random.nextDouble())
                                * 3000
                                / buckets.get(bucket).tokens()
                                * 8;
                    }
                }
                capacities.add(new Capacity(chip + " m" + model, chip, 1 << model, rates, Map.of("vendor", name)));
            }
            double usd = speed * (2 + random.nextDouble());
            Map<String, String> labels = Map.of("vendor", name, "provider", "p" + vendor % 4);
            lots.add(Lot.Chips.of(name + "-hour", chip, Lot.Kind.ON_DEMAND, labels, usd, 60_000, 1));
            double[] most = {80_000};
            lots.add(new Lot.Chips(
                    name + "-3y", chip, Lot.Kind.COMMITTED, labels, usd * 0.55, 1024, most, 8, 1, 0.2, 0, 0, 1, 0, 0));
        }
        Demand demand = new Demand(
                buckets,
                hours,
                List.of(new Demand.Period("2027", LocalDate.of(2027, 1, 1), LocalDate.of(2027, 12, 31), 8760, 1, 1)),
                List.of());
        Rules rules = Rules.NONE.with(
                List.of(new Rules.Share("vendor", Rules.Share.ANY, Rules.Basis.TOKENS, 0, 0.4, false)),
                List.of(new Rules.Survival(
                        "vendor", MAY_BE_LOST, Rules.Survival.any("vendor", 0.9).phi())));
        return new Problem(demand, capacities, lots, rules, deals(lots));
    }

    /** How soon there is a first plan is printed, not asserted: a wall clock on a busy machine proves nothing. */
    @Test
    void anIncumbentWithinOnePercentOfItsBoundAndThoseBeforeToLookAt() {
        Search search = Search.best();
        List<Double> incumbents = new ArrayList<>();
        Programme programme = new Programme(problem());
        Milp milp = programme.milp();
        Solution solution = search.run(
                milp,
                new double[0],
                new Solver.Effort(SECONDS, 0.01),
                new Stop(),
                (seconds, step, incumbent, bound) -> {
                    System.err.printf(
                            "%5.1f s %-9s incumbent %.0f bound %.0f gap %.3f %%%n",
                            seconds, step, incumbent, bound, Solution.gap(incumbent, bound) * 100);
                    if (Double.isFinite(incumbent)) {
                        incumbents.add(incumbent);
                    }
                });
        for (Contract contract : programme.contracts) {
            System.err.printf(
                    "%s taken %s pays %s%n",
                    contract.deal.name(), contract.isTaken(solution.values()), contract.paid(solution.values()));
        }
        System.err.printf("%d columns, %d rows, %d entries%n", milp.columns(), milp.rows(), milp.entries());
        assertThat(solution.gap()).isLessThanOrEqualTo(0.01);
        assertThat(incumbents.getFirst()).as("the first plan").isBetween(solution.objective(), 1.1 * solution.bound());
        assertThat(milp.violation(solution.values())).isLessThan(1e-5);
        assertThat(programme.contracts)
                .filteredOn(contract -> contract.isTaken(solution.values()))
                .extracting(contract -> contract.deal.name())
                .contains("money-for-a-share", "ahead-with-warrants")
                .doesNotContain("too-much");
    }

    @Test
    void thePlanIsOfThatSize() {
        Programme programme = new Programme(problem());

        assertThat(programme.values("vendor")).hasSize(10);
        assertThat(programme.demand.hours()).hasSize(24);
        assertThat(programme.demand.buckets()).hasSize(12);
        assertThat(programme.demand.buckets()).extracting(Bucket::model).containsOnly("m0", "m1", "m2");
        assertThat(programme.promises())
                .filteredOn(promise -> promise.kind() == Promise.Kind.SURVIVAL)
                .extracting(Promise::subject)
                .hasSizeGreaterThan(7)
                .containsOnly(MAY_BE_LOST.stream().map("vendor "::concat).toArray(String[]::new));
    }
}
