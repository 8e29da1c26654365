package io.polychip.performance;

import io.polychip.fleet.Catalogue;
import io.polychip.fleet.Chip;
import io.polychip.fleet.Deployment;
import io.polychip.fleet.EngineRelease;
import io.polychip.fleet.Hosted;
import io.polychip.fleet.Layout;
import io.polychip.fleet.Model;
import io.polychip.fleet.Pool;
import io.polychip.fleet.Precision;
import io.polychip.fleet.Price;
import io.polychip.fleet.ProfileEntry;
import io.polychip.fleet.Quota;
import io.polychip.fleet.Source;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Chips, models and pools the tests of this module share. */
final class Samples {
    static final Source SOURCE = new Source("test", "2026-01-01", Source.Confidence.HIGH);

    static final Chip H100 = new Chip(
            "nvidia/h100-sxm",
            "nvidia",
            "H100 SXM",
            80,
            3350,
            Map.of(Precision.BF16, 989.0, Precision.FP8, 1979.0),
            700,
            450,
            8,
            1,
            SOURCE);
    static final Chip TRAINIUM2 = new Chip(
            "aws/trainium2",
            "aws",
            "Trainium2",
            96,
            2900,
            Map.of(Precision.BF16, 667.0, Precision.FP8, 1299.0),
            0,
            0,
            16,
            4,
            SOURCE);

    static final Model LLAMA_8B = new Model(
            "meta-llama/Llama-3.1-8B-Instruct",
            32,
            4096,
            32,
            8,
            128,
            14336,
            1,
            1,
            8_030_261_248L,
            8_030_261_248L,
            128_256,
            65_536,
            131_072,
            SOURCE);
    static final Model LLAMA_70B = new Model(
            "meta-llama/Llama-3.1-70B-Instruct",
            80,
            8192,
            64,
            8,
            128,
            28672,
            1,
            1,
            70_553_706_496L,
            70_553_706_496L,
            128_256,
            163_840,
            131_072,
            SOURCE);
    static final Model MIXTRAL = new Model(
            "mistralai/Mixtral-8x7B-Instruct-v0.1",
            32,
            4096,
            32,
            8,
            128,
            14336,
            8,
            2,
            46_702_792_704L,
            12_879_925_248L,
            32_000,
            65_536,
            32_768,
            SOURCE);

    private Samples() {}

    static Deployment deployment(Model model, Precision precision, String engine, Chip chip, int tensor) {
        String[] release = engine.split("@", 2);
        String version = release.length > 1 ? release[1] : "";
        return new Deployment(model, precision, new EngineRelease(release[0], version), chip, new Layout(tensor, 1, 1));
    }

    static Pool pool(Deployment deployment, @Nullable Hosted hosted, int maxSequences) {
        return new Pool(
                "pool",
                "model",
                deployment,
                new Price.PerChipHour(2, true),
                hosted,
                Quota.UNLIMITED,
                Map.of(),
                List.of(),
                deployment.model().contextTokens(),
                maxSequences,
                true);
    }

    static Catalogue catalogue(ProfileEntry... entries) {
        return new Catalogue(Map.of(), Map.of(), List.of(), Map.of(), List.of(entries));
    }

    /** An entry for that deployment with a step of 5 ms alone and 9 ms for 100. */
    static ProfileEntry entry(Deployment deployment, String version) {
        return new ProfileEntry(
                deployment.model().id(),
                deployment.chip().id(),
                deployment.precision(),
                new EngineRelease(deployment.engine().name(), version),
                deployment.layout(),
                List.of(1, 101),
                List.of(5_000_000_000L, 9_000_000_000L),
                20_000_000,
                100,
                60_000,
                15_000_000_000L,
                6_000_000_000L,
                0,
                0,
                0,
                0.10,
                null,
                SOURCE);
    }
}
