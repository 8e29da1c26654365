package io.polychip.planner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class FrontierTest {
    private static final Frontier.Check UNCHECKED = (_, _) -> List.of();
    private static final Solver.Effort EFFORT = new Solver.Effort(60, 1e-9);

    /** amd alone serves 100 a second with 34 chips at 2; nvidia would take 25 at 4. */
    private static final Problem PROBLEM = Chats.problem(100, Chats.amd(99), Chats.nvidia(4));

    private static Frontier frontier(
            Problem problem, List<Double> caps, List<Double> phis, List<Frontier.Point> heard) {
        return Frontier.of(
                problem,
                Chats.plan(problem),
                new Frontier.Levels(caps, phis, Set.of("vendor")),
                Chats.SEARCH,
                EFFORT,
                new Stop(),
                UNCHECKED,
                heard::add);
    }

    @Test
    void independenceCostsMoreTheFurtherItGoes() {
        List<Frontier.Point> heard = new ArrayList<>();
        List<Frontier.Point> caps =
                frontier(PROBLEM, List.of(0.5, 1.0, 0.75), List.of(), heard).caps();

        assertThat(caps).extracting(Frontier.Point::level).containsExactly(1.0, 0.75, 0.5);
        assertThat(caps.get(0).usd()).as("34 x 2").isCloseTo(68, within(1e-6));
        assertThat(caps.get(1).usd()).as("24 x 2 + 7 x 4").isCloseTo(76, within(1e-6));
        assertThat(caps.get(2).usd()).as("17 x 2 + 13 x 4, half on each").isCloseTo(86, within(1e-6));
        assertThat(caps.get(2).more(caps.get(0))).isCloseTo(18.0 / 68, within(1e-6));
        assertThat(caps.get(2).tokenShares().get("amd")).isCloseTo(0.5, within(1e-6));
        assertThat(heard)
                .as("the tightest first")
                .extracting(Frontier.Point::level)
                .containsExactly(0.5, 0.75, 1.0);
    }

    @Test
    void everyPointsPlanIsCheckedTheTightestFirst() {
        List<Double> checked = new ArrayList<>();
        Frontier frontier = Frontier.of(
                PROBLEM,
                Chats.plan(PROBLEM),
                new Frontier.Levels(List.of(1.0, 0.5, 0.4), List.of(), Set.of("vendor")),
                Chats.SEARCH,
                EFFORT,
                new Stop(),
                (problem, plan) -> {
                    checked.add(problem.rules().shares().getLast().cap());
                    return List.of();
                },
                _ -> {});
        assertThat(checked).as("nothing to check where there is no plan").containsExactly(0.5, 1.0);
        assertThat(frontier.caps()).noneMatch(Frontier.Point::kept);
    }

    @Test
    void routersKeepToALimitOnAnyVendor() {
        Rules capped = Frontier.capped(Rules.NONE, 0.5);
        assertThat(capped.independence(Set.of("amd", "nvidia"), "vendor").maxShare())
                .containsOnly(Map.entry("amd", 0.5), Map.entry("nvidia", 0.5));
        assertThat(Rules.NONE.independence(Set.of("amd"), "").maxShare()).isEmpty();
    }

    @Test
    void aCapThatTwoVendorsCannotKeepIsProvenImpossible() {
        Frontier.Point point = frontier(PROBLEM, List.of(0.4), List.of(), new ArrayList<>())
                .caps()
                .getFirst();

        assertThat(point.possible()).isFalse();
        assertThat(point.status()).isEqualTo(Solution.Status.INFEASIBLE);
    }

    @Test
    void survivingMoreCostsMore() {
        List<Frontier.Point> losses = frontier(PROBLEM, List.of(), List.of(0.0, 0.5, 1.0), new ArrayList<>())
                .losses();

        assertThat(losses).extracting(Frontier.Point::level).containsExactly(0.0, 0.5, 1.0);
        assertThat(losses.get(0).usd()).isCloseTo(68, within(1e-6));
        assertThat(losses.get(1).usd()).as("half of it on either, all on both").isCloseTo(86, within(1e-6));
        assertThat(losses.get(2).usd()).as("all of it on either").isCloseTo(168, within(1e-6));
    }

    @Test
    void whatWasAskedForTheOtherWayStays() {
        Problem capped = PROBLEM.with(Rules.NONE.with(
                List.of(new Rules.Share("vendor", "amd", Rules.Basis.TOKENS, 0, 0.5, false)), List.of()));
        Frontier frontier = frontier(capped, List.of(1.0), List.of(0.0), new ArrayList<>());

        assertThat(frontier.caps().getFirst().usd()).as("without the cap").isCloseTo(68, within(1e-6));
        assertThat(frontier.losses().getFirst().usd()).as("under the cap").isCloseTo(84, within(1e-6));
    }

    @Test
    void oneWhoStopsItHasThePointsSoFar() {
        Stop stop = new Stop();
        Frontier frontier = Frontier.of(
                PROBLEM,
                Chats.plan(PROBLEM),
                new Frontier.Levels(List.of(1.0, 0.75, 0.5), List.of(), Set.of("vendor")),
                Chats.SEARCH,
                EFFORT,
                stop,
                UNCHECKED,
                _ -> stop.stop());

        assertThat(frontier.caps()).extracting(Frontier.Point::level).containsExactly(0.5);
    }
}
