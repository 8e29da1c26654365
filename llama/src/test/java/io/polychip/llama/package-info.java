/** Tests of the real model; those that need it fetch it into the cache, as the program does. */
@NullMarked
package io.polychip.llama;

import org.jspecify.annotations.NullMarked;
