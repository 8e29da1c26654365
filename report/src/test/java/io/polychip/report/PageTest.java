package io.polychip.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

final class PageTest {
    private static final Pattern JSON =
            Pattern.compile("<script type=\"application/json\" id=\"plots\">(.*?)</script>", Pattern.DOTALL);

    /** Attributes and style functions by which a browser would fetch something. */
    private static final Pattern FETCHED =
            Pattern.compile("(src|href|data|action|poster)\\s*=\\s*\"(?!#)|@import|<link|<iframe|<img|<object");

    private final Palette palette = new Palette();

    private Page page() {
        double[] seconds = new double[240];
        double[] nvidia = new double[seconds.length];
        double[] amd = new double[seconds.length];
        double[] low = new double[seconds.length];
        double[] high = new double[seconds.length];
        for (int i = 0; i < seconds.length; i++) {
            seconds[i] = i * 15;
            nvidia[i] = i > 60 && i < 100 ? 0 : 900 + 200 * Math.sin(i / 20.0);
            amd[i] = 400 + 90 * Math.cos(i / 14.0) + (i > 60 && i < 100 ? 700 : 0);
            low[i] = amd[i] * 0.8;
            high[i] = amd[i] * 1.3;
        }
        Lines stacked = new Lines(
                "Tokens by vendor",
                "Who carries what.",
                Axis.time(),
                Axis.of("goodput", "tokens/s"),
                List.of(
                        new Lines.Line("nvidia", palette.of("nvidia"), seconds, nvidia),
                        new Lines.Line("amd", palette.of("amd"), seconds, amd)),
                true,
                List.of(new Lines.Mark("nvidia lost", 900, true)));
        Lines band = new Lines(
                "Queue <b>",
                "With a band.",
                Axis.time(),
                Axis.of("waiting", ""),
                List.of(
                        new Lines.Line("amd", palette.of("amd"), seconds, amd).banded(low, high),
                        new Lines.Line("nvidia", palette.of("nvidia"), seconds, nvidia).asDashed()),
                false,
                List.of(new Lines.Mark("limit", 1000, false)));
        Lines shares = new Lines(
                "TTFT",
                "Share of requests answered within.",
                Axis.log("TTFT", "ms"),
                Axis.share("requests"),
                List.of(new Lines.Line(
                        "default", palette.of("default"), new double[] {20, 50, 300, 4000}, new double[] {
                            0.1, 0.5, 0.9, 1
                        })),
                false,
                List.of(new Lines.Mark("objective", 2000, true)));
        Bars bars = new Bars(
                "Cost",
                "With ranges.",
                List.of("five vendors, ours", "five vendors, round robin"),
                Axis.of("cost", "$ / M tokens"),
                List.of(
                        new Bars.Bar("now", palette.of("now"), 1.2, 1.9)
                                .ranged(new double[] {1.1, 1.7}, new double[] {1.4, 2.2}),
                        new Bars.Bar("then", palette.of("then"), 0.8, 1.1)),
                false,
                Double.NaN);
        Bars parts = new Bars(
                "Shares",
                "By vendor.",
                List.of("fleet a", "fleet b"),
                Axis.share("tokens"),
                List.of(
                        new Bars.Bar("nvidia", palette.of("nvidia"), 0.5, 0.7),
                        new Bars.Bar("aws", palette.of("aws"), 0.3, 0.02),
                        new Bars.Bar("google", palette.of("google"), 0.2, 0.28)),
                true,
                Double.NaN);
        Scatter scatter = new Scatter(
                "Frontier",
                "Cost against dependence.",
                Axis.share("largest vendor"),
                Axis.fitted("cost", "$/h"),
                List.of(
                        new Scatter.Dots(
                                "frontier",
                                palette.of("frontier"),
                                List.of(
                                        new Scatter.Dot("60 %", 0.6, 120),
                                        new Scatter.Dot("80 %", 0.8, 100),
                                        new Scatter.Dot("all nvidia", 1, 95)),
                                true),
                        new Scatter.Dots(
                                "today",
                                palette.of("today"),
                                List.of(new Scatter.Dot("your fleet", 0.9, 130)),
                                false)));
        return new Page("A page & its plots", "What came out.")
                .tiles(List.of(
                        new Page.Tile("cost", "$1.20", "per million goodput tokens", null),
                        new Page.Tile("priority", "99.5 %", "of 99 % promised", true),
                        new Page.Tile("flex", "91 %", "of 99 % promised", false)))
                .note("Thin evidence.")
                .section("Plots")
                .plots(stacked)
                .plots(band, shares)
                .plots(bars, parts)
                .plots(scatter)
                .table("Numbers", new Grid(List.of("name", "value"), List.of(List.of("a", "1"), List.of("b", "-"))));
    }

