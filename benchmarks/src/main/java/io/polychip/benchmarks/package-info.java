/** JMH benchmarks of the hot paths, rivals as parameters. Run them by {@code ./bench NAME}. */
@NullMarked
package io.polychip.benchmarks;

import org.jspecify.annotations.NullMarked;
