package io.polychip.fleet;

/**
 * The shape of a large language model, enough for memory and arithmetic.
 *
 * @param id as published, {@code meta-llama/Llama-3.1-8B-Instruct}
 * @param attendingLayers those with heads of attention, be it to all tokens or to a window; fewer than all in hybrids
 *     with linear attention
 * @param parameters all of them
 * @param activeParameters used per token; equals {@code parameters} unless a mixture of experts
 * @param kvValuesPerToken numbers cached per token over all layers (both K and V); times bytes per number gives bytes
 * @param contextTokens longest prompt plus answer
 * @param published precision of the weights as their maker gives them out
 */
public record Model(
        String id,
        int layers,
        int attendingLayers,
        int hidden,
        int heads,
        int kvHeads,
        int headDim,
        int feedForward,
        int experts,
        int activeExperts,
        long parameters,
        long activeParameters,
        int vocabulary,
        long kvValuesPerToken,
        int contextTokens,
        Precision published,
        Source source) {
    /** A model published in BF16 all of whose layers attend. */
    public Model(
            String id,
            int layers,
            int hidden,
            int heads,
            int kvHeads,
            int headDim,
            int feedForward,
            int experts,
            int activeExperts,
            long parameters,
            long activeParameters,
            int vocabulary,
            long kvValuesPerToken,
            int contextTokens,
            Source source) {
        this(
                id,
                layers,
                layers,
                hidden,
                heads,
                kvHeads,
                headDim,
                feedForward,
                experts,
                activeExperts,
                parameters,
                activeParameters,
                vocabulary,
                kvValuesPerToken,
                contextTokens,
                Precision.BF16,
                source);
    }

    public boolean mixtureOfExperts() {
        return experts > 1;
    }
}