    @Test
    void aPageLoadsNothingFromAnywhere() {
        String html = page().html();
        String markup = html.replaceAll("(?s)<script>.*?</script>", "");
        assertThat(FETCHED.matcher(markup).results().map(MatchResult::group)).isEmpty();
        assertThat(html).contains("default-src 'none'").contains("Apache License");
    }

    @Test
    void itsScriptsEndWhereTheyShould() {
        String html = page().html();
        assertThat(html.split("<script", -1)).hasSize(4);
        assertThat(html.split("</script>", -1)).hasSize(4);
    }

    @Test
    void theSameCallsGiveTheSameBytes() {
        assertThat(page().html()).isEqualTo(page().html());
    }

    @Test
    void textIsNeverMarkup() {
        String html = page().html();
        assertThat(html)
                .contains("A page &amp; its plots")
                .contains("Queue &lt;b&gt;")
                .doesNotContain("Queue <b>");
    }

    @Test
    void everyPlotHasItsDataAndTheSameValuesAsATable() {
        String html = page().html();
        JsonNode plots = JsonMapper.shared()
                .readTree(JSON.matcher(html).results().findFirst().orElseThrow().group(1));
        assertThat(plots).hasSize(6);
        assertThat(plots.get(0).get("series").get(1).get("y").get(0).asDouble()).isEqualTo(490);
        assertThat(html.split("<summary>Table: ", -1)).hasSize(7);
        assertThat(html).contains("<th scope=\"col\" class=\"n\">nvidia (tokens/s)</th>");
        assertThat(html).contains("<th scope=\"row\">0:15</th>");
    }

    @Test
    void whatIsUnknownIsAGapAndNotANumber() {
        Lines.Line line = new Lines.Line("x", Colour.INK, new double[] {0, 1}, new double[] {Double.NaN, 2});
        Lines plot = new Lines("t", "", Axis.time(), Axis.of("v", ""), List.of(line), false, List.of());
        assertThat(new Page("p", "").plots(plot).html()).contains("\"y\":[null,2.0]");
        assertThat(plot.table().rows()).containsExactly(List.of("0:00", ""), List.of("0:01", "2"));
    }

    @Test
    void aSeriesOfAnotherLengthIsRefused() {
        assertThatThrownBy(() -> new Lines.Line("x", Colour.INK, new double[2], new double[3]))
                .hasMessageContaining("2 places, 3 values");
        assertThatThrownBy(() -> new Bars(
                        "t",
                        "",
                        List.of("one"),
                        Axis.of("v", ""),
                        List.of(new Bars.Bar("b", Colour.INK, 1, 2)),
                        false,
                        0))
                .hasMessageContaining("2 values for 1 categories");
    }

    @Test
    void aVendorHasOneColourForGoodAndItsPoolsShadesOfIt() {
        assertThat(new Palette().of("nvidia")).isEqualTo(palette.of("nvidia"));
        assertThat(palette.of("nvidia", "h100")).isEqualTo(palette.of("nvidia"));
        assertThat(palette.of("nvidia", "b200")).isNotEqualTo(palette.of("nvidia", "h100"));
        assertThat(palette.of("nvidia", "b200")).isEqualTo(palette.of("nvidia", "b200"));
    }

    @Test
    void aFleetsColourIsNoVendors() {
        List<Colour> vendors = Stream.of("nvidia", "amd", "aws", "google", "groq", "cerebras", "intel", "cpu")
                .map(palette::of)
                .toList();
        assertThat(IntStream.range(0, 12).mapToObj(i -> palette.of("policy " + i)))
                .doesNotHaveDuplicates()
                .doesNotContainAnyElementsOf(vendors);
    }
}
