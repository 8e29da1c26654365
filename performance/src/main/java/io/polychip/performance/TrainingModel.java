package io.polychip.performance;

import io.polychip.fleet.Catalogue;
import io.polychip.fleet.Chip;
import io.polychip.fleet.ChipPower;
import io.polychip.fleet.Precision;
import io.polychip.fleet.TrainingRate;
import io.polychip.performance.TrainingSpeed.Evidence;
import java.time.LocalDate;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How long a training job takes on a chip, what it draws and what it costs. A published speed of the same model, chip
 * and precision is the best evidence; without one, the nearest that there is, scaled by arithmetic per token.
 * {@code polychip validate-plans} holds this to MLPerf's runs.
 *
 * <p>Pure. A look-up goes through the catalogue's some hundred rates.
 */
public final class TrainingModel {
    /**
     * A vendor's benchmark loop against a whole run with its evaluations: Megatron-Bridge against MLPerf on 405B and
     * DeepSeek-V3 is 2 to 12 % too fast.
     */
    private static final double WHOLE_RUN = 0.93;

    private static final double WHOLE_RUN_LOW = 0.85;
    private static final double WHOLE_RUN_HIGH = 1.0;

    /** LoRA's share of pre-training's arithmetic rate: 1.0, 0.92 and 0.89 on H100, GB200 and GB300 (NVIDIA 2026-06). */
    private static final double LORA_RATE = 0.93;

    /** Node power over the chip's rating where no node was measured: 1.27 on H100, 1.20 on B200 (MLPerf power logs). */
    private static final double NODE_OVER_RATING = 1.25;

    /**
     * How much faster a narrower format trains where a chip has no pair of published speeds: geometric means of those.
     */
    private static final Map<Precision, Double> OVER_BF16 = Map.of(
            Precision.FP32,
            0.3,
            Precision.BF16,
            1.0,
            Precision.FP16,
            1.0,
            Precision.FP8,
            1.5,
            Precision.INT8,
            1.2,
            Precision.FP4,
            1.9);

    private final Catalogue catalogue;

    public TrainingModel(Catalogue catalogue) {
        this.catalogue = catalogue;
    }

    /**
     * A job on so many chips.
     *
     * @param hours of wall-clock time, without restarts
     * @param lowHours with the band's fastest speed
     * @param kWh of the nodes, times the site's overhead; 0 where no power is published
     */
    public record Estimate(
            int chips,
            double hours,
            double lowHours,
            double highHours,
            double chipHours,
            double kWh,
            TrainingSpeed speed) {
        /**
         * @param usdPerChipHour an offer's price @param available share of the time that is not lost to restarts, 0 to
         *     1
         */
        public double usd(double usdPerChipHour, double available) {
            return chipHours * usdPerChipHour / available;
        }
    }

    /** The job's time and energy on that many chips. @param pue power of the site over power of its nodes, 1 or more */
    public Estimate estimate(TrainingJob job, Chip chip, int chips, LocalDate when, double pue) {
        return estimate(job, chip, chips, speed(job, chip, chips, when, _ -> true), pue);
    }

    private Estimate estimate(TrainingJob job, Chip chip, int chips, TrainingSpeed speed, double pue) {
        double per = job.tokens() / 3600 / chips;
        double hours = per / speed.tokensPerSecondPerChip();
        return new Estimate(
                chips,
                hours,
                per / speed.high(),
                per / speed.low(),
                hours * chips,
                nodeWatts(chip) / 1e3 * hours * chips * pue,
                speed);
    }

    /**
     * The fewest chips that hold the job and end it in time, in whole scale-up domains; null where no number does.
     *
     * @param available share of the time that is not lost to restarts, above 0 to 1
     */
    public @Nullable Estimate inTime(
            TrainingJob job, Chip chip, double hours, double available, LocalDate when, double pue) {
        int least = job.minimumChips(chip);
        int most = 1 << 20;
        for (int chips = least; chips <= most; chips = TrainingJob.whole(Math.max(chips + 1, chips * 9 / 8), chip)) {
            Estimate estimate = estimate(job, chip, chips, when, pue);
            if (estimate.hours() / available <= hours) {
                return estimate;
            }
        }
        return null;
    }

