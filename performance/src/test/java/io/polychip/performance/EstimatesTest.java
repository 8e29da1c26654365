package io.polychip.performance;

import static io.polychip.performance.Samples.H100;
import static io.polychip.performance.Samples.LLAMA_70B;
import static io.polychip.performance.Samples.LLAMA_8B;
import static io.polychip.performance.Samples.SOURCE;
import static io.polychip.performance.Samples.deployment;
import static io.polychip.performance.Samples.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.polychip.fleet.Catalogue;
import io.polychip.fleet.CatalogueReader;
import io.polychip.fleet.Deployment;
import io.polychip.fleet.Precision;
import io.polychip.fleet.ProfileEntry;
import io.polychip.fleet.Source;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

final class EstimatesTest {
    private static final Catalogue SHIPPED = CatalogueReader.shipped();

    private final Deployment small = deployment(LLAMA_8B, Precision.FP8, "vllm", H100, 1);
    private final Deployment large = deployment(LLAMA_70B, Precision.FP8, "vllm", H100, 2);

    private static Catalogue catalogue(ProfileEntry... entries) {
        return new Catalogue(
                Map.of(H100.id(), H100),
                Map.of(LLAMA_8B.id(), LLAMA_8B, LLAMA_70B.id(), LLAMA_70B),
                List.of(),
                Map.of(),
                List.of(entries));
    }

    private static double millis(Estimates estimates, Deployment deployment) {
        Batching batching = Dialect.of("vllm").batching();
        return estimates.stepTime(deployment, batching, 0).alphaPicos(16) / 1e9;
    }

    /** The small model on one H100, slower by a factor than an entry that is about what physics says. */
    private ProfileEntry slower(int factor, Source.Confidence confidence) {
        ProfileEntry entry = entry(small, "");
        return new ProfileEntry(
                entry.model(),
                entry.chip(),
                entry.precision(),
                entry.engine(),
                entry.layout(),
                entry.batchSizes(),
                entry.stepPicos().stream().map(picos -> factor * picos).toList(),
                factor * entry.prefillTokenPicos(),
                entry.pairPicos(),
                factor * entry.kvTokenPicos(),
                entry.arrivalPicos(),
                entry.floorPicos(),
                0,
                0,
                0,
                0.3,
                null,
                new Source(SOURCE.origin(), SOURCE.date(), confidence));
    }

    @Test
    void aSiblingThatIsSlowMakesItsRelativesSlower() {
        double related = millis(new Estimates(catalogue(slower(1, Source.Confidence.HIGH))), large);
        double slow = millis(new Estimates(catalogue(slower(2, Source.Confidence.HIGH))), large);
        assertThat(slow / related).isBetween(1.2, 2.0);
    }

    @Test
    void whatWasItselfOnlyEstimatedTeachesNothing() {
        Estimates estimates = new Estimates(catalogue(slower(2, Source.Confidence.ESTIMATED)));
        Estimates none = new Estimates(catalogue());
        assertThat(millis(estimates, large)).isEqualTo(millis(none, large));
        assertThat(estimates.band(large)).isEqualTo(none.band(large));
    }

    @Test
    void aChipWithMeasuredModelsIsSurerThanOneWithout() {
        Estimates estimates = new Estimates(catalogue(entry(small, "")));
        Deployment elsewhere = deployment(LLAMA_70B, Precision.BF16, "vllm-neuron", Samples.TRAINIUM2, 4);
        assertThat(estimates.band(large)).isLessThan(0.9 * estimates.band(elsewhere));
    }

    @Test
    void aLargerBatchIsNeverFasterAndPromptsAndCacheCost() {
        StepTime time =
                new Estimates(SHIPPED).stepTime(large, Dialect.of("vllm").batching(), 7);
        for (int n = 2; n <= time.maxBatch(); n++) {
            assertThat(time.alphaPicos(n)).isGreaterThanOrEqualTo(time.alphaPicos(n - 1));
        }
        assertThat(time.tokenPicos()).isPositive();
        assertThat(time.kvPicos()).isPositive();
        assertThat(time.pairPicos()).isPositive();
        assertThat(time.arrivalPicos()).isEqualTo(7);
        assertThat(time.floorPicos()).isGreaterThan(time.alphaPicos(0));
        assertThat(time.alphaPicos(0)).isLessThan(time.alphaPicos(1));
    }

