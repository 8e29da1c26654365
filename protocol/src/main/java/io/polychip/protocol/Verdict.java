package io.polychip.protocol;

/** What an upstream's answer under status 200 turned out to be. */
public enum Verdict {
    /** Every choice ended with a finish reason. */
    COMPLETE,
    /** It stopped before that; an empty answer too. */
    CUT,
    /** Not the wire it claims to be: HTML, broken JSON, unknown lines. */
    GARBLED,
    /** An error object where the answer should be. */
    ERROR
}