    /**
     * The share of its peak that a chip's benchmark loop must reach to train a job at a rival's cost, each at its price
     * by the chip and hour: what to ask a vendor for who publishes no rate.
     *
     * @param rivalUsdPerToken what the rival asks for one token, evaluation included
     */
    public static double breakEvenShare(TrainingJob job, Chip chip, double usdPerChipHour, double rivalUsdPerToken) {
        double tokensPerSecond = usdPerChipHour / 3600 / rivalUsdPerToken / WHOLE_RUN;
        return tokensPerSecond * job.flops() / (chip.teraflops(job.precision()) * 1e12);
    }

    /**
     * Power of a node for each of its chips at full load: measured, else with its host as published, else by the chip's
     * rating; 0 where neither is known.
     */
    public double nodeWatts(Chip chip) {
        ChipPower power = catalogue.chipPowers().get(chip.id());
        if (power != null && power.trainingWatts() > 0) {
            return power.trainingWatts();
        }
        if (power != null && power.itWatts() > 0) {
            return power.itWatts();
        }
        double rating = chip.powerWatts() > 0 ? chip.powerWatts() : power == null ? 0 : power.tdpWatts();
        return rating * NODE_OVER_RATING;
    }

    /**
     * Tokens per second and chip on that many chips.
     *
     * @param when of several rates the nearest in time is taken: software moves
     * @param known which rates may be looked at
     */
    public TrainingSpeed speed(TrainingJob job, Chip chip, int chips, LocalDate when, Predicate<TrainingRate> known) {
        TrainingSpeed base = base(job, chip, chips, when, known);
        double spread = base.chips() > 0 && chips > base.chips()
                ? StrictMath.pow((double) chips / base.chips(), -job.scaling().exponent())
                : 1;
        return base.times(spread);
    }

    private TrainingSpeed base(TrainingJob job, Chip chip, int chips, LocalDate when, Predicate<TrainingRate> known) {
        List<TrainingRate> rates = catalogue.trainingRates().stream()
                .filter(rate -> rate.chip().equals(chip.id()) && known.test(rate))
                .toList();
        TrainingRate same = best(
                rates.stream().filter(rate -> isOf(rate, job) && precision(rate) == job.precision()), job, chips, when);
        if (same != null) {
            return of(same, job, chip, Evidence.PUBLISHED, 1, rates);
        }
        TrainingRate other = best(rates.stream().filter(rate -> isOf(rate, job)), job, chips, when);
        if (other != null) {
            return of(other, job, chip, Evidence.OTHER_PRECISION, 0.1, rates);
        }
        TrainingRate model = best(
                rates.stream()
                        .filter(rate -> task(rate) == job.task() && rate.teraflopsPerChip() > 0 && alike(rate, job)),
                job,
                chips,
                when);
        if (model != null) {
            return of(model, job, chip, Evidence.OTHER_MODEL, 0.15, rates);
        }
        TrainingRate task =
                best(rates.stream().filter(rate -> rate.teraflopsPerChip() > 0 && alike(rate, job)), job, chips, when);
        if (task != null) {
            return of(task, job, chip, Evidence.OTHER_TASK, 0.2, rates);
        }
        return usual(job, chip);
    }

    /** Whole runs before benchmark loops, then near in precision, then in time, then in the number of chips. */
    private static @Nullable TrainingRate best(Stream<TrainingRate> rates, TrainingJob job, int chips, LocalDate when) {
        return rates.min(Comparator.comparing((TrainingRate rate) -> !rate.wholeRun())
                        .thenComparing(rate -> precision(rate) != job.precision())
                        .thenComparingLong(rate -> Math.abs(day(rate).toEpochDay() - when.toEpochDay()))
                        .thenComparingDouble(
                                rate -> apart(rate.chips(), job.scaling() == TrainingJob.Scaling.SMALL ? 1 : chips))
                        .thenComparingDouble(rate -> -rate.tokensPerSecondPerChip()))
                .orElse(null);
    }

