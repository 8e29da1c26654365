/**
 * The wire, without I/O: scanning a chat request once for what routing needs, cutting server-sent events at any byte,
 * reading usage and errors out of them. OpenAI's JSON is the interchange; every other wire is a pair of translations.
 * Start at {@code ChatScan}.
 */
@NullMarked
package io.polychip.protocol;

import org.jspecify.annotations.NullMarked;
