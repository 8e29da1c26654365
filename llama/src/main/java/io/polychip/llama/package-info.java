/**
 * A real model on this machine: llama.cpp, called through the foreign function interface, behind an engine's HTTP API.
 *
 * <p>{@link io.polychip.llama.ModelFiles} brings the shared libraries and a small model, once and checked.
 * {@link io.polychip.llama.LlamaLibrary} is the only class that knows native functions.
 * {@link io.polychip.llama.LlamaEngine} batches several answers on one thread, and
 * {@link io.polychip.llama.LlamaServer} serves them as a pool like any other. Start at {@code LlamaEngine}.
 */
@NullMarked
package io.polychip.llama;

import org.jspecify.annotations.NullMarked;
