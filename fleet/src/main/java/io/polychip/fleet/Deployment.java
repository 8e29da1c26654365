package io.polychip.fleet;

/** Model, precision, engine, chip and layout: the key of a profile. */
public record Deployment(Model model, Precision precision, EngineRelease engine, Chip chip, Layout layout) {
    /** Something behind a URL of which only the engine's name is known, and perhaps not even that. */
    public static Deployment unknown(String engine) {
        return new Deployment(
                ModelReader.UNKNOWN, Precision.BF16, new EngineRelease(engine, ""), Chip.UNKNOWN, Layout.SINGLE);
    }
}