    private static double apart(int chips, int wanted) {
        return Math.abs(StrictMath.log(Math.max(1, chips) / (double) wanted));
    }

    private TrainingSpeed of(
            TrainingRate rate, TrainingJob job, Chip chip, Evidence evidence, double doubt, List<TrainingRate> rates) {
        double speed = switch (evidence) {
            case PUBLISHED, OTHER_PRECISION -> rate.tokensPerSecondPerChip() * stretch(rate, job);
            case OTHER_MODEL -> rate.teraflopsPerChip() * 1e12 / job.flops();
            case OTHER_TASK -> rate.teraflopsPerChip() * 1e12 / job.flops() * taskFactor(task(rate), job.task());
            case USUAL_SHARE, NONE -> throw new IllegalArgumentException("No rate stands behind " + evidence + ".");
        };
        speed *= precisionRatio(precision(rate), job.precision(), rates);
        double run = rate.wholeRun() ? 1 : WHOLE_RUN;
        double low = (rate.wholeRun() ? 0.93 : WHOLE_RUN_LOW) * (evidence == Evidence.PUBLISHED ? 1 : 1 - doubt);
        double high = (rate.wholeRun() ? 1.07 : WHOLE_RUN_HIGH) * (evidence == Evidence.PUBLISHED ? 1 : 1 + doubt);
        return new TrainingSpeed(
                speed * run,
                rate.chips(),
                speed * low,
                speed * high,
                evidence,
                "%s %s %s on %d %s, %s (%s)"
                        .formatted(
                                rate.model(),
                                rate.task(),
                                rate.precision(),
                                rate.chips(),
                                chip.id(),
                                rate.source().origin(),
                                rate.source().date()));
    }

    /** Another length of sequence has another share of attention. */
    private static double stretch(TrainingRate rate, TrainingJob job) {
        return rate.sequenceTokens() == 0
                ? 1
                : TrainingJob.flops(job.model(), job.task(), rate.sequenceTokens()) / job.flops();
    }

    private static double taskFactor(TrainingJob.Task from, TrainingJob.Task to) {
        boolean fromLora = from == TrainingJob.Task.LORA;
        boolean toLora = to == TrainingJob.Task.LORA;
        return fromLora == toLora ? 1 : toLora ? LORA_RATE : 1 / LORA_RATE;
    }

    /** By pairs of published speeds of one model on that chip, else by what other chips have. */
    private static double precisionRatio(Precision from, Precision to, List<TrainingRate> rates) {
        if (from == to) {
            return 1;
        }
        double logs = 0;
        int pairs = 0;
        for (TrainingRate one : rates) {
            for (TrainingRate other : rates) {
                if (precision(one) == from
                        && precision(other) == to
                        && one.model().equals(other.model())
                        && one.task().equals(other.task())
                        && one.sequenceTokens() == other.sequenceTokens()
                        && one.wholeRun() == other.wholeRun()
                        && one.source().date().equals(other.source().date())) {
                    logs += StrictMath.log(other.tokensPerSecondPerChip() / one.tokensPerSecondPerChip());
                    pairs++;
                }
            }
        }
        return pairs > 0
                ? StrictMath.exp(logs / pairs)
                : OVER_BF16.getOrDefault(to, 1.0) / OVER_BF16.getOrDefault(from, 1.0);
    }

