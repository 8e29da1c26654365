/**
 * A fleet in virtual time: the same dispatcher over engines whose steps are computed instead of waited for. Pure; same
 * seed, same report.
 */
@NullMarked
package io.polychip.simulator;

import org.jspecify.annotations.NullMarked;
