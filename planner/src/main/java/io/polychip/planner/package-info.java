/**
 * Which chips to have, when, on what terms: {@code PLANNING.md} gives the formulas. Start at
 * {@link io.polychip.planner.Problem}, what is asked; {@link io.polychip.planner.Programme} turns it into a linear
 * programme with whole numbers, {@link io.polychip.planner.Search} solves that, {@link io.polychip.planner.Plan} is the
 * answer in the words of the question. Pure but for the solvers' adapters.
 */
@NullMarked
package io.polychip.planner;

import org.jspecify.annotations.NullMarked;
