/**
 * The command line: one class per command, with its progress, tables and plots. Start at {@link io.polychip.cli.Main}.
 */
@NullMarked
package io.polychip.cli;

import org.jspecify.annotations.NullMarked;
