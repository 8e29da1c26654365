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
     */
    Ask of(Arrival arrival, long number, long seed);
}
