package io.polychip.simulator;

import io.polychip.routing.Ask;

/**
 * What a gateway makes of a request: all that routing knows of it. The usual one is exact about the prompt; another one
 * may count it wrongly, as gateways do, or repeat what a real gateway made.
 */
@FunctionalInterface
public interface Asks {
    /**
     * The ask of one try.
     *
     * @param number of the request, from 0
     * @param seed for its draws, another one for each try
     * @param prefixHashes chained, one for each whole block of the prompt; empty when its blocks are not known
     * @param prefixTokens tokens up to each of them and further
     */
    Ask of(Arrival arrival, long number, long seed, long[] prefixHashes, int[] prefixTokens);

    /** Knows lengths of prompts exactly and of answers nothing; streams. @param model where an arrival names none */
    static Asks usual(String model) {
        return (arrival, number, seed, prefixHashes, prefixTokens) -> new Ask(
                seed,
                arrival.model().isEmpty() ? model : arrival.model(),
                arrival.tenant(),
                arrival.requestClass(),
                1,
                arrival.promptTokens(),
                4 * arrival.promptTokens(),
                arrival.maxTokens(),
                1,
                0,
                true,
                arrival.conversation(),
                prefixHashes,
                prefixTokens,
                0,
                seed);
    }
}
