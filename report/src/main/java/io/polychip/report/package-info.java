/**
 * Results for people to look at: one HTML page with plots that needs nothing else, and sparklines for a terminal. Knows
 * nothing of chips or requests; opens no file but its own resources. Start at {@link io.polychip.report.Page}.
 */
@NullMarked
package io.polychip.report;

import org.jspecify.annotations.NullMarked;
