package io.polychip.fleet;

/** Model, precision, engine, chip and layout: the key of a profile. */
public record Deployment(Model model, Precision precision, EngineRelease engine, Chip chip, Layout layout) {}
