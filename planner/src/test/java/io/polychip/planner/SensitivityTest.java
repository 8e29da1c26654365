package io.polychip.planner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class SensitivityTest {
    private static Sensitivity of(Problem problem) {
        return Sensitivity.of(
                problem, Chats.plan(problem), Chats.SEARCH, new Solver.Effort(60, 1e-9), new Stop(), _ -> {});
    }

    @Test
    void aChipThatFillsAGapEntersBeforeItIsAsCheap() {
        Sensitivity.Entry nvidia =
                of(Chats.problem(10, Chats.amd(99), Chats.nvidia(6))).entries().getFirst();

        assertThat(nvidia.lot().name()).isEqualTo("nvidia-od");
        // A request costs 2/3 on amd, so 4 of them 8/3; yet 1 nvidia and 2 amd do what 4 amd do.
        assertThat(nvidia.fractions() * 6).isCloseTo(8.0 / 3, within(0.02));
        assertThat(nvidia.entersUsd()).isBetween(3.6, 4.0);
    }

    @Test
    void aChipThatComesInEightsEntersLater() {
        Sensitivity.Entry google = of(Chats.problem(10, Chats.amd(99), Chats.lot("google", 4, 99)))
                .entries()
                .getFirst();

        assertThat(google.fractions() * 4).isCloseTo(8.0 / 3, within(0.02));
        assertThat(google.entersUsd()).as("eight of them instead of 4 amd").isBetween(0.8, 1.0);
        assertThat(google.savesUsd()).isCloseTo(8 - 8 * google.entersUsd(), within(1e-6));
        assertThat(google.proven()).isTrue();
        assertThat(google.mayEnterUsd()).isBetween(1.0, 1.2);
    }

    /** A search that gave back what it was begun from was once taken for proof that an offer stays out. */
    @Test
    void aSearchThatEndsEarlyProvesNoPrice() {
        Problem problem = Chats.problem(10, Chats.amd(99), Chats.nvidia(6));

        Sensitivity.Entry nvidia = Sensitivity.of(
                        problem,
                        Chats.plan(problem),
                        new Search(new Hasty()),
                        new Solver.Effort(60, 1e-9),
                        new Stop(),
                        _ -> {})
                .entries()
                .getFirst();

        assertThat(nvidia.fractions() * 6).isCloseTo(8.0 / 3, within(0.02));
        assertThat(nvidia.whole()).isZero();
        assertThat(nvidia.proven()).isFalse();
        assertThat(nvidia.mayEnterUsd()).isEqualTo(6);
    }

    /** Has no time for more than what it is given. */
    private static final class Hasty implements Solver {
        private final Solver solver = new OjalgoSolver();

        @Override
        public String name() {
            return "hasty";
        }

        @Override
        public Solution solve(Milp milp, double[] start, Effort effort, Stop stop) {
            Solution kept = relax(milp.fixed(start), effort).solution();
            double bound = relax(milp, effort).solution().bound();
            return new Solution(Solution.Status.FEASIBLE, kept.values(), kept.objective(), bound);
        }

        @Override
        public Relaxation relax(Milp milp, Effort effort, Stop stop) {
            return solver.relax(milp, effort, stop);
        }
    }

    @Test
    void anApiEntersAtAShareOfItsPrice() {
        Problem problem = Chats.problem(
                3,
                Chats.amd(99),
                new Lot.Hosted("api", "groq/lpu", Map.of("vendor", "groq"), 1, 1, Lot.NO_LIMIT, Lot.NO_LIMIT, 0, 0));
        Capacity api =
                new Capacity("api", "groq/lpu", 0, new double[] {Double.POSITIVE_INFINITY}, Map.of("vendor", "groq"));
        problem = problem.withCapacities(List.of(problem.capacities().getFirst(), api));

        Sensitivity.Entry entry = of(problem).entries().getFirst();

        // 1000 tokens at 1 USD per million are 3.6 USD an hour for one a second; amd does it for 2/3.
        assertThat(entry.fractions()).isCloseTo(2.0 / 3 / 3.6, within(0.002));
    }

    @Test
    void aChipThatServesNothingHereHasNoPrice() {
        Problem problem = Chats.problem(10, Chats.amd(99), Chats.nvidia(6))
                .with(Rules.NONE.with(
                        List.of(new Rules.Share("vendor", "nvidia", Rules.Basis.TOKENS, 0, 0, false)), List.of()));

        assertThat(of(problem).entries()).singleElement().satisfies(entry -> {
            assertThat(entry.lot().name()).isEqualTo("nvidia-od");
            assertThat(entry.fractions()).isZero();
        });
    }

    @Test
    void oneMoreIsWorthAnotherSumInWholeNumbers() {
        Sensitivity.More more =
                of(Chats.problem(30, Chats.amd(4), Chats.nvidia(4))).scarce().getFirst();

        assertThat(more.subject()).isEqualTo("amd-od");
        assertThat(more.step()).isEqualTo(1);
        assertThat(more.fractionsUsd()).as("2 for three quarters of 4").isCloseTo(1, within(1e-6));
        assertThat(more.savesUsd()).as("5 amd and 4 nvidia after 4 and 5").isCloseTo(2, within(1e-6));
    }

    @Test
    void oneMoreMayBeWorthNothing() {
        Sensitivity.More more =
                of(Chats.problem(32, Chats.amd(4), Chats.nvidia(4))).scarce().getFirst();

        assertThat(more.fractionsUsd()).isCloseTo(1, within(1e-6));
        assertThat(more.savesUsd()).isCloseTo(0, within(1e-6));
        assertThat(more.mostUsd()).isCloseTo(0, within(1e-6));
    }

    @Test
    void aPointMoreOfACapIsWorthWhatTheDearerChipCosts() {
        Problem problem = Chats.problem(300, Chats.amd(999), Chats.nvidia(4))
                .with(Rules.NONE.with(
                        List.of(new Rules.Share("vendor", "amd", Rules.Basis.TOKENS, 0, 0.5, false)), List.of()));

        assertThat(of(problem).scarce()).singleElement().satisfies(more -> {
            assertThat(more.kind()).isEqualTo(Promise.Kind.SHARE_CAP);
            // 3 requests a second from 1 each on nvidia to 2/3 each on amd.
            assertThat(more.fractionsUsd()).isCloseTo(1, within(1e-6));
        });
    }

    @Test
    void aMinuteMoreOfAQuotaIsSaidInItsUnit() {
        Lot.Hosted api = new Lot.Hosted("api", "groq/lpu", Map.of("vendor", "groq"), 0.1, 0.1, 2, Lot.NO_LIMIT, 0, 0);
        Problem problem = Chats.problem(30, Chats.amd(99), api);
        Capacity capacity =
                new Capacity("api", "groq/lpu", 0, new double[] {Double.POSITIVE_INFINITY}, Map.of("vendor", "groq"));
        problem = problem.withCapacities(List.of(problem.capacities().getFirst(), capacity));

        assertThat(of(problem).scarce()).singleElement().satisfies(more -> {
            assertThat(more.unit()).isEqualTo("requests/min");
            assertThat(more.step()).isEqualTo(60);
            assertThat(more.fractionsUsd()).isCloseTo(2.0 / 3 - 0.36, within(1e-6));
        });
    }
}
