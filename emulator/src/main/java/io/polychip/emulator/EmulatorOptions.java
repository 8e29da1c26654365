package io.polychip.emulator;

import io.polychip.simulator.Truth;
import java.util.List;

/**
 * How a fleet is emulated.
 *
 * @param seed of identifiers and of faults' draws
 * @param portBase the replicas take this port and those after it, in the order of the fleet; 0: each its own port of
 *     the fleet where its URL is on loopback, else any free one
 * @param controlPort of the control API for all replicas, 0 any free one, -1 none
 * @param grainNanos tokens that fall due within this time are sent together; 0 sends each on its own picosecond, which
 *     is for virtual time
 * @param truths hidden from whoever reads the fleet
 */
public record EmulatorOptions(long seed, int portBase, int controlPort, long grainNanos, List<Truth> truths) {
    public static final EmulatorOptions DEFAULT = new EmulatorOptions(0, 0, -1, 1_000_000, List.of());

    public EmulatorOptions {
        truths = List.copyOf(truths);
        if (portBase < 0 || portBase > 65_535 || controlPort < -1 || controlPort > 65_535) {
            throw new EmulatorException("Ports go to 65535, not %d and %d.".formatted(portBase, controlPort));
        }
    }

    public EmulatorOptions withSeed(long newSeed) {
        return new EmulatorOptions(newSeed, portBase, controlPort, grainNanos, truths);
    }

    public EmulatorOptions withPortBase(int newPortBase) {
        return new EmulatorOptions(seed, newPortBase, controlPort, grainNanos, truths);
    }

    public EmulatorOptions withControlPort(int newControlPort) {
        return new EmulatorOptions(seed, portBase, newControlPort, grainNanos, truths);
    }

    public EmulatorOptions withGrainNanos(long newGrainNanos) {
        return new EmulatorOptions(seed, portBase, controlPort, newGrainNanos, truths);
    }

    public EmulatorOptions withTruths(List<Truth> newTruths) {
        return new EmulatorOptions(seed, portBase, controlPort, grainNanos, newTruths);
    }
}
