package io.polychip.testkit;

import io.polychip.routing.Attempt;
import io.polychip.routing.Usage;

/** One attempt of a call on one replica, as the simulated world knows it. */
final class Leg {
    final int number;
    final SimulatedCall client;
    final Attempt attempt;
    final SimulatedReplica replica;

    /** The dispatcher does not want it any more. */
    boolean cancelled;

    /** Its replica works on it no more. */
    boolean over;

    boolean charged;

    /** Its complete answer has reached the dispatcher. */
    boolean done;

    /** Tokens that came out of the engine, and those the dispatcher was told of while it still wanted them. */
    int produced;

    int told;
    int cachedTokens;

    /** Tokens after which it is cut or falls silent; beyond every answer when it is not. */
    int troubleAfter = Integer.MAX_VALUE;

    /** It is cut then; else it falls silent. */
    boolean cuts;

    Leg(int number, SimulatedCall client, Attempt attempt, SimulatedReplica replica) {
        this.number = number;
        this.client = client;
        this.attempt = attempt;
        this.replica = replica;
    }

    /** What the engine says it did. */
    Usage usage() {
        return new Usage(client.ask.promptTokens(), cachedTokens, produced, false);
    }
}
