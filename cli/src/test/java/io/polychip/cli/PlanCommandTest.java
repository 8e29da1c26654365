package io.polychip.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.polychip.fleet.CatalogueReader;
import io.polychip.fleet.Fleet;
import io.polychip.fleet.FleetReader;
import io.polychip.fleet.RoutingStart;
import io.polychip.fleet.RoutingStartReader;
import java.io.FilterWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class PlanCommandTest {
    private static final int REQUESTS = 1500;
    private static final String FLEET = """
        models:
          - name: llama-3.1-8b
            is: meta-llama/Llama-3.1-8B-Instruct
            continuation: text
        pools:
          - name: h100
            model: llama-3.1-8b
            chip: nvidia/h100-sxm
            precision: fp8
            engine: vllm@0.15.1
            price: {usd-per-chip-hour: 2.95}
            labels: {provider: own}
            replicas: [http://10.0.1.1:8000]
          - name: mi300x
            model: llama-3.1-8b
            chip: amd/mi300x
            precision: fp8
            engine: vllm@0.15.1
            price: {usd-per-chip-hour: 1.85}
            labels: {provider: vultr}
            replicas: [http://10.0.2.1:8000]
        objectives:
          default: {ttft: 2 s + 100 ms/1k, itl: 100 ms, percentile: 99}
        """;
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
            requests-per-second: {night: 2, day: 30}
        """;
    private static final String TRAINING = """
        training:
          - {name: next, model: meta-llama/Llama-3.1-8B-Instruct, precision: bf16, tokens: 2e10, by: 2027-06}
        """;
    private static final String OFFERS = """
        as-of: 2026-11-24
        offers:
          - name: amd-year
            chip: amd/mi300x
            provider: vultr
            term: 12 mo
            price: {usd-per-chip-hour: 1.20, date: 2026-11-01}
            chips: {max: 1}
          - name: amd-hour
            chip: amd/mi300x
            provider: vultr
            price: {usd-per-chip-hour: 1.85, date: 2026-11-01}
            chips: {max: 1}
        """;

    @TempDir
    private Path folder = Path.of("");

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeEach
    void files() throws IOException {
        Files.writeString(folder.resolve("fleet.yaml"), FLEET);
        Files.writeString(folder.resolve("demand.yaml"), DEMAND);
        Files.writeString(folder.resolve("offers.yaml"), OFFERS);
        StringBuilder trace = new StringBuilder("arrival_seconds,input_tokens,output_tokens\n");
        for (int i = 0; i < REQUESTS; i++) {
            trace.append("%.2f,%d,%d%n".formatted(i * 0.1, 100 + i * 37 % 900, 20 + i % 50));
        }
        Files.writeString(folder.resolve("trace.csv"), trace);
        StringBuilder tooLong = new StringBuilder("arrival_seconds,input_tokens,output_tokens,max_tokens\n");
        for (int i = 0; i < REQUESTS; i++) {
            tooLong.append("%.2f,%d,50,%d%n".formatted(i * 0.1, 500, i % 2 == 0 ? 200000 : 100));
        }
        Files.writeString(folder.resolve("long.csv"), tooLong);
    }

    private int run(String... arguments) {
        List<String> all = new ArrayList<>(List.of("plan"));
        for (String each : arguments) {
            all.add(each.replace("@folder", folder.toString()));
        }
        all.addAll(List.of("--solver", "ojalgo", "--seconds", "5"));
        CommandLine command = Main.commandLine("plan");
        command.setOut(new PrintWriter(out, true));
        command.setErr(new PrintWriter(err, true));
        return command.execute(all.toArray(String[]::new));
    }

    private JsonNode json(String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.add("--json");
        assertThat(run(all.toArray(String[]::new))).as(err.toString()).isZero();
        return JsonMapper.shared().readTree(out.toString());
    }

    @Test
    void anOptionThatWouldBeIgnoredOrFailAfterTheSearchIsRefusedAtOnce() {
        String[] typical = {"@folder/demand.yaml", "--deals", "@folder/offers.yaml"};
        refused("--max-share nvida=60", "nvida is no vendor of the catalogue", "Maybe nvidia.", typical);
        refused("--min-share nvidia=NaN", "expected a share of the tokens from 0 to 100", "", typical);
        refused("--growth 50%", "--growth: is for a trace", "Maybe growth: 50 % of its traffic.", typical);
        refused("--scale 2", "--scale: is for a trace", "", typical);
        refused("--budget NaN", "--budget NaN: expected US dollars a month, above 0.", "", typical);
        refused("--budget -5", "expected US dollars a month, above 0.", "", typical);
        refused("--buckets 0", "--buckets 0: expected kinds of requests, 1 to 200.", "", typical);
        refused("--gap NaN", "--gap NaN: expected a share from 0 to 1", "", typical);
        refused("--caps 60,50", "--caps: is what --frontier looks at", "", typical);
        refused("--frontier --caps 0", "--caps 0.0: expected shares above 0", "", typical);
        refused("--html @folder/none/page.html", "lies in no folder", "", typical);
        refused("-o @folder/offers.yaml", "no folder can be there", "", typical);
    }

    private void refused(String options, String why, String maybe, String... others) {
        List<String> all = new ArrayList<>(List.of(others));
        all.addAll(List.of(options.split(" ")));
        err.getBuffer().setLength(0);
        assertThat(run(all.toArray(String[]::new))).as(options).isEqualTo(2);
        assertThat(err.toString()).contains(why).contains(maybe).doesNotContain("round 1");
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void aVendorThatIsMisspeltInADemandFileLimitsNobodyAndIsRefused() throws IOException {
        Files.writeString(folder.resolve("misspelt.yaml"), DEMAND + "independence: {max-share: {nvida: 60 %}}\n");
        assertThat(run("@folder/misspelt.yaml", "--deals", "@folder/offers.yaml"))
                .isEqualTo(2);
        assertThat(err.toString())
                .contains("misspelt.yaml: independence: max-share: nvida")
                .contains("Maybe nvidia.");
    }

    @Test
    void aDemandOfNothingIsToldInWordsNotByAnException() throws IOException {
        Files.writeString(folder.resolve("zero.yaml"), DEMAND.replace("{night: 2, day: 30}", "{night: 0, day: 0}"));
        assertThat(run("@folder/zero.yaml", "--deals", "@folder/offers.yaml")).isEqualTo(1);
        assertThat(err.toString()).contains("zero.yaml: traffic: nothing comes in any hour");
    }

    @Test
    void offersOfADayAfterThePlansEndAreNamedAsTheReason() throws IOException {
        Files.writeString(folder.resolve("offers.yaml"), OFFERS.replace("2026-11-24", "2029-11-24"));
        assertThat(run("@folder/demand.yaml", "--deals", "@folder/offers.yaml")).isEqualTo(1);
        assertThat(err.toString()).contains("offers.yaml: as-of 2029-11-24 is after 2027-12-31, where the plan ends");
    }

    @Test
    void aPriceThatWouldDrownAllOthersIsRefusedWithItsLine() throws IOException {
        Files.writeString(
                folder.resolve("offers.yaml"), OFFERS.replace("usd-per-chip-hour: 1.85", "usd-per-chip-hour: 1e30"));
        assertThat(run("@folder/demand.yaml", "--deals", "@folder/offers.yaml")).isEqualTo(1);
        assertThat(err.toString()).contains("offers.yaml:12: usd-per-chip-hour: \"1e30\" is more than anybody asks;");
    }

    @Test
    void aDemandNoChipMeetsIsToldInThreeLinesNotADozen() throws IOException {
        Files.writeString(folder.resolve("hard.yaml"), DEMAND.replace("ttft: 2 s", "ttft: 1 ms"));
        assertThat(run("@folder/hard.yaml", "--deals", "@folder/offers.yaml")).isEqualTo(1);
        assertThat(err.toString())
                .contains("the best first token is ", "further kinds of requests likewise.")
                .satisfies(text -> assertThat(text.lines().count()).isEqualTo(4));
    }

    @Test
    void aTraceOfOneMomentHasNoRate() throws IOException {
        Files.writeString(folder.resolve("one.csv"), "arrival_seconds,input_tokens,output_tokens\n0.0,500,50\n");
        assertThat(run("@folder/one.csv", "--fleet", "@folder/fleet.yaml")).isEqualTo(1);
        assertThat(err.toString()).contains("has 1 request in that window, all at one time");
    }

    @Test
    void aPlanSaysWhatToMeasureOfAReplicaThatNobodyMeasured() throws IOException {
        Files.writeString(
                folder.resolve("other.yaml"),
                FLEET.replace("amd/mi300x", "amd/mi325x").replace("vllm@0.15.1", "sglang"));
        assertThat(run("@folder/trace.csv", "--fleet", "@folder/other.yaml", "--lose", "vendor"))
                .as(err.toString())
                .isZero();
        assertThat(out.toString())
                .contains("mi300x was never measured and is estimated; most would help, by polychip measure:"
                        + " concurrency ");
        out.getBuffer().setLength(0);
        assertThat(run("@folder/trace.csv", "--fleet", "@folder/fleet.yaml", "--lose", "vendor"))
                .isZero();
        assertThat(out.toString()).doesNotContain("was never measured");
    }

    @Test
    void aPlanThatIsToSurviveAVendorHasTwoAndWasSimulatedWithoutEach() {
        JsonNode plan = json("@folder/trace.csv", "--fleet", "@folder/fleet.yaml", "--lose", "vendor");
        assertThat(plan.get("kept").asBoolean()).isTrue();
        assertThat(plan.get("periods").get(0).get("pools")).hasSize(2);
        List<String> lost = new ArrayList<>();
        for (JsonNode trial : plan.get("trials").values()) {
            assertThat(trial.get("kept").asBoolean()).isTrue();
            JsonNode all = trial.get("classes").get("default");
            assertThat(all.get("attained").asDouble())
                    .isGreaterThanOrEqualTo(all.get("needed").asDouble());
            assertThat(all.get("needed").asDouble()).isEqualTo(0.995);
            lost.add(trial.get("lost").asString());
        }
        assertThat(lost).containsExactly("", "vendor=amd", "vendor=nvidia");
    }

    @Test
    void withoutAPromiseOneVendorIsCheaperAndTheReportSaysWhatItsLossLeaves() {
        double both = json("@folder/trace.csv", "--fleet", "@folder/fleet.yaml", "--lose", "vendor")
                .get("usdPerMonth")
                .asDouble();
        out.getBuffer().setLength(0);
        assertThat(run("@folder/trace.csv", "--fleet", "@folder/fleet.yaml")).isZero();
        assertThat(out.toString())
                .contains("Simulated: every objective and every promise held.", "not promised", "amd lost at 0:50")
                .doesNotContain("h100 ");
        assertThat(both).isGreaterThan(1.85 * 730.5 + 2.9 * 730.5);
    }

    @Test
    void whatItWritesServesAndSimulates() throws IOException {
        assertThat(run(
                        "@folder/demand.yaml",
                        "--fleet",
                        "@folder/fleet.yaml",
                        "--lose",
                        "vendor@50%",
                        "-o",
                        "@folder/plan"))
                .as(err.toString())
                .isZero();
        Path written = folder.resolve("plan");
        Fleet fleet = new FleetReader(CatalogueReader.shipped(), Map.of()).read(written.resolve("fleet.yaml"));
        assertThat(fleet.pools())
                .hasSize(2)
                .allSatisfy(pool -> assertThat(pool.replicas())
                        .allSatisfy(replica -> assertThat(replica.getHost()).endsWith(".invalid")));
        CommandLine simulate = Main.commandLine("simulate");
        simulate.setOut(new PrintWriter(out, true));
        assertThat(simulate.execute(
                        "simulate",
                        written.resolve("fleet.yaml").toString(),
                        "--traffic",
                        folder.resolve("trace.csv").toString()))
                .isZero();
        assertThat(Files.readString(written.resolve("report.html")))
                .contains("Wanted fleet", "What each loss leaves", "Chips through the day")
                .doesNotContain("src=\"http");
        assertThat(Files.readString(written.resolve("kubernetes.yaml"))).contains("kind: ScaledObject");
        JsonNode routing = JsonMapper.shared().readTree(Files.readString(written.resolve("routing.json")));
        JsonNode first = routing.path("starts").path(0);
        assertThat(first.path("hour").asString()).isEqualTo("day"); // the busiest, as in fleet.yaml
        assertThat(first.path("usdPerChipHour").isEmpty()).isFalse();
        assertThat(first.path("kinds").path(0).path("shares").isEmpty()).isFalse();
        assertThat(routing.path("starts")).hasSize(2);
    }

    /** By night a small chip suffices, by day one large chip: the fleet file has a pool for each. */
    @Test
    void everyHourOfAPlansRoutingBeginsTheFleetItWasWrittenWith() throws IOException {
        Files.writeString(folder.resolve("offers.yaml"), """
            as-of: 2026-11-24
            offers:
              - {name: by-night, chip: nvidia/l40s, provider: a, price: {usd-per-chip-hour: 0.50, date: 2026-11-01},
                 chips: {max: 1}}
              - {name: by-day, chip: nvidia/b200, provider: b, price: {usd-per-chip-hour: 1.00, date: 2026-11-01},
                 chips: {max: 1}}
            """);
        assertThat(run("@folder/demand.yaml", "--deals", "@folder/offers.yaml", "-o", "@folder/plan"))
                .as(err.toString())
                .isZero();
        Path written = folder.resolve("plan");
        assertThat(Files.readString(written.resolve("kubernetes.yaml"))).contains("name: by-day", "name: by-night");
        assertThat(begun(written, "2027-01.day").kinds().getFirst().shares()).containsExactly(Map.entry("by-day", 1.0));
        assertThat(begun(written, "2027-01.night").kinds().getFirst().shares())
                .containsExactly(Map.entry("by-night", 1.0));
    }

    private static RoutingStart begun(Path written, String hour) {
        Fleet fleet = new FleetReader(CatalogueReader.shipped(), Map.of()).read(written.resolve("fleet.yaml"));
        return RoutingStartReader.begin(fleet, written.resolve("routing.json"), hour)
                .start();
    }

    /** Two chips that cost the same: of itself the router would use both. */
    @Test
    void whatIsSimulatedWithAPlansRoutingBeginsWithItsShares() throws IOException {
        Files.writeString(folder.resolve("routing.json"), """
            {"starts": [{"period": "2027-01", "hour": "day", "usdPerChipHour": {},
              "kinds": [{"model": "llama-3.1-8b", "class": "default", "promptTokens": 500, "outputTokens": 40,
                "requestsPerSecond": 10, "shares": {"h100": 0, "mi300x": 1}}]}]}
            """);
        long[] plain = sent();
        long[] planned = sent("--routing", folder.resolve("routing.json").toString());
        assertThat(plain[0]).isGreaterThan(REQUESTS / 5);
        assertThat(planned[0]).isLessThan(plain[0] / 2);
        assertThat(planned[0] + planned[1]).isEqualTo(REQUESTS);
    }

    /** Requests that went to the H100 and to the MI300X. */
    private long[] sent(String... more) {
        StringWriter printed = new StringWriter();
        CommandLine simulate = Main.commandLine();
        simulate.setOut(new PrintWriter(printed, true));
        List<String> arguments = new ArrayList<>(List.of(
                "simulate",
                folder.resolve("fleet.yaml").toString(),
                "--traffic",
                folder.resolve("trace.csv").toString(),
                "--json"));
        arguments.addAll(List.of(more));
        assertThat(simulate.execute(arguments.toArray(String[]::new))).isZero();
        long[] sent = new long[2];
        JsonNode pools = JsonMapper.shared()
                .readTree(printed.toString())
                .path("variants")
                .path(0)
                .path("pools");
        for (JsonNode pool : pools) {
            sent[pool.path("pool").asString().equals("h100") ? 0 : 1] +=
                    pool.path("sent").asLong();
        }
        return sent;
    }

    @Test
    void serveNamesWhatIsWrongInAPlansRouting() throws IOException {
        Files.writeString(folder.resolve("routing.json"), """
            {"starts": [{"period": "2027-01", "hour": "day", "kinds": [
              {"model": "llama-3.1-8b", "promptTokens": 500, "outputTokens": 40, "shares": {"h200": 1}}]}]}
            """);
        CommandLine serve = Main.commandLine();
        serve.setErr(new PrintWriter(err, true));
        assertThat(serve.execute(
                        "serve",
                        folder.resolve("fleet.yaml").toString(),
                        "--port",
                        "0",
                        "--routing",
                        folder.resolve("routing.json").toString()))
                .isEqualTo(1);
        assertThat(err.toString())
                .contains("routing.json:2: h200:", "the fleet does not have; expected one of h100, mi300x");
    }

    private void energy(String section) throws IOException {
        Files.writeString(folder.resolve("demand.yaml"), DEMAND + section);
        Files.writeString(
                folder.resolve("offers.yaml"),
                OFFERS.replace("chips: {max: 1}", "chips: {max: 9}\n    region: us-east"));
    }

    private JsonNode planned() {
        out.getBuffer().setLength(0);
        assertThat(run("@folder/demand.yaml", "--deals", "@folder/offers.yaml", "--json"))
                .as(err.toString())
                .isZero();
        return JsonMapper.shared().readTree(out.toString());
    }

    @Test
    void energyAndCarbonAreCountedAsTheDemandFileGivesThem() throws IOException {
        energy("");
        JsonNode before = planned();
        assertThat(before.path("energyMwhPerMonth").asDouble()).isPositive();
        assertThat(before.path("energyUsdPerMonth").asDouble()).isZero();
        energy("energy: {usd-per-tonne-co2: 100, regions: {us-east: {usd-per-kwh: 0.10, grams-co2-per-kwh: 400}}}\n");
        JsonNode counted = planned();
        double mwh = counted.path("energyMwhPerMonth").asDouble();
        assertThat(counted.path("tonnesCo2PerMonth").asDouble()).isCloseTo(mwh * 0.4, withinPercentage(0.01));
        assertThat(counted.path("energyUsdPerMonth").asDouble())
                .isCloseTo(mwh * 100 + mwh * 0.4 * 100, withinPercentage(0.01));
        assertThat(counted.path("presentUsd").asDouble()
                        - before.path("presentUsd").asDouble())
                .as("what the programme minimises counts it for the year")
                .isCloseTo(counted.path("energyUsdPerMonth").asDouble() * 12, withinPercentage(2));
        energy("energy: {regions: {us-east: {usd-per-kwh: 0.10}}}\n");
        assertThat(run("@folder/demand.yaml", "--deals", "@folder/offers.yaml")).isZero();
        assertThat(out.toString()).contains(" for energy and carbon, ", "no region's carbon is known");
    }

    @Test
    void tooLittlePowerIsNamed() throws IOException {
        energy("energy: {regions: {us-east: {megawatts: 0.0001}}}\n");
        assertThat(run("@folder/demand.yaml", "--deals", "@folder/offers.yaml")).isEqualTo(1);
        assertThat(err.toString()).contains("The least that has to give way:", "us-east");
    }

    @Test
    void aCapOnCarbonThatIsTooTightIsNamed() throws IOException {
        energy("energy: {tonnes-co2-per-year: 0.5, grams-co2-per-kwh: 450}\n");
        assertThat(run("@folder/demand.yaml", "--deals", "@folder/offers.yaml")).isEqualTo(1);
        assertThat(err.toString())
                .contains(
                        "The least that has to give way:",
                        "The cap on carbon: needs ",
                        " t of CO2 a year more than 0.50.");
    }

    @Test
    void aCapOnCarbonIsNotKeptByChipsWhoseCarbonNobodyKnows() throws IOException {
        energy("energy: {tonnes-co2-per-year: 100}\n");
        assertThat(run("@folder/demand.yaml", "--deals", "@folder/offers.yaml")).isEqualTo(1);
        assertThat(err.toString())
                .contains("demand.yaml: energy: tonnes-co2-per-year: no chips are left of those offered; the cap on"
                        + " carbon cannot hold them, since their chips' power or their region's carbon is not"
                        + " known: amd-hour, amd-year. Maybe energy: {grams-co2-per-kwh: 450}");
        energy("energy: {tonnes-co2-per-year: 100, grams-co2-per-kwh: 450}\n");
        JsonNode held = planned();
        assertThat(held.path("tonnesCo2PerYearAtMost").asDouble()).isEqualTo(100);
        assertThat(held.path("tonnesCo2PerMonth").asDouble() * 12).isBetween(1.0, 100.0);
    }

    @Test
    void powerOfARegionThatNobodyOffersIsNamed() throws IOException {
        energy("energy: {regions: {us-eats: {megawatts: 1}}}\n");
        assertThat(run("@folder/demand.yaml", "--deals", "@folder/offers.yaml")).isEqualTo(1);
        assertThat(err.toString())
                .contains(
                        "demand.yaml: energy: regions: us-eats is the region of no chips that are offered; expected one"
                                + " of us-east. Maybe us-east.");
    }

    @Test
    void tooFewChipsAreNamedWithTheirNumbers() {
        assertThat(run("@folder/demand.yaml", "--deals", "@folder/offers.yaml", "--lose", "vendor"))
                .isEqualTo(1);
        assertThat(err.toString())
                .contains("No plan satisfies all that is asked. The least that has to give way:")
                .contains("Losing vendor amd: at most 0 % of what was to survive it can be served.");
    }

    @Test
    void anObjectiveThatNoChipCanMeetIsNamedWithFileLineAndTheBestThereIs() throws IOException {
        Files.writeString(folder.resolve("demand.yaml"), DEMAND.replace("ttft: 2 s", "ttft: 20 ms"));
        assertThat(run("@folder/demand.yaml", "--deals", "@folder/offers.yaml")).isEqualTo(1);
        assertThat(err.toString())
                .contains("demand.yaml:8: default asks for prompts of ")
                .contains("no chip that is offered can: the best first token is ")
                .contains("ms on mi300x-fp8");
    }

    @Test
    void anOfferThatHasExpiredIsNamedWithItsLine() throws IOException {
        Files.writeString(
                folder.resolve("offers.yaml"),
                OFFERS.replace("    chips: {max: 1}\n", "    available: {until: 2026-10}\n"));
        assertThat(run("@folder/demand.yaml", "--deals", "@folder/offers.yaml")).isEqualTo(1);
        assertThat(err.toString()).contains("offers.yaml:8: until: \"2026-10\" is before 2026-11-24");
    }

    @Test
    void aCommitmentIsTakenForWhatRunsAllDayAndOneThatOutlastsThePlanIsLeftOut() {
        JsonNode year = json("@folder/demand.yaml", "--deals", "@folder/offers.yaml", "--horizon", "12mo");
        assertThat(year.get("commitments").get(0).get("offer").asString()).isEqualTo("amd-year");
        out.getBuffer().setLength(0);
        JsonNode month = json("@folder/demand.yaml", "--deals", "@folder/offers.yaml", "--horizon", "6mo");
        assertThat(month.get("commitments")).isEmpty();
        assertThat(month.get("notes").toString()).contains("bind for longer than the plan looks: amd-year");
    }

    @Test
    void whatTrainsIsNamedWithItsChipsAndMakesNoAnswerDearer() throws IOException {
        // A chip of the fleet trains, without any file of offers.
        double without = json("@folder/demand.yaml", "--fleet", "@folder/fleet.yaml")
                .get("usdPerMillionGoodTokens")
                .asDouble();
        out.getBuffer().setLength(0);
        Files.writeString(folder.resolve("demand.yaml"), DEMAND + TRAINING);
        assertThat(run("@folder/demand.yaml", "--fleet", "@folder/fleet.yaml", "-o", "@folder/plan"))
                .as(err.toString())
                .isZero();
        String named = "next trains on mi300x: ";
        assertThat(out.toString())
                .contains("1 training job;", " for training), ", named, " chips on average")
                .contains("Training next, 20.0 billion tokens of meta-llama/Llama-3.1-8B-Instruct in bf16, due"
                        + " 2027-06-30: done by ");
        Path written = folder.resolve("plan");
        assertThat(Files.readString(written.resolve("report.html"))).contains(named, "Training next, ");
        JsonNode plan = JsonMapper.shared().readTree(Files.readString(written.resolve("plan.json")));
        double chipHours = 0;
        for (JsonNode trains : plan.get("training").values()) {
            assertThat(trains.get("offer").asString()).isEqualTo("mi300x");
            assertThat(trains.get("period").asString()).isIn("2027-01", "2027-04");
            chipHours += trains.get("chips").asDouble()
                    / 2
                    * 24
                    * (trains.get("period").asString().equals("2027-01") ? 90 : 91);
        }
        assertThat(plan.get("trainingUsdPerMonth").asDouble() * 12).isCloseTo(chipHours * 1.85, within(1.0));
        assertThat(plan.get("usdPerMillionGoodTokens").asDouble()).isCloseTo(without, withinPercentage(0.5));
    }

    @Test
    void aTrainingThatIsDueBeforeThePlanBeginsIsNamedWithItsLine() throws IOException {
        Files.writeString(folder.resolve("demand.yaml"), DEMAND + TRAINING.replace("2027-06", "2026-06"));
        assertThat(run("@folder/demand.yaml", "--fleet", "@folder/fleet.yaml")).isEqualTo(1);
        assertThat(err.toString())
                .contains(
                        "demand.yaml, line 13: training next is due 2026-06-30, before the plan begins on 2027-01-01");
    }

    @Test
    void whereOnlyTheBusiestHoursWereRunNothingIsSaidOfWhatAMonthCostAsSimulated() throws IOException {
        // Every other request is refused by its length, so that the quiet hour is never looked at.
        Files.writeString(
                folder.resolve("demand.yaml"),
                DEMAND.replace(
                                "    output: 150",
                                "    output: [{up-to: 100, share: 50 %}, {up-to: 140000, share: 50 %}]")
                        .replace("itl: 100 ms", "itl: 1 ms"));
        assertThat(run("@folder/demand.yaml", "--fleet", "@folder/fleet.yaml", "--rounds", "1"))
                .isEqualTo(1);
        assertThat(out.toString()).doesNotContain("as simulated");
    }

    private static final String DEAL = """
        deals:
          - name: pact
            supplier: amd
            offers: [amd-hour]
            minimum-take: {usd: 1e9, each: year, from: 2027-01, until: 2029-12}
            investment:
              - {usd: 1e8, at: 2027-01}
              - {usd: 9e9, at: 2027-06, scenario: maybe}
        """;

    @Test
    void aDealThatIsNeededForItsChipsIsPaidInTheFirstLineAndItsLaterYearsAreSpokenOf() throws IOException {
        Files.writeString(
                folder.resolve("offers.yaml"),
                OFFERS.replaceAll("(?s)  - name: amd-year.*?(?=  - name: amd-hour)", "")
                                .replace("    chips: {max: 1}\n", "    chips: {max: 4}\n    only-with: pact\n")
                                .replace("offers:\n", "scenarios:\n  maybe: {probability: 40 %}\noffers:\n")
                        + DEAL);
        assertThat(run("@folder/demand.yaml", "--deals", "@folder/offers.yaml", "-o", "@folder/plan"))
                .as(err.toString())
                .isZero();
        assertThat(out.toString())
                .contains(" and deals that cost $900.0", " million in dollars of now, ")
                .contains(" for chips and tokens and deals that cost ")
                .contains("Deal pact: take it; its parts pay minimum-take -$")
                .contains("; without it no plan of the offers there are keeps all that is asked, whatever it costs.")
                .contains("Deal pact binds until 2029-12-31 and this plan looks until 2027-12-31")
                .contains("Maybe --horizon 36mo.")
                .contains("Deal pact: this plan uses $", " unused: more of its chips cost nothing")
                .contains("Left out of the deals, since it may not come: investment-2 of pact (scenario maybe).")
                .contains(" a month beside what these deals pay.");
        JsonNode plan = JsonMapper.shared()
                .readTree(Files.readString(folder.resolve("plan").resolve("plan.json")));
        assertThat(plan.get("dealsPresentUsd").asDouble()).isBetween(8.9e8, 9e8);
        assertThat(plan.get("presentUsdOtherwiseByDeal").get("pact").isNull()).isTrue();
    }

    @Test
    void aDealThatIsLeftSaysHowMuchDearerItWouldBe() throws IOException {
        Files.writeString(
                folder.resolve("offers.yaml"),
                OFFERS.replace("offers:\n", "scenarios:\n  maybe: {probability: 40 %}\noffers:\n") + DEAL);
        assertThat(run("@folder/demand.yaml", "--deals", "@folder/offers.yaml"))
                .as(err.toString())
                .isZero();
        assertThat(out.toString())
                .contains("Deal pact: leave it; the best plan with it costs $900.0 million more.")
                .contains("Deal pact and independence: tokens amd 100 % (Herfindahl 1.00) without it, ")
                .contains("turns that: maybe --sensitivity.")
                .doesNotContain(" and deals that ");
    }

    private static final String LONG = """
          - name: amd-long
            chip: amd/mi300x
            provider: vultr
            term: 36 mo
            price: {usd-per-chip-hour: 1.00, date: 2026-11-01}
            region: nowhere
        """;
    private static final String PAYING = """
        deals:
          - name: pact
            supplier: amd
            offers: [amd-long]
            investment: {usd: 1e8, at: 2027-01}
        """;

    @Test
    void aDealOfWhoseOffersTheCapOnCarbonLeftNoneIsLeftOutWithThem() throws IOException {
        String held = "energy: {tonnes-co2-per-year: 100, regions: {us-east: {grams-co2-per-kwh: 400}}}\n";
        energy(held);
        String offers = Files.readString(folder.resolve("offers.yaml")) + LONG;
        Files.writeString(folder.resolve("offers.yaml"), offers + PAYING);
        String[] arguments = {"@folder/demand.yaml", "--deals", "@folder/offers.yaml", "--horizon", "36mo"};
        assertThat(run(arguments)).as(err.toString()).isZero();
        assertThat(out.toString())
                .contains("Left out under the cap on carbon, since their chips' power or their region's carbon is not"
                        + " known: amd-long.")
                .contains("Left out with all their offers, as deals of which nothing could be had: pact.")
                .doesNotContain("Deal pact:");
        Files.writeString(
                folder.resolve("offers.yaml"),
                offers + PAYING.replace("    supplier: amd\n", "    supplier: amd\n    taken: true\n"));
        assertThat(run(arguments)).isEqualTo(1);
        assertThat(err.toString())
                .contains("offers.yaml: deals: pact is signed already, and all its offers cannot be held to the cap on"
                        + " carbon: amd-long. Maybe energy: {grams-co2-per-kwh: 450}");
    }

    @Test
    void aDealOfOffersThatAllOutlastThePlanIsLeftOutWithThem() throws IOException {
        Files.writeString(folder.resolve("offers.yaml"), OFFERS + LONG + PAYING);
        assertThat(run("@folder/demand.yaml", "--deals", "@folder/offers.yaml"))
                .as(err.toString())
                .isZero();
        assertThat(out.toString())
                .contains("Left out, since they bind for longer than the plan looks: amd-long. Maybe --horizon 36mo.")
                .contains("Left out with all their offers, as deals of which nothing could be had: pact. Maybe"
                        + " --horizon 36mo.")
                .doesNotContain("Deal pact:");
    }

    @Test
    void periodsThatAreAlikeAreWrittenOnceAndADealSaysWhereItTurns() throws IOException {
        Files.writeString(
                folder.resolve("offers.yaml"),
                OFFERS.replace("offers:\n", "scenarios:\n  maybe: {probability: 40 %}\noffers:\n") + DEAL);
        assertThat(run("@folder/demand.yaml", "--deals", "@folder/offers.yaml", "--sensitivity", "-o", "@folder/plan"))
                .as(err.toString())
                .isZero();
        assertThat(out.toString())
                .containsOnlyOnce("demand x 1.00")
                .contains("2027-01-01 to 2027-12-31, demand x 1.00")
                .contains("Deal pact, where it turns.")
                .doesNotContain("maybe --sensitivity");
        assertThat(out.toString().lines().filter(line -> line.startsWith("minimum-take minimum ")))
                .singleElement()
                .satisfies(line -> assertThat(line)
                        .as("what the investment pays for")
                        .contains("$1.00 billion", "$100.4 million"));
        Path written = folder.resolve("plan");
        JsonNode plan = JsonMapper.shared().readTree(Files.readString(written.resolve("plan.json")));
        assertThat(plan.get("periods")).hasSize(4);
        double tokens = 0;
        for (JsonNode pool : plan.get("periods").get(0).get("pools").values()) {
            tokens += pool.get("tokenShare").asDouble();
        }
        assertThat(tokens).isCloseTo(1, within(1e-9));
        assertThat(plan.get("dealTurns").get(0).get("turns").toString()).contains("investment-1 sum", "demand");
        assertThat(Files.readString(written.resolve("report.html")))
                .contains("Where the deal pact turns", "<dt>deals</dt><dd><b>0 of 1</b> leave pact");
    }

    private static final String API = """
          - name: groq
            chip: groq/lpu
            model: meta-llama/Llama-3.1-8B-Instruct
            provider: groq
            price: {usd-per-million-input: 5, usd-per-million-output: 8, date: 2026-07-02}
        """;

    @Test
    void aHostedApiStandsByForNoMoreThanItsQuota() throws IOException {
        String limit = "    quota: {tokens-per-minute: %d}\n";
        Files.writeString(folder.resolve("offers.yaml"), OFFERS + API + limit.formatted(60000));
        assertThat(run("@folder/demand.yaml", "--deals", "@folder/offers.yaml", "--lose", "amd"))
                .isEqualTo(1);
        assertThat(err.toString()).contains("Losing vendor amd: at most ");
        Files.writeString(folder.resolve("offers.yaml"), OFFERS + API + limit.formatted(60_000_000));
        assertThat(run("@folder/demand.yaml", "--deals", "@folder/offers.yaml", "--lose", "amd"))
                .as(err.toString())
                .isZero();
        assertThat(out.toString())
                .contains("groq stands by at no cost until something is lost, up to the 60,000,000 tokens a minute of"
                        + " its quota.");
        out.getBuffer().setLength(0);
        Files.writeString(folder.resolve("offers.yaml"), OFFERS + API);
        assertThat(run("@folder/demand.yaml", "--deals", "@folder/offers.yaml", "--lose", "amd"))
                .as(err.toString())
                .isZero();
        assertThat(out.toString()).contains("for as much as is asked, since no quota is stated");
    }

    @Test
    void tokensThatTheRouterBuysBesideThePlanAreInWhatItPromises() throws IOException {
        Files.writeString(
                folder.resolve("demand.yaml"),
                DEMAND.replace(
                        "requests-per-second: {night: 2, day: 30}", "requests-per-second: {night: 20, day: 50}"));
        Files.writeString(
                folder.resolve("offers.yaml"),
                OFFERS
                        + API.replace(
                                "input: 5, usd-per-million-output: 8", "input: 0.05, usd-per-million-output: 0.08"));
        JsonNode plan = json("@folder/demand.yaml", "--deals", "@folder/offers.yaml");
        double promised = plan.path("usdPerMonth").asDouble();
        double beyond = plan.path("usdPerMonthOfTokensBeyondPlan").asDouble();
        double planned = 0;
        for (JsonNode period : plan.path("periods").values()) {
            planned +=
                    period.path("usdPerMonth").asDouble() / plan.path("periods").size();
        }
        assertThat(beyond).isPositive();
        assertThat(promised).isCloseTo(planned + beyond, withinPercentage(0.1));
        assertThat(promised).isCloseTo(plan.path("usdPerMonthAsSimulated").asDouble(), withinPercentage(2));
    }

    @Test
    void clientModelsThatCannotBeUsedAreCounted() throws IOException {
        Path clients = Files.createDirectory(folder.resolve("clients"));
        Files.writeString(clients.resolve("chunk-0-trace.csv"), "0,5,1,Gamma,1,0.2\n600,5,1,Gamma,1,0.2\n");
        Files.writeString(
                clients.resolve("chunk-0-dataset.json"),
                "{\"0\": {\"input_tokens\": \"{100: 1.0}\", \"output_tokens\": \"{20: 1.0}\"}}");
        Files.writeString(clients.resolve("chunk-1-trace.csv"), "0,5,1,Gamma,1,0.2\n600,5,1,Gamma,1,0.2\n");
        JsonNode plan = json("@folder/clients", "--fleet", "@folder/fleet.yaml", "--for", "5m");
        assertThat(plan.get("notes").toString()).contains("1 client models were left out of the demand");
    }

    @Test
    void whoInterruptsItGetsTheBestSoFarAndItsSimulation() {
        List<Runnable> handlers = new ArrayList<>();
        CommandLine command = new CommandLine(new PlanCommand(handlers::add));
        command.setOut(new PrintWriter(out, true));
        command.setErr(new PrintWriter(
                new FilterWriter(err) {
                    @Override
                    public void write(String text, int from, int length) throws IOException {
                        super.write(text, from, length);
                        if (text.startsWith("round")) {
                            handlers.forEach(Runnable::run);
                        }
                    }
                },
                true));
        // Every other request is refused by its length, so that no round is ever kept.
        int code = command.execute(
                folder.resolve("long.csv").toString(),
                "--fleet",
                folder.resolve("fleet.yaml").toString(),
                "--solver",
                "ojalgo",
                "--json");
        assertThat(code).as(err.toString()).isEqualTo(1);
        JsonNode plan = JsonMapper.shared().readTree(out.toString());
        assertThat(err.toString()).contains("Stopping with the best so far. Once more to skip its simulation.");
        assertThat(plan.get("stopped").asBoolean()).isTrue();
        assertThat(plan.get("rounds").asInt()).isEqualTo(1);
        assertThat(plan.get("trials")).isNotEmpty();
        assertThat(plan.get("kept").asBoolean()).isFalse();
    }

    @Test
    void whoAsksToLoseWhatIsNotThereIsToldWhatThereIs() {
        assertThat(run("@folder/trace.csv", "--fleet", "@folder/fleet.yaml", "--lose", "intel"))
                .isEqualTo(2);
        assertThat(err.toString())
                .contains("nothing that is offered is intel; expected one of")
                .contains("vendor=amd");
    }
}
