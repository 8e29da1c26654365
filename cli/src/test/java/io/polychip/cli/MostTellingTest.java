package io.polychip.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.polychip.fleet.CatalogueReader;
import io.polychip.fleet.Fleet;
import io.polychip.fleet.FleetReader;
import io.polychip.fleet.Pool;
import io.polychip.performance.Profiles;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

final class MostTellingTest {
    private static final Fleet FLEET = new FleetReader(CatalogueReader.shipped(), Map.of()).read("fleet.yaml", """
        models:
          - name: llama-3.1-8b
            is: meta-llama/Llama-3.1-8B-Instruct
        pools:
          - name: measured
            model: llama-3.1-8b
            chip: nvidia/h100-sxm
            precision: fp8
            engine: vllm@0.15.1
            price: {usd-per-chip-hour: 2.95}
            replicas: [http://10.0.1.1:8000]
          - name: unmeasured
            model: llama-3.1-8b
            chip: amd/mi325x
            precision: fp8
            engine: sglang
            price: {usd-per-chip-hour: 1.85}
            replicas: [http://10.0.2.1:8000]
          - name: small
            model: llama-3.1-8b
            chip: amd/mi325x
            precision: fp8
            engine: sglang
            max-sequences: 8
            price: {usd-per-chip-hour: 1.85}
            replicas: [http://10.0.2.2:8000]
          - name: api
            model: llama-3.1-8b
            chip: groq/lpu
            hosted: {provider: groq, model: llama-3.1-8b-instant, key: none}
            price: {usd-per-million-input: 0.05, usd-per-million-output: 0.08}
        """);

    private static String points(int pool) {
        Pool asked = FLEET.pools().get(pool);
        return new MostTelling(FLEET.catalogue(), 700, 3000, 90).points(asked, Profiles.of(asked, FLEET.catalogue()));
    }

    @Test
    void pointsAreOfTheTrafficsLengthsAndSayWhatTheyNarrow() {
        Matcher said = Pattern.compile(
                        "concurrency \\d+ at (700|3,000) prompt and 90 answer tokens(, then \\d+ at (700|3,000) and"
                                + " 90)* \\(one sigma at such loads from (\\d+) % to (\\d+) %\\)")
                .matcher(points(1));
        assertThat(said.matches()).as(points(1)).isTrue();
        assertThat(Integer.parseInt(said.group(5))).isLessThan(Integer.parseInt(said.group(4)));
    }

    @Test
    void nothingIsAskedThatThePoolDoesNotDecodeAtOnce() {
        Matcher concurrency = Pattern.compile("(?:concurrency|then) (\\d+) at").matcher(points(2));
        int found = 0;
        while (concurrency.find()) {
            assertThat(Integer.parseInt(concurrency.group(1))).isLessThanOrEqualTo(8);
            found++;
        }
        assertThat(found).isPositive();
    }

    @Test
    void anApiIsAskedForOneAnswerAtATime() {
        assertThat(points(3)).isEqualTo("one answer alone at 700 and at 3,000 prompt and 90 answer tokens");
    }

    @Test
    void serveNamesOnlyPoolsThatNobodyMeasured() {
        StringWriter text = new StringWriter();
        ServeCommand.unmeasured(new PrintWriter(text, true), FLEET);
        assertThat(text.toString().lines())
                .hasSize(2)
                .first()
                .asString()
                .startsWith("unmeasured was never measured and is estimated; most would help, by polychip measure: ");
    }
}
