package io.polychip.cli;

import java.nio.file.Path;

final class PlanFiles {
    private PlanFiles() {}

    static void write(PlanBook book, Path folder) {}
}
