package io.polychip.validation;

import io.polychip.performance.Batching;
import io.polychip.performance.StepTime;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Fleets for a distribution of lengths and a rate, 99 of 100 first tokens in time: fleet-sim's cases on its constants
 * (vllm-project/semantic-router, src/fleet-sim at 3d48f8c). Ours is the smallest pool of one chip that keeps that in a
 * simulation of exact engines; nothing is refused, and what is late is a miss.
 *
 * <p>fleet-sim keeps whole contexts free and moves some long prompts to the short pool by shortening them; ours does
 * neither: blocks of cache are shared and every request is served as it is. One step carries one chunk of prompts for
 * all sequences, where fleet-sim lets each have its own. Where the prompts alone take too long for any such pool, ours
 * must be in time as often as fleet-sim's fleet is in the same simulation, or is that fleet.
 */
final class SizingCases {
    private static final double IN_TIME = 0.99;
    private static final double HOURS = 8760;
    private static final long SEED = 20261121;
    private static final Pattern FLEET = Pattern.compile("n_s=(\\d+)\\s+n_l=(\\d+)\\s+total=\\d+\\s+\\$([\\d.]+)K");

    private final Consumer<PlanCase> heard;

    SizingCases(Consumer<PlanCase> heard) {
        this.heard = heard;
    }

    static boolean isSizing(JsonNode file) {
        return file.has("profiles") && file.path("cases").path(0).has("b_short");
    }

    void solve(JsonNode file, Path path) {
        for (JsonNode each : file.path("cases")) {
            JsonNode table =
                    PlanFolder.read(path.resolveSibling(each.path("cdf").asString() + "_cdf.json"));
            heard.accept(solve(file.path("profiles"), each, table(table)));
        }
    }

    private static double[][] table(JsonNode file) {
        JsonNode steps = file.isArray() ? file : file.path("cdf");
        double[][] table = new double[steps.size()][];
        for (int i = 0; i < table.length; i++) {
            table[i] = new double[] {
                steps.path(i).path(0).asDouble(), steps.path(i).path(1).asDouble()
            };
        }
        return table;
    }

    /** fleet-sim's own fleet, as its report says it. */
    private record Rival(int shorts, int longs, double thousandsAYear) {}

    private static Rival rival(JsonNode asked) {
        Matcher found = FLEET.matcher(asked.path("best_simulated").asString());
        if (!found.find()) {
            throw new IllegalArgumentException(
                    asked.path("id").asString() + ": best_simulated is not of the form n_s=5 n_l=2 total=7 $135.5K/yr");
        }
        return new Rival(
                Integer.parseInt(found.group(1)), Integer.parseInt(found.group(2)), Double.parseDouble(found.group(3)));
    }

    private PlanCase solve(JsonNode profiles, JsonNode asked, double[][] table) {
        long began = System.nanoTime();
        int border = asked.path("b_short").asInt();
        Case at = new Case(
                asked.path("id").asString(),
                asked.path("cdf").asString(),
                table,
                border,
                asked.path("lam").asDouble(),
                asked.path("p99_ttft_slo_ms").asDouble() / 1e3,
                List.of(
                        chip(profiles, asked.path("gpu_short").asString(), border),
                        chip(profiles, asked.path("gpu_long").asString(), border)));
        Rival rival = rival(asked);
        Found planned = planned(at, rival);
        Found found = planned == null ? asGood(at, rival) : planned;
        // The rival's figure is rounded to 0.1 thousand a year.
        double target = rival.thousandsAYear() + 0.05;
        return new PlanCase(
                "sizing",
                at.id(),
                found.thousandsAYear(),
                target,
                rival.thousandsAYear(),
                0,
                (System.nanoTime() - began) / 1e6,
                found.thousandsAYear() <= target,
                found.note());
    }

    private record Case(
            String id,
            String cdf,
            double[][] table,
            int border,
            double perSecond,
            double seconds,
            List<SizingTrial.Chip> chips) {
        double shorts() {
            double before = 0;
            double tokens = 0;
            for (double[] step : table) {
                if (border <= step[0]) {
                    return before + (step[1] - before) * (border - tokens) / (step[0] - tokens);
                }
                before = step[1];
                tokens = step[0];
            }
            return 1;
        }
    }

    private record Found(double thousandsAYear, String note) {}

