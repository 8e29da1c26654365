package io.polychip.cli;

import io.polychip.report.Grid;
import java.util.ArrayList;
import java.util.List;

/** An aligned table for the terminal. Columns whose cells are numbers are set to the right. */
final class Table {
    private final List<String> head;
    private final List<List<String>> rows = new ArrayList<>();

    Table(String... head) {
        this.head = List.of(head);
    }

    static Table of(Grid grid) {
        Table table = new Table(grid.head().toArray(String[]::new));
        grid.rows().forEach(row -> table.row(row.toArray()));
        return table;
    }

    Table row(Object... cells) {
        if (cells.length != head.size()) {
            throw new IllegalArgumentException(
                    "A row of %d cells does not fit a table of %d columns.".formatted(cells.length, head.size()));
        }
        List<String> texts = new ArrayList<>(cells.length);
        for (Object cell : cells) {
            texts.add(cell.toString());
        }
        rows.add(texts);
        return this;
    }

    /** All lines, each with its line feed. */
    @Override
    public String toString() {
        int columns = head.size();
        int[] widths = new int[columns];
        boolean[] right = new boolean[columns];
        for (int column = 0; column < columns; column++) {
            widths[column] = head.get(column).length();
            right[column] = !rows.isEmpty();
            for (List<String> row : rows) {
                String cell = row.get(column);
                widths[column] = Math.max(widths[column], cell.codePointCount(0, cell.length()));
                right[column] &= cell.isEmpty() || cell.equals("-") || Character.isDigit(cell.charAt(0));
            }
        }
        StringBuilder text = new StringBuilder();
        line(text, head, widths, right);
        for (List<String> row : rows) {
            line(text, row, widths, right);
        }
        return text.toString();
    }

    private static void line(StringBuilder text, List<String> cells, int[] widths, boolean[] right) {
        int from = text.length();
        for (int column = 0; column < cells.size(); column++) {
            String cell = cells.get(column);
            String space = " ".repeat(widths[column] - cell.codePointCount(0, cell.length()));
            text.append(right[column] ? space + cell : cell + space).append("  ");
        }
        int end = text.length();
        while (end > from && text.charAt(end - 1) == ' ') {
            end--;
        }
        text.setLength(end);
        text.append('\n');
    }
}
