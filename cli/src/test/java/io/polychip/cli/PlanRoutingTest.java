package io.polychip.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.polychip.fleet.CatalogueReader;
import io.polychip.fleet.Fleet;
import io.polychip.fleet.FleetReader;
import io.polychip.fleet.RoutingStart;
import io.polychip.fleet.RoutingStartReader;
import io.polychip.planner.Demand;
import io.polychip.planner.Planner;
import io.polychip.planner.Search;
import io.polychip.planner.Solver;
import io.polychip.planner.Stop;
import io.polychip.planner.Trial;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PlanRoutingTest {
    /** Neither chip alone may carry more than six tenths, so that the plan has shares to begin from. */
    private static final String DEMAND = """
        from: 2027-01
        models:
          - {name: llama-3.1-8b, is: meta-llama/Llama-3.1-8B-Instruct}
        objectives:
          default: {ttft: 2 s, itl: 100 ms}
        hours: {night: 12, day: 12}
        traffic:
          - name: chat
            input: {p50: 500, p99: 3000}
            output: 150
            requests-per-second: {night: 4, day: 40}
        independence:
          max-share: {any: 60 %}
          survive: any vendor
        """;

    private static final String OFFERS = """
        as-of: 2026-11-24
        offers:
          - name: amd-hour
            chip: amd/mi300x
            provider: vultr
            price: {usd-per-chip-hour: 1.85, date: 2026-11-01}
            chips: {max: 9}
          - name: nvidia-hour
            chip: nvidia/h100-sxm
            provider: lambda
            price: {usd-per-chip-hour: 2.95, date: 2026-11-01}
            chips: {max: 9}
        """;

    @TempDir
    private Path folder = Path.of("");

    private PlanBook planned() throws IOException {
        PlanOptions options = new PlanOptions();
        options.demand = Files.writeString(folder.resolve("demand.yaml"), DEMAND);
        options.deals = Files.writeString(folder.resolve("offers.yaml"), OFFERS);
        PlanInputs inputs = options.read(CatalogueReader.shipped());
        Planner.Question question = inputs.question();
        Search search = Search.named("ojalgo");
        Stop never = new Stop();
        Demand typical = question.problem().demand();
        PlanTrials trials = new PlanTrials(inputs.demand(), typical, 1, never, Terminal.progress());
        Solver.Effort effort = new Solver.Effort(5, 0.01);
        Planner planner = new Planner(search, effort, trials, Planner.Watch.SILENT, never);
        Planner.Answer.Found found = (Planner.Answer.Found) planner.plan(question);
        return PlanBook.of(inputs, question, found.best(), search, effort, never);
    }

    @Test
    void aPlansCheckBeginsFromTheRoutingThatIsWrittenForItsHour() throws IOException {
        PlanBook book = planned();
        PlanFiles.write(book, folder);
        Fleet written = new FleetReader(CatalogueReader.shipped(), Map.of()).read(folder.resolve("fleet.yaml"));
        List<Trial.Outcome> outcomes = book.verified().outcomes();
        assertThat(outcomes)
                .extracting(outcome -> outcome.trial().name(book.demand()))
                .contains("night", "day", "day without vendor amd");
        for (Trial.Outcome outcome : outcomes) {
            Trial trial = outcome.trial();
            String hour = "2027-01." + book.demand().hours().get(trial.hour()).name();
            RoutingStart begun = RoutingStartReader.begin(written, folder.resolve("routing.json"), hour)
                    .start();
            assertThat(begun.kinds()).as(hour).isNotEmpty();
            assertThat(trial.scenario(600_000_000_000L, 1).roster().fleet().start())
                    .as(trial.name(book.demand()))
                    .isEqualTo(begun);
        }
    }
}