    /**
     * The usual share of the precision's dense peak. Middle of what NVIDIA, Google and AWS publish: H100 BF16 0.54 to
     * 0.62 and FP8 0.37 to 0.44, Blackwell FP8 0.38 to 0.53 and FP4 0.20 to 0.30, TPU v5e 0.46 to 0.67, v5p 0.52 to
     * 0.71, v6e 0.43 to 0.50, TPU7x 0.52 to 0.55 and 0.40 to 0.42, Trainium1 0.19 and 0.28. AMD publishes ratios to
     * B200 only.
     */
    private static TrainingSpeed usual(TrainingJob job, Chip chip) {
        boolean half = job.precision() == Precision.BF16 || job.precision() == Precision.FP16;
        boolean quarter = job.precision() == Precision.FP4 || job.precision() == Precision.INT4;
        double share = switch (chip.vendor()) {
            case "nvidia" -> half ? 0.55 : quarter ? 0.25 : 0.41;
            case "google" -> half ? 0.54 : 0.41;
            case "amd" -> half ? 0.45 : quarter ? 0.20 : 0.33;
            case "aws" -> half ? 0.24 : 0.16;
            default -> half ? 0.40 : 0.25;
        };
        double peak = chip.teraflops(job.precision()) * 1e12;
        if (peak == 0) {
            throw new ProfileException(
                    "%s has no published peak in %s or wider; expected another precision or a measured speed."
                            .formatted(chip.id(), job.precision().id()));
        }
        boolean kin = !chip.id().equals("aws/trainium2") && !chip.id().equals("aws/trainium3");
        double experts = job.model().mixtureOfExperts() ? 0.6 : 1;
        double task = job.task() == TrainingJob.Task.LORA ? LORA_RATE : 1;
        double speed = share * peak / job.flops() * experts * task * WHOLE_RUN;
        return new TrainingSpeed(
                speed,
                job.scaling() == TrainingJob.Scaling.SMALL ? 8 : 256,
                speed * (kin ? 0.75 : 0.5),
                speed * (kin ? 1.25 : 2),
                kin ? Evidence.USUAL_SHARE : Evidence.NONE,
                "%.0f %% of the peak of %s in %s, %s"
                        .formatted(
                                share * experts * task * 100,
                                chip.id(),
                                job.precision().id(),
                                kin ? "as is usual there" : "an assumption: no training rate of it was found"));
    }

    private static boolean isOf(TrainingRate rate, TrainingJob job) {
        boolean same = rate.shape().isEmpty()
                ? rate.model()
                        .toLowerCase(Locale.ROOT)
                        .startsWith(job.model().id().toLowerCase(Locale.ROOT))
                : rate.shape().equals(job.model().id())
                        || kin(rate.shape(), job.model().id());
        return same && task(rate) == job.task();
    }

    /** Llama 2 and 3 of 70 billion parameters, DeepSeek-V3 and R1: one shape for training. */
    private static boolean kin(String one, String other) {
        return family(one).equals(family(other));
    }

    private static String family(String id) {
        if (id.contains("70B") || id.contains("70b")) {
            return id.startsWith("meta-llama/") ? "llama-70b" : id;
        }
        return id.startsWith("deepseek-ai/DeepSeek-") ? "deepseek-v3" : id;
    }

    private boolean alike(TrainingRate rate, TrainingJob job) {
        var shape = catalogue.models().get(rate.shape());
        return (shape != null && shape.mixtureOfExperts()) == job.model().mixtureOfExperts();
    }

    static Precision precision(TrainingRate rate) {
        return switch (rate.precision()) {
            case "bf16" -> Precision.BF16;
            case "int8" -> Precision.INT8;
            case "nvfp4" -> Precision.FP4;
            default -> Precision.FP8;
        };
    }

    private static TrainingJob.Task task(TrainingRate rate) {
        return switch (rate.task()) {
            case "lora" -> TrainingJob.Task.LORA;
            case "sft" -> TrainingJob.Task.SFT;
            default -> TrainingJob.Task.PRETRAIN;
        };
    }

    /** Of a month its first day, of a year its middle. */
    public static LocalDate day(TrainingRate rate) {
        String date = rate.source().date();
        return switch (date.length()) {
            case 4 -> LocalDate.of(Integer.parseInt(date), 7, 1);
            case 7 -> LocalDate.parse(date + "-01");
            default -> LocalDate.parse(date);
        };
    }
}
