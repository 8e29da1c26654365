package io.polychip.cli;

import io.polychip.load.Measurement;
import io.polychip.load.ProfileText;
import io.polychip.load.Score;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** A measurement's result, for people and for machines. */
final class MeasurePage {
    private MeasurePage() {}

    /** @param pool of the fleet file that was given; null for none */
    static String text(Measurement measured, Path file, @Nullable String pool) {
        StringBuilder text = new StringBuilder();
        text.append("%s: %,d requests, %,d tokens, %.0f s%n"
                .formatted(measured.model(), measured.requests(), measured.tokens(), measured.seconds()));
        text.append(found(measured)).append('\n');
        Table table = new Table(
                "at once", "prompt", "answer", "n", "ttft", "predicted", "off", "itl", "predicted", "off", "");
        List<String> dropped = new ArrayList<>();
        for (Measurement.Point point : measured.points()) {
            if (point.dropped() != null) {
                dropped.add("%d at once, %,d prompt and %,d answer tokens: %s"
                        .formatted(point.concurrency(), point.promptTokens(), point.outputTokens(), point.dropped()));
                continue;
            }
            table.row(
                    point.concurrency(),
                    point.promptTokens(),
                    point.outputTokens(),
                    point.answers(),
                    millis(point.ttftNanos()),
                    millis(point.predictedTtftNanos()),
                    off(point.ttftError()),
                    millis(point.itlNanos()),
                    millis(point.predictedItlNanos()),
                    off(point.itlError()),
                    remark(point));
        }
        text.append(table);
        text.append("error at %d points not fitted on: TTFT %s; ITL %s%n"
                .formatted(
                        measured.ttft(true).count(),
                        ProfileText.words(measured.ttft(true)),
                        ProfileText.words(measured.itl(true))));
        text.append("error at %d points fitted on: TTFT %s; ITL %s%n"
                .formatted(
                        measured.ttft(false).count(),
                        ProfileText.words(measured.ttft(false)),
                        ProfileText.words(measured.itl(false))));
        dropped.forEach(each -> text.append("not measured: ").append(each).append('\n'));
        measured.notes().forEach(note -> text.append(note).append('\n'));
        text.append("%nWrote %s. In a fleet file, %s:%n    profile: %s%n"
                .formatted(file, pool == null ? "in its pool" : "in pool " + pool, file));
        return text.toString();
    }

    private static String found(Measurement measured) {
        List<String> found = new ArrayList<>();
        found.add(
                measured.slots() > 0
                        ? "%d answers at the same time".formatted(measured.slots())
                        : "more answers at the same time than were tried");
        if (measured.stepTokens() > 0) {
            found.add("prompts in pieces of about %,d tokens".formatted(measured.stepTokens()));
        }
        if (measured.prefixCache() != null) {
            found.add(measured.prefixCache() ? "keeps prompts (prefix cache)" : "keeps no prompts (no prefix cache)");
        }
        found.add("%.2f tokens a word and %.0f of chat template"
                .formatted(measured.tokensPerWord(), measured.templateTokens()));
        return "found: " + String.join("; ", found);
    }

    private static String remark(Measurement.Point point) {
        String heldOut = point.heldOut() ? "not fitted on" : "";
        return point.failed() == 0 ? heldOut : (heldOut + " " + point.failed() + " failed").strip();
    }

    private static String millis(double nanos) {
        return "%.1f ms".formatted(nanos / 1e6);
    }

    private static String off(double error) {
        return "%+.1f %%".formatted(error * 100);
    }

    static String json(Measurement measured, Path file) {
        Map<String, Object> page = new LinkedHashMap<>();
        page.put("model", measured.model());
        page.put("file", file.toString());
        page.put("profile", measured.entry());
        page.put("slots", measured.slots());
        page.put("step_tokens", measured.stepTokens());
        page.put("prefix_cache", measured.prefixCache());
        page.put("tokens_per_word", measured.tokensPerWord());
        page.put("template_tokens", measured.templateTokens());
        page.put("held_out", Map.of("ttft", score(measured.ttft(true)), "itl", score(measured.itl(true))));
        page.put("fitted", Map.of("ttft", score(measured.ttft(false)), "itl", score(measured.itl(false))));
        page.put("points", measured.points());
        page.put("notes", measured.notes());
        page.put("requests", measured.requests());
        page.put("tokens", measured.tokens());
        page.put("seconds", measured.seconds());
        return JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsString(page) + "\n";
    }

    /** An error that is not known is null: JSON has no NaN. */
    private static Map<String, @Nullable Object> score(Score score) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("points", score.count());
        json.put("mean", score.count() == 0 ? null : score.mean());
        json.put("p90", score.count() == 0 ? null : score.p90());
        return json;
    }
}
