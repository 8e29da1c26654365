package io.polychip.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.polychip.fleet.Quota;
import io.polychip.fleet.RequestClass;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Explanations: complete, replayable, free when nobody asks for them. */
final class DecisionTest {
    private final FakeHost host = new FakeHost();
    private final List<Decision> decisions = new ArrayList<>();

    private static Fleets mixed() {
        return Fleets.of()
                .owned("h100", "nvidia", 3, 1, 3)
                .owned("mi300", "amd", 3, 1, 2)
                .hosted("groq", "groq", 0.05, 0.08, Quota.UNLIMITED, "logprobs")
                .objective(RequestClass.DEFAULT, 1_000, 40);
    }

    @Test
    void everySampledDecisionNamesItsCandidatesAndGivesTheSameChoiceAgain() {
        host.serve(mixed().sampled().roster(), Options.DEFAULT.with(decisions::add));
        for (int i = 0; i < 400; i++) {
            Call call = host.accept(Asks.plain().seed(i).prompt(100 + i * 3));
            if (i % 3 == 0) {
                host.pass(20);
                host.complete(call, 20);
            }
        }
        assertThat(decisions).hasSize(400).allSatisfy(decision -> {
            assertThat(decision.pools()).hasSize(3);
            assertThat(decision.chosen()).isNotNegative().isEqualTo(decision.replayed());
        });
        assertThat(decisions).extracting(Decision::reason).contains(Reason.CHEAPEST);
    }

    @Test
    void theReasonsOfThoseNotChosenAreGiven() {
        host.serve(mixed().sampled().roster(), Options.DEFAULT.with(decisions::add));
        host.dispatcher().enable("mi300", false, host.now);
        host.accept(Asks.plain().needs(Needs.bit("logprobs")));
        assertThat(decisions.getLast().pools())
                .extracting(Decision.PoolVerdict::verdict)
                .containsExactly(Verdict.MEETS, Verdict.DISABLED, Verdict.FEATURE);
    }

    @Test
    void nothingIsExplainedUnlessTheOperatorWantsSamples() {
        host.serve(mixed().roster(), Options.DEFAULT.with(decisions::add));
        host.accept(Asks.plain());
        assertThat(decisions).isEmpty();
    }

    @Test
    void theSameSeedAndEventsGiveTheSameDecisions() {
        List<List<Integer>> runs = new ArrayList<>();
        for (int run = 0; run < 2; run++) {
            FakeHost fresh = new FakeHost();
            fresh.serve(mixed());
            for (int i = 0; i < 300; i++) {
                Call call = fresh.accept(Asks.plain().seed(i));
                fresh.pass(7);
                if (i % 2 == 0) {
                    fresh.complete(call, 30);
                }
            }
            runs.add(fresh.sent.stream()
                    .map(attempt -> attempt.replica().index())
                    .toList());
        }
        assertThat(runs.getFirst()).isEqualTo(runs.getLast());
    }
}
