package io.polychip.routing;

/** What made the choice among the candidates. */
public enum Reason {
    /** One of the cheapest that meet the objective. */
    CHEAPEST,
    /** None meets it; one of those that miss it least. */
    LEAST_VIOLATION,
    /** By the shares of the plan the slow loop began from. */
    PLANNED,
    /** Its vendor is below its floor. */
    FLOOR,
    /** Nobody has asked this pool of late. */
    EXPLORATION,
    /** An ejected replica is given its chance. */
    PROBE,
    /** A rival policy's choice. */
    RIVAL,
    /** Nothing was chosen. */
    NOTHING
}
