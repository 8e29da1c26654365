package io.polychip.fleet;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Mistakes found so far in one file. */
final class Problems {
    private final String file;
    private final List<FleetException.Problem> found = new ArrayList<>();

    Problems(String file) {
        this.file = file;
    }

    void add(int line, String message) {
        found.add(new FleetException.Problem(file, line, message));
    }

    boolean none() {
        return found.isEmpty();
    }

    /** All of them, in the order of their lines. */
    FleetException exception() {
        return new FleetException(found.stream()
                .distinct()
                .sorted(Comparator.comparingInt(FleetException.Problem::line))
                .toList());
    }
}
