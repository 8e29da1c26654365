package io.polychip.fleet;

import java.math.BigDecimal;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads quantities as people write them: {@code 450 ms}, {@code 64 KiB}, {@code 60 %}, {@code 1 s + 50 ms/1k}. */
final class Units {
    private static final Scale TIME = new Scale(
            "a duration",
            "a number with ns, us, ms, s, min or h, such as 30 s",
            "s",
            Map.of(
                    "ns", 1L,
                    "us", 1_000L,
                    "ms", 1_000_000L,
                    "s", 1_000_000_000L,
                    "min", 60_000_000_000L,
                    "h", 3_600_000_000_000L),
            Map.ofEntries(
                    Map.entry("µs", "us"),
                    Map.entry("msec", "ms"),
                    Map.entry("millis", "ms"),
                    Map.entry("milliseconds", "ms"),
                    Map.entry("sec", "s"),
                    Map.entry("secs", "s"),
                    Map.entry("second", "s"),
                    Map.entry("seconds", "s"),
                    Map.entry("m", "min"),
                    Map.entry("mins", "min"),
                    Map.entry("minute", "min"),
                    Map.entry("minutes", "min"),
                    Map.entry("hr", "h"),
                    Map.entry("hour", "h"),
                    Map.entry("hours", "h")));
    private static final Scale SIZE = new Scale(
            "a size",
            "a number with B, KiB, MiB or GiB, such as 64 KiB",
            "B",
            Map.of("B", 1L, "KiB", 1L << 10, "MiB", 1L << 20, "GiB", 1L << 30),
            Map.ofEntries(
                    Map.entry("k", "KiB"),
                    Map.entry("K", "KiB"),
                    Map.entry("kb", "KiB"),
                    Map.entry("kB", "KiB"),
                    Map.entry("KB", "KiB"),
                    Map.entry("M", "MiB"),
                    Map.entry("mb", "MiB"),
                    Map.entry("MB", "MiB"),
                    Map.entry("G", "GiB"),
                    Map.entry("gb", "GiB"),
                    Map.entry("GB", "GiB")));
    private static final String PERCENT = "0 % to 100 %, such as 60 %.";
    private static final String FIRST_TOKEN =
            "is not a time to first token; expected a duration, or one and an allowance "
                    + "per 1,000 prompt tokens, such as 450 ms + 50 ms/1k.";

    private static final double MOST_PRICE = 1e6;

    private Units() {}

    /** Nanoseconds, at least one. */
    static long nanos(String text) {
        return positive(TIME.read(text), TIME);
    }

    /** Picoseconds, none allowed: times per token are shorter than a nanosecond's grain. */
    static long picos(String text) {
        return text.endsWith(" ps")
                ? whole(text.substring(0, text.length() - 3), "a number of picoseconds")
                : Math.multiplyExact(TIME.read(text), 1_000L);
    }

    static long bytes(String text) {
        return positive(SIZE.read(text), SIZE);
    }

    private static long positive(long value, Scale scale) {
        if (value == 0) {
            throw new Mistake("is zero; expected " + scale.expected + ".");
        }
        return value;
    }

    /** From 0 to 1. */
    static double share(String text) {
        if (!text.endsWith("%")) {
            double plain = number(text, "is not a share; expected " + PERCENT);
            throw new Mistake(
                    "has no unit; expected " + PERCENT + " Maybe " + decimal(plain <= 1 ? plain * 100 : plain) + " %.");
        }
        double percent = number(text.substring(0, text.length() - 1).strip(), "is not a share; expected " + PERCENT);
        if (percent < 0 || percent > 100) {
            throw new Mistake("is out of range; expected " + PERCENT);
        }
        return percent / 100;
    }

    /** Above 0 and below 100, the sign optional: {@code 99} or {@code 99 %}. */
    static double percentile(String text) {
        String wrong = "is not a percentile; expected more than 0 and less than 100, such as 99.";
        String digits =
                text.endsWith("%") ? text.substring(0, text.length() - 1).strip() : text;
        double percentile = number(digits, wrong);
        if (percentile <= 0 || percentile >= 100) {
            throw new Mistake(wrong);
        }
        return percentile;
    }

    /** None or more; {@code 8e9} and {@code 8_000_000_000} will do. */
    static long whole(String text, String expected) {
        try {
            long value = new BigDecimal(text.replace("_", "")).longValueExact();
            if (value < 0) {
                throw new Mistake("is negative; expected " + expected + ".");
            }
            return value;
        } catch (ArithmeticException | NumberFormatException e) {
            throw new Mistake("is not a whole number; expected " + expected + ".");
        }
    }

