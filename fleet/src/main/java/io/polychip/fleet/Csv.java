package io.polychip.fleet;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Comma-separated tables with a header row, as the catalogue and folders of data have them: quotes as in RFC 4180, one
 * row a line, lines that begin with {@code #} are comments. A table of a hundred rows is read in well under a
 * millisecond, which a program that must listen within 1.5 s of its start cares for.
 */
public final class Csv {
    private Csv() {}

    /** Reads a table beside this class. */
    static List<Row> resource(String name) {
        try (InputStream in = Csv.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("Resource " + name + " is missing from the fleet module's jar.");
            }
            return read(name, new InputStreamReader(in, StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read resource " + name, e);
        }
    }

    /**
     * Reads a table from a file.
     *
     * @throws FleetException where it cannot be read or its rows do not match its header
     */
    public static List<Row> file(Path file) {
        return read(file.toString(), new StringReader(FleetReader.text(file, "a table of comma-separated values")));
    }

    static List<Row> text(String name, String table) {
        return read(name, new StringReader(table));
    }

    private static List<Row> read(String name, Reader table) {
        List<Row> rows = new ArrayList<>();
        Map<String, Integer> columns = new HashMap<>();
        int line = 0;
        try (BufferedReader lines = new BufferedReader(table)) {
            for (String text = lines.readLine(); text != null; text = lines.readLine()) {
                line++;
                if (text.isBlank() || text.startsWith("#")) {
                    continue;
                }
                List<String> cells = cells(text);
                if (columns.isEmpty()) {
                    for (String cell : cells) {
                        columns.put(cell, columns.size());
                    }
                } else if (cells.size() != columns.size()) {
                    throw wrong(
                            name, line, "%d cells in a table of %d columns".formatted(cells.size(), columns.size()));
                } else {
                    rows.add(new Row(name, line, columns, cells));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + name, e);
        }
        return rows;
    }

    private static List<String> cells(String line) {
        List<String> cells = new ArrayList<>();
        StringBuilder cell = new StringBuilder();
        boolean quoted = false;
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            if (quoted && c == '"' && i + 1 < line.length() && line.charAt(i + 1) == '"') {
                cell.append(c);
                i++;
            } else if (c == '"') {
                quoted = !quoted;
            } else if (c == ',' && !quoted) {
                cells.add(cell.toString());
                cell.setLength(0);
            } else {
                cell.append(c);
            }
        }
        cells.add(cell.toString());
        return cells;
    }

    private static FleetException wrong(String name, int line, String message) {
        return new FleetException(List.of(new FleetException.Problem(name, line, message)));
    }

    /** One row; cells are asked for by column. */
    public record Row(String table, int line, Map<String, Integer> columns, List<String> cells) {
        public String text(String column) {
            Integer index = columns.get(column);
            if (index == null) {
                throw wrong(table, line, "no column \"" + column + "\"; there are " + Names.list(columns.keySet()));
            }
            return cells.get(index).strip();
        }

        /** 0 where the cell is empty: not published. */
        public double number(String column) {
            String text = text(column);
            if (text.isEmpty()) {
                return 0;
            }
            try {
                return Double.parseDouble(text);
            } catch (NumberFormatException e) {
                throw (FleetException) wrong(table, line, column + ": \"" + text + "\" is not a number")
                        .initCause(e);
            }
        }

        public long whole(String column) {
            return Math.round(number(column));
        }

        public int count(String column) {
            return Math.toIntExact(whole(column));
        }

        /** Words divided by spaces. */
        public List<String> words(String column) {
            String text = text(column);
            return text.isEmpty() ? List.of() : List.of(text.split(" +"));
        }

        public <E extends Enum<E>> E choice(String column, Class<E> type) {
            String text = text(column);
            for (E constant : type.getEnumConstants()) {
                if (constant.name().equalsIgnoreCase(text)) {
                    return constant;
                }
            }
            throw wrong(table, line, column + ": \"" + text + "\" is not one of " + List.of(type.getEnumConstants()));
        }

        /** From the columns {@code source}, {@code date} and {@code confidence}. */
        public Source source() {
            return new Source(text("source"), text("date"), choice("confidence", Source.Confidence.class));
        }
    }
}
