package io.polychip.validation;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One figure beside its target and those of others.
 *
 * @param check which of the checks, {@code vLLM 0.15}
 * @param ours percent
 * @param most percent that is allowed; null where it is shown only for comparison
 * @param others the same figure of other simulators, percent
 */
public record Figure(
        String check, String name, double ours, @Nullable Double most, Map<String, Double> others) {
    /** Whether it was to be met and is not. */
    public boolean fallsShort() {
        return most != null && !(ours <= most);
    }
}
