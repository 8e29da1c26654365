/**
 * A real model on this machine: llama.cpp, called through the foreign function interface, behind an engine's HTTP API.
 */
@NullMarked
package io.polychip.llama;

import org.jspecify.annotations.NullMarked;
