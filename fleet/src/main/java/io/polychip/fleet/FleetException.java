package io.polychip.fleet;

import java.util.List;
import java.util.stream.Collectors;

/** A fleet or catalogue file that cannot be used, with every mistake found in it. */
public final class FleetException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final transient List<Problem> problems;

    public FleetException(List<Problem> problems) {
        super(problems.stream().map(Problem::toString).collect(Collectors.joining("\n")));
        this.problems = List.copyOf(problems);
    }

    public List<Problem> problems() {
        return problems;
    }

    /** One mistake. @param line 1-based, 0 when the file as a whole is meant */
    public record Problem(String file, int line, String message) {
        @Override
        public String toString() {
            return line > 0 ? file + ":" + line + ": " + message : file + ": " + message;
        }
    }
}
