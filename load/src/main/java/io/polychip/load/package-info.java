/** Load that does not wait for answers: replays traces, measures endpoints, compares what two of them answer. */
@NullMarked
package io.polychip.load;

import org.jspecify.annotations.NullMarked;
