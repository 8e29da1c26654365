/**
 * Decides where a request goes and what happens when that goes wrong. Nothing here waits, reads a clock or opens a
 * socket: callers pass the time in nanoseconds, and a {@link io.polychip.routing.Host} carries out what is decided.
 * Start at {@link io.polychip.routing.Dispatcher}.
 */
@NullMarked
package io.polychip.routing;

import org.jspecify.annotations.NullMarked;
