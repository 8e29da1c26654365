/**
 * How long an engine step takes on a chip, what fits into its memory and what it draws. Pure: no clock, no I/O. Start
 * at {@link io.polychip.performance.Profile}; {@link io.polychip.performance.StepTime} is its compiled form, in integer
 * picoseconds.
 */
@NullMarked
package io.polychip.performance;

import org.jspecify.annotations.NullMarked;
