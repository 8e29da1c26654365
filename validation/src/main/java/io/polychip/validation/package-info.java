/**
 * Holds our models against what others measured, against other routers at their best and against proven optima, over a
 * folder of data that the caller names. Start at {@link io.polychip.validation.Contest} for routing.
 */
@NullMarked
package io.polychip.validation;

import org.jspecify.annotations.NullMarked;
