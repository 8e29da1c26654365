package io.polychip.performance;

import static io.polychip.performance.Samples.H100;
import static io.polychip.performance.Samples.LLAMA_70B;
import static io.polychip.performance.Samples.LLAMA_8B;
import static io.polychip.performance.Samples.MIXTRAL;
import static io.polychip.performance.Samples.TRAINIUM2;
import static io.polychip.performance.Samples.catalogue;
import static io.polychip.performance.Samples.deployment;
import static io.polychip.performance.Samples.entry;
import static io.polychip.performance.Samples.pool;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.polychip.fleet.Deployment;
import io.polychip.fleet.Hosted;
import io.polychip.fleet.Precision;
import org.junit.jupiter.api.Test;

final class ProfilesTest {
    private static final double MILLI = 1e9;

    private final Deployment h100 = deployment(LLAMA_8B, Precision.FP8, "vllm@0.15.1", H100, 1);

    @Test
    void aMeasuredDeploymentIsTakenAsItWasMeasured() {
        Profile profile = Profiles.of(pool(h100, null, 0), catalogue(entry(h100, "0.11"), entry(h100, "0.15.1")));
        assertThat(profile.evidence()).isEqualTo(Profile.Evidence.MEASURED);
        assertThat(profile.band()).isEqualTo(0.10);
        assertThat(profile.stepTime().alphaPicos(1)).isEqualTo(5_000_000_000L);
        assertThat(profile.stepTime().alphaPicos(51)).isEqualTo(7_000_000_000L);
        assertThat(profile.stepTime().alphaPicos(201)).isEqualTo(13_000_000_000L);
    }

    @Test
    void anEntryWithoutVersionSpeaksForEveryRelease() {
        Profile profile = Profiles.of(pool(h100, null, 0), catalogue(entry(h100, "")));
        assertThat(profile.evidence()).isEqualTo(Profile.Evidence.MEASURED);
    }

    @Test
    void anotherReleaseOfTheEngineLendsItsProfileWithAWiderBand() {
        Profile profile = Profiles.of(pool(h100, null, 0), catalogue(entry(h100, "0.11")));
        assertThat(profile.evidence()).isEqualTo(Profile.Evidence.OTHER_RELEASE);
        assertThat(profile.band()).isEqualTo(Math.hypot(0.10, 0.25));
    }

    @Test
    void withoutMeasurementPhysicsAnswersWithAWideBand() {
        Profile profile = Profiles.of(pool(h100, null, 0), catalogue());
        assertThat(profile.evidence()).isEqualTo(Profile.Evidence.ESTIMATED);
        assertThat(profile.band()).isGreaterThanOrEqualTo(0.3);
        assertThat(profile.stepTime().alphaPicos(1) / MILLI).isCloseTo(5.0, within(0.5));
        assertThat(profile.stepTime().arrivalPicos()).isEqualTo(15_563_000_000L);
    }

    @Test
    void physicsIsNearTheMeasuredSeventyBillionOnEightH100() {
        // Splitwise, FP16, TP8: 29.8 + 0.2016 n ms; another engine of 2023, hence the wide margin
        Profile profile =
                Profiles.of(pool(deployment(LLAMA_70B, Precision.FP16, "vllm", H100, 8), null, 0), catalogue());
        assertThat(profile.stepTime().alphaPicos(16) / MILLI).isBetween(12.0, 45.0);
    }

    @Test
    void aPoolIsKnownByAnotherReleaseOfItsEngineAndNotByAnotherEngine() {
        Profiles profiles = new Profiles(catalogue(entry(h100, "0.11")));
        assertThat(profiles.known(pool(h100, null, 0))).isTrue();
        Deployment other = deployment(LLAMA_8B, Precision.FP8, "sglang", H100, 1);
        assertThat(profiles.known(pool(other, null, 0))).isFalse();
    }

    @Test
    void aSmallBatchReadsFewExpertsAndALargeOneAll() {
        StepTime time = Profiles.of(pool(deployment(MIXTRAL, Precision.FP8, "vllm", H100, 1), null, 0), catalogue())
                .stepTime();
        assertThat(time.alphaPicos(1)).isLessThan(time.alphaPicos(16) / 2);
        assertThat(time.alphaPicos(64)).isLessThan(time.alphaPicos(16) * 3 / 2);
    }

    @Test
    void neuronPaysItsWholeCompiledBatchForASingleSequence() {
        Profile profile = Profiles.of(
                pool(deployment(LLAMA_8B, Precision.BF16, "vllm-neuron", TRAINIUM2, 1), null, 8), catalogue());
        assertThat(profile.staticBatch()).isTrue();
        assertThat(profile.chunkedPrefill()).isFalse();
        assertThat(profile.maxSequences()).isEqualTo(8);
        assertThat(profile.stepTime().alphaPicos(1))
                .isEqualTo(profile.stepTime().alphaPicos(8));
    }

    @Test
    void aHostedStreamKeepsItsSpeedWhateverElseRuns() {
        Profile profile = Profiles.of(pool(h100, new Hosted("groq", "llama-3.1-8b-instant", "k"), 0), catalogue());
        assertThat(profile.evidence()).isEqualTo(Profile.Evidence.PUBLISHED_SPEED);
        assertThat(profile.stepTime().stepPicos(0, 100, 100_000))
                .isEqualTo(profile.stepTime().stepPicos(0, 1, 10));
    }

    @Test
    void thePoolsOwnBatchLimitWins() {
        Profile profile = Profiles.of(pool(h100, null, 48), catalogue(entry(h100, "")));
        assertThat(profile.maxSequences()).isEqualTo(48);
        assertThat(profile.stepTime().maxBatch()).isEqualTo(48);
    }

    @Test
    void promptsOfCompiledShapesArePaddedToTheNextOne() {
        Batching neuron = Dialect.of("vllm-neuron").batching();
        assertThat(neuron.paddedTokens(1)).isEqualTo(512);
        assertThat(neuron.paddedTokens(513)).isEqualTo(1024);
        assertThat(Dialect.of("vllm").batching().paddedTokens(513)).isEqualTo(513);
    }
}
