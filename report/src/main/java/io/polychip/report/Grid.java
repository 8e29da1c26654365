package io.polychip.report;

import java.util.List;

/** A table as text: a head and rows of as many cells. The first cell of a row names it. */
public record Grid(List<String> head, List<List<String>> rows) {
    public Grid {
        head = List.copyOf(head);
        rows = rows.stream().map(List::copyOf).toList();
        for (List<String> row : rows) {
            if (row.size() != head.size()) {
                throw new IllegalArgumentException(
                        "A row of %d cells does not fit a table of %d columns.".formatted(row.size(), head.size()));
            }
        }
    }
}