    @Test
    void deploymentsLeftOutAreEstimatedWithinTheirBand() {
        List<Double> errors = new ArrayList<>();
        int inside = 0;
        List<ProfileEntry> measured = SHIPPED.profiles().stream()
                .filter(e -> e.source().confidence() != Source.Confidence.ESTIMATED)
                .toList();
        Map<String, Estimates> others = new HashMap<>();
        for (ProfileEntry left : measured) {
            Estimates estimates = others.computeIfAbsent(left.chip() + " " + left.model(), pair -> {
                List<ProfileEntry> rest = measured.stream()
                        .filter(e -> !pair.equals(e.chip() + " " + e.model()))
                        .toList();
                return new Estimates(new Catalogue(SHIPPED.chips(), SHIPPED.models(), List.of(), Map.of(), rest));
            });
            Deployment deployment = new Deployment(
                    Objects.requireNonNull(SHIPPED.models().get(left.model())),
                    left.precision(),
                    left.engine(),
                    Objects.requireNonNull(SHIPPED.chips().get(left.chip())),
                    left.layout());
            StepTime time = estimates.stepTime(deployment, Dialect.of("vllm").batching(), 0);
            double off = StrictMath.log(time.alphaPicos(16) / (double) left.stepPicosAt(16));
            errors.add(Math.abs(off));
            inside += Math.abs(off) <= 1.645 * estimates.band(deployment) ? 1 : 0;
        }
        double[] sorted = errors.stream().mapToDouble(e -> e).sorted().toArray();
        assertThat(sorted[sorted.length / 2]).isLessThan(0.15); // 0.19 with the physical form alone
        assertThat(inside / (double) sorted.length).isCloseTo(0.9, within(0.1));
    }

    @Test
    void everyPointToMeasureIsAnotherAndNarrowsTheBand() {
        Estimates estimates = new Estimates(SHIPPED);
        List<Estimates.Load> loads = Arrays.stream(new int[] {1, 4, 16, 64, 256})
                .mapToObj(n -> new Estimates.Load(n, 1024, 256))
                .toList();
        List<Estimates.Advice> advice = estimates.advice(large, loads, 3);
        assertThat(advice).hasSize(3);
        assertThat(advice.stream().map(Estimates.Advice::load)).doesNotHaveDuplicates();
        assertThat(advice.get(1).bandAfter()).isLessThan(advice.get(0).bandAfter());
        assertThat(advice.get(2).bandAfter()).isLessThan(advice.get(1).bandAfter());
        assertThat(estimates.advice(large, loads.subList(0, 2), 3)).hasSize(2);
    }

    @Test
    void measuringNeverWidensTheBandOfAnyChip() {
        Estimates estimates = new Estimates(SHIPPED);
        List<Estimates.Load> loads = List.of(
                new Estimates.Load(1, 700, 90), new Estimates.Load(16, 700, 90), new Estimates.Load(16, 3000, 90));
        for (String chip : List.of("nvidia/h100-sxm", "amd/mi325x", "intel/gaudi3", "google/tpu-v6e")) {
            Deployment deployment = new Deployment(
                    large.model(),
                    large.precision(),
                    large.engine(),
                    Objects.requireNonNull(SHIPPED.chips().get(chip)),
                    large.layout());
            double band = Double.POSITIVE_INFINITY;
            for (Estimates.Advice advice : estimates.advice(deployment, loads, 3)) {
                assertThat(advice.bandBefore()).as(chip).isLessThanOrEqualTo(band);
                assertThat(advice.bandAfter()).as(chip).isLessThan(advice.bandBefore());
                band = advice.bandAfter();
            }
            assertThat(band).as(chip).isFinite();
        }
    }
}
