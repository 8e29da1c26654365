/**
 * Chips in real time: every replica of a fleet as a local HTTP server that speaks its engine's dialect and keeps the
 * timing of the simulator's exact {@link io.polychip.simulator.Engine}. Texts are a function of the prompt, faults and
 * hidden truth come through a control API. Start at {@link io.polychip.emulator.Emulator}; {@code EmulatedReplica} is
 * where a request meets its engine.
 */
@NullMarked
package io.polychip.emulator;

import org.jspecify.annotations.NullMarked;
