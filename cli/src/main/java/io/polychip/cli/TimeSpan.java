package io.polychip.cli;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A time on the command line: {@code 90s}, {@code 10m}, {@code 1h30m}, {@code 500ms}. */
record TimeSpan(long nanos) {
    private static final Pattern PART = Pattern.compile("([0-9]+(?:\\.[0-9]+)?)\\s*(ms|s|min|m|h|d)\\s*");

    static TimeSpan of(String text) {
        Matcher part = PART.matcher(text);
        double nanos = 0;
        int end = 0;
        while (part.find() && part.start() == end) {
            end = part.end();
            nanos += Double.parseDouble(part.group(1)) * unit(part.group(2));
        }
        if (end == 0 || end < text.length() || nanos > 1e18) {
            throw new TypeConversionException(
                    "\"%s\" is no time; expected a number and ms, s, m, h or d, such as 90s or 1h30m.".formatted(text));
        }
        return new TimeSpan(Math.round(nanos));
    }

    private static double unit(String name) {
        return switch (name) {
            case "ms" -> 1e6;
            case "s" -> 1e9;
            case "m", "min" -> 60e9;
            case "h" -> 3600e9;
            default -> 86_400e9;
        };
    }

    static final class Converter implements ITypeConverter<TimeSpan> {
        @Override
        public TimeSpan convert(String text) {
            return of(text);
        }
    }
}
