package io.polychip.load;

import io.polychip.fleet.ProfileEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A measured profile as the file that a pool's {@code profile} names. */
public final class ProfileText {
    private static final long PICOS_PER_NANO = 1_000;
    private static final long PICOS_PER_MICRO = 1_000_000;

    private ProfileText() {}

    /** The file's text. Times are rounded to nanoseconds where they are long. */
    public static String of(Measurement measured) {
        ProfileEntry entry = measured.entry();
        StringBuilder text = new StringBuilder(1024);
        comment(
                text,
                "Timing of one replica, measured by polychip measure. In a fleet file: profile: THIS FILE'S NAME");
        comment(
                text,
                "%s %s on %s, %s".formatted(entry.model(), entry.precision().id(), entry.chip(), entry.engine()));
        comment(text, error("time to first token", measured.ttft(true), measured.ttft(false)));
        comment(text, error("time between tokens", measured.itl(true), measured.itl(false)));
        measured.notes().forEach(note -> comment(text, note));
        List<String> steps = new ArrayList<>();
        for (int i = 0; i < entry.batchSizes().size(); i++) {
            steps.add(entry.batchSizes().get(i) + ": "
                    + duration(entry.stepPicos().get(i)));
        }
        line(text, "step", "{" + String.join(", ", steps) + "}");
        line(text, "prefill-per-token", duration(entry.prefillTokenPicos()));
        line(text, "attention-per-pair", duration(entry.pairPicos()));
        line(text, "cache-per-token", duration(entry.kvTokenPicos()));
        line(text, "arrival", duration(entry.arrivalPicos()));
        line(text, "floor", duration(entry.floorPicos()));
        count(text, "max-sequences", entry.maxSequences());
        count(text, "step-tokens", entry.stepTokens());
        count(text, "cache-tokens", entry.kvTokens());
        line(text, "band", "%.1f %%".formatted(entry.band() * 100));
        line(text, "source", "\"" + entry.source().origin().replaceAll("[\"\\\\$]", "") + "\"");
        return text.toString();
    }

    private static String error(String what, Score heldOut, Score fitted) {
        return heldOut.count() == 0
                ? "error of the %s: %s at %d points, all fitted on".formatted(what, words(fitted), fitted.count())
                : "error of the %s: %s at %d points not fitted on; %s at the %d fitted on"
                        .formatted(what, words(heldOut), heldOut.count(), words(fitted), fitted.count());
    }

    /** {@code mean 3.1 %, p90 6.0 %}. */
    public static String words(Score score) {
        return score.count() == 0
                ? "unknown"
                : "mean %.1f %%, p90 %.1f %%".formatted(score.mean() * 100, score.p90() * 100);
    }

    private static void comment(StringBuilder text, String line) {
        text.append("# ").append(line.replace('\n', ' ')).append('\n');
    }

    private static void line(StringBuilder text, String key, String value) {
        text.append(key).append(": ").append(value).append('\n');
    }

    /** A setting that was not found is left to the engine's habits. */
    private static void count(StringBuilder text, String key, long value) {
        if (value > 0) {
            line(text, key, Long.toString(value));
        }
    }

    static String duration(long picos) {
        if (picos < 10 * PICOS_PER_MICRO) {
            return picos + " ps";
        }
        return picos < 10_000 * PICOS_PER_MICRO
                ? String.format(Locale.ROOT, "%.3f us", Math.round((double) picos / PICOS_PER_NANO) / 1e3)
                : String.format(Locale.ROOT, "%.6f ms", Math.round((double) picos / PICOS_PER_NANO) / 1e6);
    }
}