    private static SizingTrial.Chip chip(JsonNode profiles, String name, int border) {
        JsonNode of = profiles.path(name);
        double perToken = of.path("H").asDouble() / of.path("calibration_ctx").asDouble() * 1e12;
        int chunk = of.path("chunk").asInt();
        int block = of.path("blk").asInt();
        long blocks = of.path("kv_blks").asLong();
        long bySlots =
                of.path("max_slots").asLong() * of.path("calibration_ctx").asLong() / border;
        long byCache = blocks / ((border + block - 1) / block);
        int sequences = (int) Math.min(chunk, Math.min(bySlots, byCache));
        long[] alpha = new long[sequences + 1];
        Arrays.fill(alpha, Math.round(of.path("W").asDouble() * 1e12));
        return new SizingTrial.Chip(
                name,
                new StepTime(alpha, 0, Math.round(perToken / chunk), Math.round(perToken), 0, 0),
                new Batching(sequences, chunk + sequences, block, true, false, false, 0),
                blocks * block,
                of.path("cost_per_hr").asDouble());
    }

    /** The cheapest pool of one chip that takes all requests and is in time often enough; null when there is none. */
    private static @Nullable Found planned(Case at, Rival rival) {
        Found best = null;
        double[] parts = {at.shorts(), 1 - at.shorts()};
        for (SizingTrial.Chip chip : at.chips().stream().distinct().toList()) {
            SizingTrial trial = new SizingTrial(chip, mixed(at, parts));
            int high = 1 + (int) (rival.thousandsAYear() * 1e3 / HOURS / chip.usdPerHour());
            if (trial.attainment(at.perSecond(), high, at.seconds(), SEED) < IN_TIME) {
                continue;
            }
            int low = 0;
            while (high - low > 1) {
                int middle = (low + high) / 2;
                if (trial.attainment(at.perSecond(), middle, at.seconds(), SEED) >= IN_TIME) {
                    high = middle;
                } else {
                    low = middle;
                }
            }
            double thousands = high * chip.usdPerHour() * HOURS / 1e3;
            if (best == null || thousands < best.thousandsAYear()) {
                best = new Found(thousands, "%d %s".formatted(high, chip.name()));
            }
        }
        return best;
    }

    private static int[] mixed(Case at, double[] parts) {
        int[] shorts = SizingTrial.sample(at.table(), 0, at.border(), SEED + 2);
        int[] longs = SizingTrial.sample(at.table(), at.border(), Integer.MAX_VALUE, SEED + 3);
        int[] all = new int[40_000];
        for (int i = 0; i < all.length; i++) {
            boolean isShort =
                    longs.length == 0 || (shorts.length > 0 && i < all.length * parts[0] / (parts[0] + parts[1]));
            all[i] = isShort ? shorts[i % shorts.length] : longs[i % longs.length];
        }
        return all;
    }

    /** The fewest of the cheaper chip, all requests together, that are in time as often as the rival's two pools. */
    private Found asGood(Case at, Rival rival) {
        double shorts = at.shorts();
        double[] rate = {at.perSecond() * shorts, at.perSecond() * (1 - shorts)};
        double theirs = shorts
                        * new SizingTrial(at.chips().get(0), mixed(at, new double[] {1, 0}))
                                .attainment(rate[0], Math.max(1, rival.shorts()), at.seconds(), SEED + 1)
                + (1 - shorts)
                        * new SizingTrial(at.chips().get(1), mixed(at, new double[] {0, 1}))
                                .attainment(rate[1], Math.max(1, rival.longs()), at.seconds(), SEED + 1);
        SizingTrial together = new SizingTrial(at.chips().get(1), mixed(at, rate));
        int low = 0;
        int high = rival.shorts() + rival.longs();
        double ours = together.attainment(at.perSecond(), high, at.seconds(), SEED + 1);
        boolean reached = ours >= theirs;
        while (reached && high - low > 1) {
            int middle = (low + high) / 2;
            double tried = together.attainment(at.perSecond(), middle, at.seconds(), SEED + 1);
            if (tried >= theirs) {
                high = middle;
                ours = tried;
            } else {
                low = middle;
            }
        }
        double thousands = reached ? high * at.chips().get(1).usdPerHour() * HOURS / 1e3 : rival.thousandsAYear();
        return new Found(
                thousands,
                "no single pool at that cost is in time for 99 %%; ours for %.2f %%, fleet-sim's for %.2f %%"
                        .formatted((reached ? ours : theirs) * 100, theirs * 100));
    }
}
