package io.polychip.performance;

import io.polychip.fleet.Catalogue;
import io.polychip.fleet.Chip;
import io.polychip.fleet.ChipPower;
import io.polychip.fleet.Deployment;

/**
 * What one replica draws at the meter: {@code idle + (full - idle) load}, its share of host and facility included.
 *
 * <p>Full is the node as measured (MLPerf's power logs), else 1.25 times the boards' rating (1.27 on H100, 1.20 on
 * B200), and idle 0.39 of that (2.4 of 6.2 kW on eight H200). A facility adds a quarter: the public clouds' mean in the
 * catalogue. What has to be provided is more, the all-in figure that contracts in gigawatts divide by; where none is
 * published it is 2.2 times the rating, the middle of the chips that have both. A chip whose maker publishes no power
 * is counted by what others say of it or by an upper bound, where the catalogue has one; one whose power is published
 * only with all that stands beside it in its rack (TPU7x, WSE-3) by that and the facility's quarter.
 *
 * @param providedWatts what must be there for it: what limits on power are held to
 * @param estimated its chip's maker publishes no power of the chip alone
 */
public record SitePower(double idleWatts, double fullWatts, double providedWatts, boolean estimated) {
    private static final double NODE_OVER_RATING = 1.25;
    private static final double ALL_IN_OVER_RATING = 2.2;
    private static final double IDLE_SHARE = 0.39;

    private static final SitePower UNKNOWN = new SitePower(0, 0, 0, false);

    /** All zero where nobody says anything of its chip. */
    public static SitePower of(Deployment deployment, Catalogue catalogue) {
        return of(deployment.chip(), catalogue).times(deployment.layout().chips());
    }

    /** Of one chip. */
    public static SitePower of(Chip chip, Catalogue catalogue) {
        ChipPower power = catalogue.chipPowers().get(chip.id());
        double rating = chip.powerWatts();
        double allIn = 0;
        double node = 0;
        boolean whole = false;
        if (power != null) {
            rating = rating > 0 ? rating : power.tdpWatts();
            rating = rating > 0 ? rating : power.atMostWatts() / ALL_IN_OVER_RATING;
            allIn = power.utilityWatts();
            node = power.inferenceWatts() > 0 ? power.inferenceWatts() : power.itWatts();
            whole = power.itWatts() > 0;
        }
        if (rating <= 0) {
            return UNKNOWN;
        }
        node = node > 0 ? node : rating * NODE_OVER_RATING;
        double provided = allIn > 0 ? allIn : rating * ALL_IN_OVER_RATING;
        double full = Math.min(node * ChipPower.FACILITY, provided);
        return new SitePower(full * IDLE_SHARE, full, provided, chip.powerWatts() <= 0 || whole);
    }

    private SitePower times(int chips) {
        return new SitePower(idleWatts * chips, fullWatts * chips, providedWatts * chips, estimated);
    }
}
