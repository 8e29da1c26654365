package io.polychip.testkit;

/** What can be wrong with a simulated replica. */
public enum Trouble {
    /** Nothing: it serves. */
    NONE,
    /** No connection is accepted; what runs goes on. */
    REFUSE,
    /** The process is gone: what runs is reset, nothing is accepted, the cache is lost. */
    DIE,
    /** Requests are taken and never answered. */
    HANG,
    /** Every request is answered 503 with {@code Retry-After}. */
    BUSY,
    /** Every request is answered 500. */
    ERROR,
    /** Every other answer ends after some tokens without an end. */
    CUT,
    /** Every other answer falls silent after some tokens. */
    STALL,
    /** Everything takes three times as long. */
    SLOW
}
