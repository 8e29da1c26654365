package io.polychip.validation;

import org.jspecify.annotations.Nullable;

/**
 * One planning case beside what is known of its best.
 *
 * @param set the table it belongs to
 * @param costUsd of the plan found; infinite when none was
 * @param targetUsd it may cost no more than, tolerance included
 * @param referenceUsd the known best or the rival's
 * @param bound no plan costs less
 * @param millis the solver took
 * @param note in words, where something beyond the cost decides
 */
public record PlanCase(
        String set,
        String id,
        double costUsd,
        double targetUsd,
        double referenceUsd,
        double bound,
        double millis,
        boolean meets,
        @Nullable String note) {}
