package io.polychip.performance;

import io.polychip.fleet.Deployment;
import io.polychip.fleet.Model;
import io.polychip.fleet.Precision;

/**
 * What a replica's memory holds, in exact bytes per chip. Weights are cut over tensor and pipeline ranks. Attention
 * heads that do not divide over the tensor ranks are filled up, keys and values of fewer heads than ranks are repeated
 * on them, and a compressed cache (multi-head latent attention) lies whole on each.
 *
 * <p>Source of the last three: vLLM's model code, which repeats heads of keys and values on ranks, and
 * {@code get_shardable_head_counts} of AWS's NeuronX Distributed Inference ({@code modules/attention/gqa.py}), which
 * fills up too and gives each query head keys and values of its own where theirs do not divide.
 *
 * @param totalBytes memory of one chip
 * @param overheadBytes what the engine leaves free, and its own runtime, graphs and activations
 * @param weightBytes weights on one chip
 * @param kvTokenBytes cache of one token on one chip
 * @param blockTokens tokens per cache block
 * @param copies data-parallel copies in one replica, each with its own cache
 */
public record Memory(
        long totalBytes, long overheadBytes, long weightBytes, long kvTokenBytes, int blockTokens, int copies) {
    private static final long RUNTIME_BYTES = 1L << 30;

    /** Memory of a deployment as its engine lays it out by default. */
    public static Memory of(Deployment deployment) {
        Dialect dialect = Dialect.of(deployment.engine().name());
        long total = Math.round(deployment.chip().memoryGib() * (1L << 30));
        long unused = Math.round(total * (1 - dialect.memoryShare()));
        long runtime = Math.min(RUNTIME_BYTES, total / 20);
        return new Memory(
                total,
                unused + runtime,
                weightBytes(deployment),
                kvTokenBytes(deployment),
                dialect.batching().blockTokens(),
                deployment.layout().data());
    }

    /** Whole blocks that stay free for the cache on one chip; 0 when the weights do not fit. */
    public long kvBlocks() {
        return Math.max(0, (totalBytes - overheadBytes - weightBytes) / (kvTokenBytes * blockTokens));
    }

    /** Cache capacity of the replica in tokens, whole blocks. */
    public long kvTokens() {
        return kvBlocks() * blockTokens * copies;
    }

    public boolean fits() {
        return kvBlocks() > 0;
    }

    /** One sentence for an operator: what is taken by what, and what is left. */
    public String explanation() {
        String parts = "%.1f GiB a chip: %.1f weights, %.1f engine"
                .formatted(gib(totalBytes), gib(weightBytes), gib(overheadBytes));
        if (fits()) {
            return "%s, %.1f cache (%d tokens a replica)."
                    .formatted(parts, gib(kvBlocks() * kvTokenBytes * blockTokens), kvTokens());
        }
        long needed = weightBytes + kvTokenBytes * blockTokens;
        long free = totalBytes - overheadBytes;
        return free <= 0
                ? parts + "; nothing is left for a cache."
                : "%s; it lacks %.1f GiB. Maybe spread it over %d times the chips."
                        .formatted(parts, gib(needed - free), Math.ceilDiv(needed, free));
    }

    /** Bytes of weights on one chip: embeddings stay at two bytes when the rest is quantised. */
    static long weightBytes(Deployment deployment) {
        Model model = deployment.model();
        double bytes = deployment.precision().bytesPerParameter();
        long embedding = bytes < 2 ? Math.min(2L * model.vocabulary() * model.hidden(), model.parameters() / 2) : 0;
        double all = (model.parameters() + repeatedParameters(deployment) - embedding) * bytes + 2.0 * embedding;
        return (long) Math.ceil(all / modelRanks(deployment));
    }

    /** Of the projections of those heads that are repeated or filled up. */
    private static long repeatedParameters(Deployment deployment) {
        Model model = deployment.model();
        if (compressed(model)) {
            return 0;
        }
        int ranks = tensorRanks(deployment);
        long queries = (long) Math.ceilDiv(model.heads(), ranks) * ranks - model.heads();
        long keys = (long) cachedHeads(deployment) * ranks - model.kvHeads();
        return 2L * model.attendingLayers() * model.hidden() * model.headDim() * (queries + keys);
    }

    /** Bytes of cache per token on one chip: two per number, as engines keep it unless told otherwise. */
    static long kvTokenBytes(Deployment deployment) {
        Model model = deployment.model();
        long bytes = model.kvValuesPerToken() * (deployment.precision() == Precision.FP32 ? 4 : 2);
        int stages = deployment.layout().pipeline();
        long onChip = compressed(model)
                ? bytes * deployment.chip().ranks()
                : Math.ceilDiv(
                        bytes * cachedHeads(deployment) * deployment.chip().ranks(), Math.max(1, model.kvHeads()));
        return Math.max(1, Math.ceilDiv(onChip, stages));
    }

    /** Heads whose keys and values lie on one tensor rank. */
    private static int cachedHeads(Deployment deployment) {
        Model model = deployment.model();
        int ranks = tensorRanks(deployment);
        int heads = Math.max(1, model.kvHeads());
        boolean divide = ranks % heads == 0 || heads % ranks == 0;
        return Math.ceilDiv(divide ? heads : Math.max(heads, model.heads()), ranks);
    }

    /** Much smaller than heads would make it, and no whole number of layers with heads: those attend to a window. */
    private static boolean compressed(Model model) {
        long layer = 2L * model.kvHeads() * model.headDim();
        return model.kvValuesPerToken() * 4 < model.layers() * layer && model.kvValuesPerToken() % layer != 0;
    }

    /** Devices, as an engine sees them, that each take a part of every matrix. */
    static int tensorRanks(Deployment deployment) {
        return deployment.layout().tensor() * deployment.chip().ranks();
    }

    /** Chips that share one copy of the weights. */
    static int modelRanks(Deployment deployment) {
        return deployment.layout().tensor() * deployment.layout().pipeline();
    }

    private static double gib(long bytes) {
        return bytes / (double) (1L << 30);
    }
}
