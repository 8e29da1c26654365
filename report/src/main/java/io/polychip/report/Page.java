package io.polychip.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One HTML page that needs nothing but itself: styles, data and the chart library (Apache ECharts, Apache-2.0) are in
 * it, and its content security policy forbids the browser to load anything. Light or dark as the reader's system is,
 * always light on paper. Behind every plot is the table of its values, which is also what shows without scripts.
 *
 * <p>Written from top to bottom; the same calls give the same bytes. Not thread-safe.
 */
public final class Page {
    private static final Pattern NUMBER = Pattern.compile("[-+±$<>~≈]?\\s?\\$?[0-9].*|-|");

    private final String title;
    private final StringBuilder body = new StringBuilder();
    private final List<Plot> plots = new ArrayList<>();

    /** @param lead one or two sentences: what this is about and what came out */
    public Page(String title, String lead) {
        this.title = title;
        body.append("<header>\n<h1>").append(escaped(title)).append("</h1>\n");
        paragraph("lead", lead);
        body.append("</header>\n");
    }

    /**
     * A figure to be seen first.
     *
     * @param detail a few words below it
     * @param good whether it is as it should be; null: neither good nor bad
     */
    public record Tile(
            String name,
            String value,
            String detail,
            @Nullable Boolean good) {}

    public Page section(String heading) {
        body.append("<h2>").append(escaped(heading)).append("</h2>\n");
        return this;
    }

    public Page text(String text) {
        paragraph("", text);
        return this;
    }

    /** Set apart: what a reader must not miss. */
    public Page note(String text) {
        paragraph("note", text);
        return this;
    }

    public Page tiles(List<Tile> tiles) {
        body.append("<dl class=\"tiles\">\n");
        for (Tile tile : tiles) {
            String mark = tile.good == null ? "" : tile.good ? " good" : " bad";
            body.append("<div class=\"tile").append(mark).append("\"><dt>");
            body.append(escaped(tile.name)).append("</dt><dd><b>");
            body.append(tile.good == null ? "" : tile.good ? "✓ " : "✗ ");
            body.append(escaped(tile.value)).append("</b> ");
            body.append(escaped(tile.detail)).append("</dd></div>\n");
        }
        body.append("</dl>\n");
        return this;
    }

    public Page table(String caption, Grid grid) {
        body.append("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"");
        body.append(escaped(caption)).append("\">\n");
        rows(escaped(caption), grid);
        body.append("</div>\n");
        return this;
    }

    /** Plots beside each other where the window is wide enough; one alone takes the whole width. */
    public Page plots(Plot... row) {
        body.append("<div class=\"plots\">\n");
        for (Plot plot : row) {
            figure(plot);
        }
        body.append("</div>\n");
        return this;
    }

    public String html() {
        String data = PlotJson.of(plots);
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; \
            script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:">
            <title>%s</title>
            <style>
            %s</style>
            </head>
            <body>
            <main>
            %s</main>
            <footer>Plots: <a href="#licence">Apache ECharts</a>. This page loads nothing from anywhere.
            <details id="licence"><summary>Licence of the plots' library</summary><pre>%s</pre></details>
            </footer>
            <script type="application/json" id="plots">%s</script>
            %s</body>
            </html>
            """.formatted(
                        escaped(title),
                        resource("page.css"),
                        body,
                        escaped(resource("echarts/NOTICE") + "\n" + resource("echarts/LICENSE") + "\n"
                                + resource("echarts/LICENSE-d3")),
                        data,
                        plots.isEmpty()
                                ? ""
                                : "<script>%s</script>\n<script>\n%s</script>\n"
                                        .formatted(script(resource("echarts/echarts.min.js")), resource("page.js")));
    }

    private void figure(Plot plot) {
        int number = plots.size();
        plots.add(plot);
        String shape = switch (plot) {
            case Bars bars -> " style=\"height:%dpx\"".formatted(barsHeight(bars));
            case Lines lines -> "";
            case Scatter scatter -> "";
        };
        body.append("<figure>\n<figcaption><h3>").append(escaped(plot.title())).append("</h3>\n");
        paragraph("", plot.caption());
        body.append("</figcaption>\n<div class=\"plot\" id=\"plot-%d\" role=\"img\" aria-label=\"%s\"%s></div>\n"
                .formatted(number, escaped(plot.title() + ": " + plot.caption()), shape));
        body.append("<details><summary>Table: ").append(escaped(plot.title())).append("</summary>\n");
        body.append("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Values\">\n");
        rows("", plot.table());
        body.append("</div></details>\n</figure>\n");
    }

    private static int barsHeight(Bars bars) {
        int perCategory = bars.stacked() ? 44 : 14 + 22 * bars.bars().size();
        return Math.max(140, 90 + perCategory * bars.categories().size());
    }

    private void rows(String caption, Grid grid) {
        body.append("<table>\n");
        if (!caption.isEmpty()) {
            body.append("<caption>").append(caption).append("</caption>\n");
        }
        body.append("<thead><tr>");
        boolean[] right = new boolean[grid.head().size()];
        for (int column = 0; column < right.length; column++) {
            int at = column;
            right[column] = column > 0
                    && grid.rows().stream()
                            .allMatch(row -> NUMBER.matcher(row.get(at)).matches());
            cell("th scope=\"col\"", "th", grid.head().get(column), right[column]);
        }
        body.append("</tr></thead>\n<tbody>\n");
        for (List<String> row : grid.rows()) {
            body.append("<tr>");
            for (int column = 0; column < right.length; column++) {
                boolean first = column == 0;
                cell(first ? "th scope=\"row\"" : "td", first ? "th" : "td", row.get(column), right[column]);
            }
            body.append("</tr>\n");
        }
        body.append("</tbody>\n</table>\n");
    }

    private void cell(String open, String close, String text, boolean right) {
        body.append('<').append(open).append(right ? " class=\"n\">" : ">");
        body.append(escaped(text)).append("</").append(close).append('>');
    }

    private void paragraph(String kind, String text) {
        if (!text.isEmpty()) {
            body.append(kind.isEmpty() ? "<p>" : "<p class=\"" + kind + "\">");
            body.append(escaped(text)).append("</p>\n");
        }
    }

    static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }

    /** Lest the text of a script end its element. */
    private static String script(String text) {
        return text.replace("</script", "<\\/script");
    }

    private static String resource(String name) {
        try (InputStream in = Page.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("The resource " + name + " is not in this build.");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }
}