    /** Between the two, both allowed. */
    static int count(String text, int least, int most) {
        String expected = "expected a whole number from " + least + " to " + most + ".";
        try {
            long value = Long.parseLong(text.replace("_", ""));
            if (value < least || value > most) {
                throw new Mistake("is out of range; " + expected);
            }
            return (int) value;
        } catch (NumberFormatException e) {
            throw new Mistake("is not a whole number; " + expected);
        }
    }

    static double usd(String text) {
        double usd = number(
                text,
                "is not a price; expected US dollars as a plain number, such as 2.95."
                        + (text.startsWith("$") ? " Maybe " + text.substring(1).strip() + "." : ""));
        if (usd < 0) {
            throw new Mistake("is negative; expected US dollars, 0 or more.");
        }
        return usd;
    }

    /** For a chip and hour, or a million tokens: a slip of the keyboard beside others would drown them in rounding. */
    static double price(String text) {
        double usd = usd(text);
        if (usd > MOST_PRICE) {
            throw new Mistake("is more than anybody asks; expected US dollars up to " + decimal(MOST_PRICE) + ".");
        }
        return usd;
    }

    /** {@code 450 ms + 50 ms/1k}: a base, and an allowance for each 1,000 prompt tokens. */
    static long[] firstToken(String text) {
        int plus = text.indexOf('+');
        if (plus < 0) {
            return new long[] {nanos(text), 0};
        }
        String base = text.substring(0, plus).strip();
        String allowance = text.substring(plus + 1).strip();
        if (allowance.indexOf('+') >= 0) {
            throw new Mistake(FIRST_TOKEN);
        }
        if (!allowance.endsWith("/1k")) {
            throw new Mistake(FIRST_TOKEN + " Maybe " + base + " + " + allowance.replaceAll("\\s*/.*", "") + "/1k.");
        }
        return new long[] {
            nanos(base), nanos(allowance.substring(0, allowance.length() - 3).strip())
        };
    }

    private static double number(String text, String wrong) {
        try {
            double value = Double.parseDouble(text);
            if (Double.isFinite(value)) {
                return value;
            }
        } catch (NumberFormatException e) {
            throw new Mistake(wrong);
        }
        throw new Mistake(wrong);
    }

    /** Three digits and a word for the rest, for a message: {@code 38 billion}. */
    static String large(double value) {
        double size = Math.abs(value);
        if (size >= 1e9) {
            return decimal(Math.round(value / 1e7) / 100.0) + " billion";
        }
        if (size >= 1e6) {
            return decimal(Math.round(value / 1e4) / 100.0) + " million";
        }
        return decimal(Math.round(value * 100) / 100.0);
    }

    /** Above 0, as plain decimal or with an exponent. */
    static double above(String text, String expected) {
        double value = number(text.replace("_", ""), "is not a number; expected " + expected + ".");
        if (value <= 0) {
            throw new Mistake("is not above 0; expected " + expected + ".");
        }
        return value;
    }

    static double atLeastZero(String text, String unit) {
        double value = number(text.replace("_", ""), "is not a number; expected " + unit + ", 0 or more.");
        if (value < 0) {
            throw new Mistake("is below 0; expected " + unit + ", 0 or more.");
        }
        return value;
    }

    static String decimal(double value) {
        return BigDecimal.valueOf(value).stripTrailingZeros().toPlainString();
    }

    /**
     * Units of one kind.
     *
     * @param usual what a bare number probably means
     * @param meant what people write instead
     */
    private record Scale(
            String kind, String expected, String usual, Map<String, Long> units, Map<String, String> meant) {
        private static final Pattern QUANTITY = Pattern.compile("(-?[0-9][0-9_]*(?:\\.[0-9]+)?)\\s*([^0-9\\s]*)");
        /** What a picosecond count may still hold, and far beyond what anyone waits for or sends. */
        private static final BigDecimal MOST = BigDecimal.valueOf(Long.MAX_VALUE / 2_000);

        long read(String text) {
            Matcher quantity = QUANTITY.matcher(text);
            if (!quantity.matches()) {
                throw new Mistake("is not " + kind + "; expected " + expected + ".");
            }
            String number = quantity.group(1);
            String unit = quantity.group(2);
            if (unit.isEmpty()) {
                throw new Mistake("has no unit; expected " + expected + ". Maybe " + number + " " + usual + ".");
            }
            Long factor = units.get(unit);
            if (factor == null) {
                String other = meant.get(unit);
                throw new Mistake("has the unknown unit \"" + unit + "\"; expected " + expected + "."
                        + (other == null ? "" : " Maybe " + number + " " + other + "."));
            }
            BigDecimal value = new BigDecimal(number.replace("_", "")).multiply(BigDecimal.valueOf(factor));
            if (value.signum() < 0) {
                throw new Mistake("is negative; expected " + expected + ".");
            }
            if (value.compareTo(MOST) > 0) {
                throw new Mistake("is too large; expected " + expected + ".");
            }
            return value.longValue();
        }
    }
}
