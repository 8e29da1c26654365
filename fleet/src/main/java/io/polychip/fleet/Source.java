package io.polychip.fleet;

/**
 * Where a figure comes from.
 *
 * @param origin document, file or measurement, with its version
 * @param date ISO date or month of the figure, {@code 2026-07-20}
 */
public record Source(String origin, String date, Confidence confidence) {
    /** How much weight a figure bears. {@code ESTIMATED}: computed from related figures, never measured. */
    public enum Confidence {
        HIGH,
        MEDIUM,
        LOW,
        ESTIMATED
    }
}
