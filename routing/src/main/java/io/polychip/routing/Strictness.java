package io.polychip.routing;

/** How many of the filters apply to a decision; the next one is tried when nobody passes. */
enum Strictness {
    ALL,
    /** Shares, damage caps and failing pools are preferences: better there than nowhere. */
    WITHOUT_PREFERENCES,
    /** Breakers and earlier tries are ignored too, so that never everybody is out at once. */
    LAST_RESORT
}
