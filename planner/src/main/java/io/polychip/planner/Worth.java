package io.polychip.planner;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The worth of one more of each scarce thing by the programme with fractions allowed, so exact where counts are large.
 */
public final class Worth {
    private Worth() {}

    /** @param usd by which the plan is cheaper with one more of it, over all periods */
    public record Scarce(Promise.Kind kind, String subject, String unit, double usd) {}

    /** The dearest first; what is plentiful is left out. */
    public static List<Scarce> scarce(Programme programme, Relaxation relaxed) {
        Map<String, Scarce> sums = new LinkedHashMap<>();
        for (Promise promise : programme.promises()) {
            double usd = -relaxed.rowPrices()[promise.row()] / promise.perUnit();
            if (Math.abs(usd) > 1e-6 && promise.kind() != Promise.Kind.DEMAND) {
                sums.merge(
                        promise.kind() + promise.subject() + promise.unit(),
                        new Scarce(promise.kind(), promise.subject(), promise.unit(), usd),
                        (one, other) -> new Scarce(one.kind(), one.subject(), one.unit(), one.usd() + other.usd()));
            }
        }
        return sums.values().stream()
                .sorted((one, other) -> Double.compare(Math.abs(other.usd()), Math.abs(one.usd())))
                .toList();
    }
}
