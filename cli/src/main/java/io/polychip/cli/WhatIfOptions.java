package io.polychip.cli;

import java.util.List;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** What {@code plan} looks at besides the plan itself. */
final class WhatIfOptions {
    /** What survives a loss: nothing, half, four fifths, all. */
    static final List<Double> PHIS = List.of(0.0, 0.5, 0.8, 1.0);

    private static final List<Double> USUAL = List.of(100.0, 80.0, 60.0, 50.0, 40.0, 34.0);

    @Option(
            names = "--frontier",
            description = "Also what independence costs: the best plan under ever tighter limits on any one vendor's"
                    + " share, and the best that survives ever more. Each is solved, and simulated while there is time:"
                    + " --seconds for all of them.")
    boolean frontier;

    @Option(
            names = "--caps",
            paramLabel = "PERCENT",
            split = ",",
            description = "Largest shares of the tokens the frontier looks at. Default: ${DEFAULT-VALUE}.")
    List<Double> caps = USUAL;

    @Option(
            names = "--sensitivity",
            description = "Also the price at which each offer enters that the plan leaves, what one more of each scarce"
                    + " thing saves, and where each term of a deal, a price, demand or a speed turns that deal.")
    boolean sensitivity;

    void checked() {
        if (!frontier && !caps.equals(USUAL)) {
            throw new TypeConversionException("--caps: is what --frontier looks at. Maybe --frontier too.");
        }
        shares();
    }

    /** Shares from 0 to 1. */
    List<Double> shares() {
        for (double cap : caps) {
            if (!(cap > 0 && cap <= 100)) {
                throw new TypeConversionException(
                        "--caps %s: expected shares above 0 to 100, such as 100,60,50.".formatted(cap));
            }
        }
        return caps.stream().map(cap -> cap / 100).distinct().toList();
    }
}
