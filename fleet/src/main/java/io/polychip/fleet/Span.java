package io.polychip.fleet;

import java.time.LocalDate;

/** From one day to another, both included. @param until {@link #OPEN} where no end was given */
public record Span(LocalDate from, LocalDate until) {
    /** No end. */
    public static final LocalDate OPEN = LocalDate.MAX;

    public boolean contains(LocalDate day) {
        return !day.isBefore(from) && !day.isAfter(until);
    }

    public boolean open() {
        return until.equals(OPEN);
    }

    /** Days of {@code other} that are also within this span. */
    public long daysWithin(Span other) {
        LocalDate first = from.isAfter(other.from) ? from : other.from;
        LocalDate last = until.isBefore(other.until) ? until : other.until;
        return last.isBefore(first) ? 0 : last.toEpochDay() - first.toEpochDay() + 1;
    }
}
