/** A chip in real time: the simulator's engine behind the HTTP API that a real engine would offer. */
@NullMarked
package io.polychip.emulator;

import org.jspecify.annotations.NullMarked;
