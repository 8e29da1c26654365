package io.polychip.performance;

import io.polychip.fleet.ProfileEntry;
import java.util.List;

/**
 * A profile made from measured points, with what it is worth.
 *
 * @param entry the same as the catalogue and a fleet file write it
 * @param residuals by point, in the order given
 * @param fitError root mean square of the residuals
 * @param heldOutError the same of predictions for points the fit was then not allowed to see, one after the other; NaN
 *     with fewer than 4 points
 * @param band one sigma of a prediction; {@link Profile#band}
 * @param provenance one sentence: from how many points, of what, how good
 */
public record Fitted(
        Profile profile,
        ProfileEntry entry,
        List<Residual> residuals,
        double fitError,
        double heldOutError,
        double band,
        String provenance) {
    /**
     * Predicted over measured, less 1.
     *
     * @param ttft NaN where it was not measured
     * @param itl NaN where it was not measured
     */
    public record Residual(MeasuredPoint point, double ttft, double itl) {}

    public Fitted {
        residuals = List.copyOf(residuals);
    }
}
