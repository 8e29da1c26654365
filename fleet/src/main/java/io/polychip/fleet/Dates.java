package io.polychip.fleet;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads days, months and lengths of contracts as people write them. */
final class Dates {
    private static final String EXPECTED = "expected a day or month such as 2027-01-31 or 2027-01.";
    private static final Pattern LENGTH = Pattern.compile("([0-9]{1,4})\\s*([a-z]+)");

    private Dates() {}

    /** A month stands for its first day. */
    static LocalDate first(String text) {
        return text.matches("[0-9]{4}-[0-9]{2}") ? month(text).atDay(1) : day(text);
    }

    /** A month stands for its last day. */
    static LocalDate last(String text) {
        return text.matches("[0-9]{4}-[0-9]{2}") ? month(text).atEndOfMonth() : day(text);
    }

    /** Months of a contract: {@code 36 mo} or {@code 3 y}. */
    static int months(String text) {
        Matcher length = LENGTH.matcher(text);
        String expected = "expected months or years such as 36 mo or 3 y.";
        if (!length.matches()) {
            throw new Mistake("is not the length of a contract; " + expected);
        }
        int number = Integer.parseInt(length.group(1));
        int months = switch (length.group(2)) {
            case "mo" -> number;
            case "y" -> number * 12;
            case "month", "months", "m", "mon" ->
                throw new Mistake(
                        "has the unknown unit \"" + length.group(2) + "\"; " + expected + " Maybe " + number + " mo.");
            case "year", "years", "yr", "yrs", "a" ->
                throw new Mistake(
                        "has the unknown unit \"" + length.group(2) + "\"; " + expected + " Maybe " + number + " y.");
            default -> throw new Mistake("has the unknown unit \"" + length.group(2) + "\"; " + expected);
        };
        if (months == 0 || months > 600) {
            throw new Mistake("is out of range; expected 1 mo to 50 y.");
        }
        return months;
    }

    /** Days: {@code 90 d}, {@code 12 w}. */
    static int days(String text) {
        Matcher length = LENGTH.matcher(text);
        String expected = "expected days or weeks such as 90 d or 12 w.";
        if (!length.matches()) {
            throw new Mistake("is not a number of days; " + expected);
        }
        int number = Integer.parseInt(length.group(1));
        return switch (length.group(2)) {
            case "d" -> number;
            case "w" -> number * 7;
            case "day", "days" ->
                throw new Mistake(
                        "has the unknown unit \"" + length.group(2) + "\"; " + expected + " Maybe " + number + " d.");
            default -> throw new Mistake("has the unknown unit \"" + length.group(2) + "\"; " + expected);
        };
    }

    private static YearMonth month(String text) {
        try {
            return YearMonth.parse(text);
        } catch (DateTimeException e) {
            throw new Mistake("is not a month there is; " + EXPECTED);
        }
    }

    private static LocalDate day(String text) {
        try {
            return LocalDate.parse(text);
        } catch (DateTimeException e) {
            String maybe = text.matches("[0-9]{4}") ? " Maybe " + text + "-01." : "";
            throw new Mistake(
                    (text.matches("[0-9]{4}-[0-9]{2}-[0-9]{2}") ? "is not a day there is; " : "is not a date; ")
                            + EXPECTED
                            + maybe);
        }
    }
}
