package io.polychip.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class SimulateCommandTest {
    private static final int REQUESTS = 400;
    private static final String FLEET = """
        models:
          - name: llama-3.1-8b
            is: meta-llama/Llama-3.1-8B-Instruct
        pools:
          - name: h100
            model: llama-3.1-8b
            chip: nvidia/h100-sxm
            precision: fp8
            engine: vllm@0.15.1
            price: {usd-per-chip-hour: 2.95}
            labels: {provider: own}
            replicas: [http://10.0.1.1:8000, http://10.0.1.2:8000]
          - name: mi300x
            model: llama-3.1-8b
            chip: amd/mi300x
            precision: fp8
            engine: vllm@0.15.1
            price: {usd-per-chip-hour: 1.85}
            labels: {provider: vultr}
            replicas: [http://10.0.2.1:8000, http://10.0.2.2:8000]
        objectives:
          default: {ttft: 2 s + 100 ms/1k, itl: 100 ms, percentile: 99}
        """;

    @TempDir
    private Path folder = Path.of("");

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeEach
    void files() throws IOException {
        Files.writeString(folder.resolve("fleet.yaml"), FLEET);
        StringBuilder trace = new StringBuilder("arrival_seconds,input_tokens,output_tokens,class\n");
        for (int i = 0; i < REQUESTS; i++) {
            String size = i == 100 ? "200000" : String.valueOf(100 + i * 37 % 900);
            trace.append("%.1f,%s,%d,%s%n".formatted(i * 0.25, size, 20 + i % 50, i % 4 == 0 ? "flex" : "default"));
        }
        Files.writeString(folder.resolve("trace.csv"), trace);
    }

    private int run(String... more) {
        List<String> arguments =
                new ArrayList<>(List.of("simulate", folder.resolve("fleet.yaml").toString(), "--traffic"));
        boolean named = List.of(more).contains("--traffic");
        if (named) {
            arguments.removeLast();
        } else {
            arguments.add(folder.resolve("trace.csv").toString());
        }
        for (String each : more) {
            arguments.add(each.replace("@folder", folder.toString()));
        }
        CommandLine command = Main.commandLine();
        command.setOut(new PrintWriter(out));
        command.setErr(new PrintWriter(err));
        return command.execute(arguments.toArray(String[]::new));
    }

    private JsonNode json(String... more) {
        out.getBuffer().setLength(0);
        List<String> arguments = new ArrayList<>(List.of(more));
        arguments.add("--json");
        assertThat(run(arguments.toArray(String[]::new))).as(err.toString()).isZero();
        return JsonMapper.shared().readTree(out.toString());
    }

    @Test
    void theSameSeedGivesTheSameBytesAndAnotherOneOthers() {
        String first = json("--seed", "7", "--pairs", "2").toString();
        assertThat(json("--seed", "7", "--pairs", "2").toString()).isEqualTo(first);
        assertThat(json("--seed", "8", "--pairs", "2").toString()).isNotEqualTo(first);
    }

    @Test
    void everyRequestIsCountedAndOneThatFitsNowhereIsRefused() {
        JsonNode variant = json().get("variants").get(0);
        long arrived = 0;
        long refused = 0;
        long completed = 0;
        for (JsonNode each : variant.get("classes").values()) {
            arrived += each.get("arrived").asLong();
            refused += each.get("refused").asLong();
            completed += each.get("completed").asLong();
        }
        assertThat(arrived).isEqualTo(REQUESTS);
        assertThat(refused).isEqualTo(1);
        assertThat(completed).isEqualTo(REQUESTS - 1);
        assertThat(variant.get("refusals").toString()).contains("context_length_exceeded");
    }

    @Test
    void rentIsPaidForIdleChipsToo() {
        JsonNode variant = json().get("variants").get(0);
        double usd = 0;
        for (JsonNode pool : variant.get("pools").values()) {
            usd += pool.get("usd").asDouble();
        }
        double seconds = usd / (2 * 2.95 + 2 * 1.85) * 3600;
        assertThat(seconds).isBetween(99.7, 110.0);
        assertThat(variant.get("figures")
                        .get("usd_per_million_good_tokens")
                        .get("value")
                        .asDouble())
                .isPositive();
    }

    @Test
    void aLossShowsInTheReportAndIsToldInWords() {
        JsonNode loss = json("--lose", "amd@30s+20s", "--lose", "h100/1@40s")
                .get("variants")
                .get(0)
                .get("losses");
        assertThat(loss).hasSize(2);
        assertThat(loss.get(0).get("lost").asString()).isEqualTo("amd");
        assertThat(loss.get(0).get("at_seconds").asDouble()).isEqualTo(30);
        out.getBuffer().setLength(0);
        assertThat(run("--lose", "provider=vultr@30s")).isZero();
        assertThat(out.toString()).contains("provider=vultr lost at 0:30: objective met by");
    }

    /** It was lost in the first cell only. */
    @Test
    void aHostedPoolsReplicaIsLostInEveryCell() throws IOException {
        Files.writeString(folder.resolve("fleet.yaml"), """
            models:
              - name: llama-3.1-8b
                is: meta-llama/Llama-3.1-8B-Instruct
            pools:
              - name: groq
                model: llama-3.1-8b
                chip: groq/lpu
                hosted: {provider: groq, model: llama-3.1-8b-instant, key: none}
                price: {usd-per-million-input: 0.05, usd-per-million-output: 0.08}
            objectives:
              default: {ttft: 2 s + 100 ms/1k, itl: 100 ms, percentile: 99}
            """);
        assertThat(completedByTheFirstPool("--cells", "2")).isPositive();
        assertThat(completedByTheFirstPool("--cells", "2", "--lose", "groq/0@0s"))
                .isZero();
    }

    private long completedByTheFirstPool(String... more) {
        JsonNode pools = json(more).get("variants").get(0).get("pools");
        return pools.get(0).get("completed").asLong();
    }

    /** No joules were taken for no known power. */
    @Test
    void powerOfChipsThatAreAllLostIsStillKnown() {
        assertThat(run("--lose", "nvidia@0s")).as(err.toString()).isZero();
        assertThat(out.toString()).contains("nvidia lost at 0:00").doesNotContain("no power is known");
    }

    @Test
    void fleetsAndPoliciesStandBesideEachOther() {
        JsonNode page = json(
                "--compare",
                "@folder/fleet.yaml",
                "--policy",
                "polychip,round-robin",
                "--truth",
                "@folder/truth.yaml",
                "--scale",
                "1.5x",
                "--cells",
                "2",
                "--gateways",
                "2");
        assertThat(page.get("variants").values())
                .extracting(each -> each.get("name").asString())
                .containsExactly(
                        "fleet, polychip", "fleet, round robin", "fleet (2), polychip", "fleet (2), round robin");
        assertThat(page.get("requests").asInt()).isBetween(560, 640);
        assertThat(page.get("verdict").asString()).contains("A good token costs");
    }

    @BeforeEach
    void truth() throws IOException {
        Files.writeString(folder.resolve("truth.yaml"), "- {where: {pool: h100}, factor: 1.4}\n");
        Files.writeString(folder.resolve("nobody.yaml"), "- {where: {pool: h1000}, factor: 1.4}\n");
        Files.writeString(folder.resolve("word.yaml"), "- {where: {pool: h100}, factor: fast}\n");
        Files.writeString(folder.resolve("wrong.yaml"), "- {where: {pool: h100}, factor: 1.4}\n- {factr: 2}\n");
        Files.writeString(folder.resolve("bad.csv"), "arrival_seconds,input_tokens,output_tokens\n0,5,5\n1,0,5\n");
        Files.createDirectories(folder.resolve("empty"));
        Files.write(folder.resolve("packed.csv.gz"), new byte[] {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 0, 3});
    }

    @Test
    void allOutputsAreWrittenAndThePageLoadsNothing() throws IOException {
        assertThat(run("-o", "@folder/all", "--lose", "nvidia@20s"))
                .as(err.toString())
                .isZero();
        Path all = folder.resolve("all");
        assertThat(all.resolve("report.txt")).content().contains("cost per M good tokens");
        assertThat(all.resolve("pools.csv"))
                .content()
                .startsWith("variant,pool,vendor,chip")
                .contains("fleet,mi300x,amd");
        assertThat(all.resolve("losses.csv")).content().contains("fleet,nvidia,20.0000,");
        String html = Files.readString(all.resolve("report.html"));
        assertThat(html.replaceAll("(?s)<script>.*?</script>", ""))
                .doesNotContainPattern("(src|href)\\s*=\\s*\"(?!#)")
                .contains("default-src 'none'")
                .contains("What the loss of nvidia did")
                .contains("<summary>Table: Answer tokens by pool</summary>");
    }

    @Test
    void thinEvidenceIsSaidWithTheMeasurementsThatWouldHelp() {
        assertThat(run()).isZero();
        assertThat(out.toString())
                .contains("Thin evidence.")
                .containsPattern(
                        "Most would help, by polychip measure on mi300x, concurrency \\d+ at [\\d,]+ prompt and \\d+"
                                + " answer tokens(, then \\d+ at [\\d,]+ and \\d+)* \\(one sigma at such loads from"
                                + " \\d+ % to \\d+ %\\)")
                .contains("polychip measure http://10.0.");
    }

    @Test
    void clientModelsAreTrafficToo() throws IOException {
        Path models = Files.createDirectories(folder.resolve("models"));
        Files.writeString(models.resolve("chunk-0-trace.csv"), "0,2,1,Gamma,1,1\n600,0,0,,0,0\n");
        Files.writeString(
                models.resolve("chunk-0-dataset.json"),
                "{\"0\": {\"input_tokens\": \"{50: 1.0}\", \"output_tokens\": \"{9: 1.0}\"}}");
        Files.writeString(models.resolve("chunk-1-trace.csv"), "0,2,1,Gamma,1,1\n600,0,0,,0,0\n");
        JsonNode page = json("--traffic", "@folder/models", "--for", "5m", "--scale", "0.5");
        assertThat(page.get("requests").asInt()).isBetween(250, 350);
        assertThat(page.get("notes").toString()).contains("1 client models were left out");
    }

    @Test
    void manyPoliciesHaveOneSentenceAndNotOneEach() {
        JsonNode page = json("--policy", "polychip,round-robin,least-request,two-choices,length-grid");
        assertThat(page.get("verdict").asString())
                .startsWith("A good token costs")
                .containsOnlyOnce("objective met")
                .containsPattern("all 4 others cost \\$[\\d.,]+ to \\$[\\d.,]+ per million good tokens\\.$");
    }

    @Test
    void energyIsNotSharedOutToTokensOfChipsWhosePowerNobodyKnows() throws IOException {
        Files.writeString(folder.resolve("dark.yaml"), FLEET.replace("amd/mi300x", "aws/trainium2"));
        JsonNode variant =
                json("--compare", "@folder/dark.yaml").get("variants").get(1);
        JsonNode lit = variant.get("pools").get(0);
        JsonNode unlit = variant.get("pools").get(1);
        assertThat(unlit.get("joules").asDouble()).isZero();
        assertThat(unlit.get("good_tokens").asLong()).isPositive();
        assertThat(variant.get("figures")
                        .get("wh_per_million_good_tokens")
                        .get("value")
                        .asDouble())
                .isCloseTo(
                        lit.get("joules").asDouble()
                                / 3600
                                / lit.get("good_tokens").asLong()
                                * 1e6,
                        within(1e-6));
    }

    @Test
    void whereNothingMeetsItsObjectiveTheVerdictHasNoNumberThatIsNone() {
        JsonNode page = json("--policy", "polychip,round-robin", "--lose", "amd@0s", "--lose", "nvidia@0s");
        assertThat(page.get("verdict").asString())
                .startsWith("With polychip no answer met its objective, so a good token has no price")
                .doesNotContain("NaN");
        JsonNode nobody = page.get("variants").get(0);
        assertThat(nobody.get("figures").get("ttft_p99_ms").get("value").isNull())
                .as("no 0 ms")
                .isTrue();
        assertThat(nobody.get("classes").get(0).get("e2e_ms").get("mean").isNull())
                .isTrue();
        assertThat(page.get("variants")
                        .get(0)
                        .get("losses")
                        .get(0)
                        .get("met_before")
                        .isNull())
                .isTrue();
        out.getBuffer().setLength(0);
        assertThat(run("--lose", "amd@0s")).isZero();
        assertThat(out.toString()).contains("amd lost at 0:00: objective met by nobody (none asked) before,");
    }

    @Test
    void thePlotsOfChipsThatAreLostEndWithTheRunAndNotWithTheChips() throws IOException {
        assertThat(run("--html", "@folder/page.html", "--lose", "amd@20s", "--lose", "nvidia@20s"))
                .isZero();
        List<Double> ends = new ArrayList<>();
        for (JsonNode plot : plots("page.html")) {
            JsonNode x = plot.get("x");
            if (x != null && x.get("scale").asString().equals("time")) {
                for (JsonNode series : plot.get("series").values()) {
                    ends.add(series.get("x").get(series.get("x").size() - 1).asDouble());
                }
            }
        }
        assertThat(ends).hasSizeGreaterThan(6).allMatch(end -> end > 94);
    }

    @Test
    void whatALossDidIsNotDrawnBeforeTheRunBegan() throws IOException {
        assertThat(run("--html", "@folder/page.html", "--lose", "amd@7s+20s")).isZero();
        JsonNode loss = plots("page.html").stream()
                .filter(plot -> plot.get("series").get(0).get("name").asString().equals("met the objective")
                        && plot.get("stacked").asBoolean() == false)
                .findFirst()
                .orElseThrow();
        assertThat(loss.get("series").get(0).get("x").get(0).asDouble()).isEqualTo(2);
    }

    private List<JsonNode> plots(String page) throws IOException {
        String html = Files.readString(folder.resolve(page));
        String plots = html.substring(html.indexOf("id=\"plots\">") + 11);
        return List.copyOf(JsonMapper.shared()
                .readTree(plots.substring(0, plots.indexOf("</script>")))
                .values());
    }

    @Test
    void theCsvFilesAddUpToTheReport() throws IOException {
        JsonNode variant = json("--csv", "@folder/csv", "--lose", "amd@20s")
                .get("variants")
                .get(0);
        List<String> rows = Files.readAllLines(folder.resolve("csv").resolve("requests-over-time.csv"));
        assertThat(rows.getFirst())
                .isEqualTo("variant,from_seconds,arrived,completed,met,refused,failed,waiting_in_gateways");
        assertThat(rows.stream()
                        .skip(1)
                        .mapToLong(row -> Long.parseLong(row.split(",", -1)[2]))
                        .sum())
                .isEqualTo(REQUESTS);
        assertThat(folder.resolve("csv").resolve("refusals.csv"))
                .content()
                .isEqualTo("variant,reason,requests\nfleet,context_length_exceeded,1\n");
        String[] head = Files.readAllLines(folder.resolve("csv").resolve("classes.csv"))
                .getFirst()
                .split(",");
        String[] first = Files.readAllLines(folder.resolve("csv").resolve("classes.csv"))
                .get(1)
                .split(",", -1);
        int column = List.of(head).indexOf("e2e_p99.9_ms");
        assertThat(Double.parseDouble(first[column]))
                .isCloseTo(
                        variant.get("classes").get(0).get("e2e_ms").get("p99.9").asDouble(), withinPercentage(0.01));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        --lose nividia@10s        | 2 | nothing of the fleet is nividia; expected one of amd, h100, mi300x, nvidia, provider=own
        --lose nvidia             | 2 | --lose nvidia: expected WHAT@TIME or WHAT@TIME+DURATION
        --lose nvidia@10          | 2 | --lose nvidia@10: "10" is no time; expected a number and ms, s, m, h or d
        --lose nvidia@3h          | 2 | --lose nvidia@3h: the last request comes at 1:40; expected a time before it
        --scrape-loss 5x          | 2 | "5x" is no share; expected 0% to 100%, or 0 to 1
        --restart 1m+2m+3m        | 2 | "1m+2m+3m" is no restart; expected TIME or TIME+WARM
        -o @folder/fleet.yaml     | 1 | Cannot make the folder
        --html @folder/none/x.html | 1 | expected a file in a folder that is there and may be written
        --traffic @folder/packed.csv.gz | 1 | it is no text in UTF-8. Maybe it is compressed: gunzip it first
        --lose h100/9@10s         | 2 | nothing of the fleet is h100/9
        --scale -2                | 2 | --scale -2: expected a number above 0
        --classes urgent=10%      | 2 | --classes urgent=10%: expected CLASS=SHARE
        --classes flex=70%,batch=40% | 2 | together at most 100 %
        --cells 3                 | 2 | pool h100 has 2 replicas; expected at most as many cells
        --policy best             | 2 | is no policy; allowed are polychip, round-robin
        --from 9h                 | 2 | has no request in that window
        --truth @folder/wrong.yaml | 1 | wrong.yaml: entry 2:
        --truth @folder/nobody.yaml | 1 | nobody.yaml: entry 1: where: {"pool":"h1000"} is nothing of the fleet
        --truth @folder/word.yaml | 1 | word.yaml: entry 1: factor is "fast"; expected a number
        --truth @folder/none.yaml | 1 | Cannot read
        --traffic @folder/bad.csv | 1 | bad.csv:3: input tokens is "0"; expected a whole number of at least 1
        --traffic /dev/null       | 2 | is read several times, which a pipe cannot be; expected a file or a folder
        --traffic @folder/none    | 2 | there is no such file or folder
        --traffic @folder/empty   | 1 | holds no client model; expected pairs of chunk-N-trace.csv
        """)
    void aMistakeSaysWhatWasExpected(String options, int code, String message) {
        assertThat(run(options.split(" "))).isEqualTo(code);
        assertThat(err.toString()).contains(message);
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void aMistakeIsNotPushedOffTheScreenByTheUsage() {
        assertThat(run("--cells", "3")).isEqualTo(2);
        assertThat(err.toString().lines())
                .hasSize(2)
                .last()
                .isEqualTo("polychip simulate --help says what is allowed.");
    }

    @Test
    void whatOnlyTheOtherFleetHasCanBeLostToo() throws IOException {
        Files.writeString(
                folder.resolve("other.yaml"),
                FLEET.replace("name: h100", "name: amd").replace("name: mi300x", "name: b"));
        JsonNode variants = json("--compare", "@folder/other.yaml", "--lose", "b@30s", "--lose", "amd@40s")
                .get("variants");
        assertThat(variants.get(0).get("losses").values())
                .extracting(each -> each.get("lost").asString())
                .containsExactly("amd");
        assertThat(variants.get(1).get("losses").values())
                .extracting(each -> each.get("lost").asString())
                .containsExactly("b", "amd");
        assertThat(variants.get(0)
                        .get("figures")
                        .get("failed_share")
                        .get("value")
                        .asDouble())
                .isLessThan(0.1);
        assertThat(variants.get(1)
                        .get("figures")
                        .get("failed_share")
                        .get("value")
                        .asDouble())
                .isGreaterThan(0.5);
    }

    private static long sent(JsonNode variant, String pool) {
        for (JsonNode each : variant.get("pools").values()) {
            if (each.get("pool").asString().equals(pool)) {
                return each.get("sent").asLong();
            }
        }
        throw new AssertionError("No pool " + pool);
    }

    @Test
    void whatGatewaysSeeAndHowReplicasComeBackAreTheOperatorsToSay() {
        String[] loss = {"--lose", "amd@20s+10s", "--policy", "round-robin"};
        JsonNode usual = json(loss).get("variants").get(0);
        JsonNode quick = json(with(loss, "--restart", "1s")).get("variants").get(0);
        assertThat(sent(quick, "mi300x")).isGreaterThan(sent(usual, "mi300x"));
        JsonNode blind = json(
                "--gateways", "2", "--scrape", "2s", "--scrape-delay", "1s", "--scrape-loss", "50%", "--restart", "4m");
        assertThat(blind.get("conditions").asString())
                .contains(
                        "2 gateways, replicas read every 2.00 s, 1.00 s late, 50.0 % of readings lost, restarts of 4.0"
                                + " min and 0 ms of warming up");
        JsonNode seeing = json("--gateways", "2", "--scrape", "2s");
        assertThat(blind.get("variants").get(0).get("work"))
                .isNotEqualTo(seeing.get("variants").get(0).get("work"));
    }

    private static String[] with(String[] some, String... more) {
        return Stream.concat(Stream.of(some), Stream.of(more)).toArray(String[]::new);
    }
}
