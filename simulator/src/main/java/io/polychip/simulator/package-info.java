/**
 * A fleet in virtual time: the truth about replicas, hosted APIs and traffic. Pure: no clock, no thread, no I/O. Start
 * at {@link io.polychip.simulator.Engine}, one replica in exact integer picoseconds. A router never reads an engine: it
 * knows its own sends and what late readings told it.
 */
@NullMarked
package io.polychip.simulator;

import org.jspecify.annotations.NullMarked;
