package io.polychip.cli;

import io.polychip.fleet.Catalogue;
import io.polychip.fleet.Names;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.TypeConversionException;

/** What a plan's options may say, each told with its value, what is expected and what to try. */
final class PlanChecks {
    private static final Pattern MONTHS = Pattern.compile("([0-9]{1,3})\\s*(mo|y)");
    private static final int MOST_BUCKETS = 200;

    private PlanChecks() {}

    /** Before anything is read or solved: an option that says nothing, or nothing here, is no plan to sign. */
    static void of(PlanOptions options, Catalogue catalogue) {
        if (!(options.budget > 0)) {
            throw new TypeConversionException(
                    "--budget %s: expected US dollars a month, above 0.".formatted(options.budget));
        }
        if (options.buckets < 1 || options.buckets > MOST_BUCKETS) {
            throw new TypeConversionException(
                    "--buckets %d: expected kinds of requests, 1 to %d.".formatted(options.buckets, MOST_BUCKETS));
        }
        if (options.rounds < 1) {
            throw new TypeConversionException("--rounds %d: expected at least 1.".formatted(options.rounds));
        }
        options.caps.forEach((vendor, percent) -> share("--max-share", vendor, percent));
        options.floors.forEach((vendor, percent) -> share("--min-share", vendor, percent));
        known(catalogue, "--max-share", options.caps.keySet());
        known(catalogue, "--min-share", options.floors.keySet());
        if (isTypical(options.demand)) {
            ofTraces(options.demand, "--growth", !options.growth.equals("0%"), "growth: 50 % of its traffic");
            ofTraces(options.demand, "--scale", !options.scale.equals("1"), "other requests-per-second");
            ofTraces(options.demand, "--from", options.from.nanos() != 0, "its own hours");
            ofTraces(options.demand, "--for", options.length != null, "its own hours");
            ofTraces(options.demand, "--model", options.model != null, "models in it");
        }
    }

    private static void ofTraces(Path demand, String option, boolean given, String instead) {
        if (given) {
            throw new TypeConversionException(
                    "%s: is for a trace, and %s is a file of typical hours, which says that itself. Maybe %s."
                            .formatted(option, demand, instead));
        }
    }

    private static void share(String option, String vendor, double percent) {
        if (!(percent >= 0 && percent <= 100)) {
            throw new TypeConversionException("%s %s=%s: expected a share of the tokens from 0 to 100, such as %s=60."
                    .formatted(option, vendor, percent, vendor));
        }
    }

    /** A limit on a vendor that is misspelt would limit nobody. */
    static void known(Catalogue catalogue, String place, Set<String> vendors) {
        Set<String> known = new TreeSet<>(Set.of("any"));
        catalogue.chips().values().forEach(chip -> known.add(chip.vendor()));
        for (String vendor : vendors) {
            if (!known.contains(vendor)) {
                throw new TypeConversionException("%s: %s is no vendor of the catalogue; expected one of %s.%s"
                        .formatted(
                                place,
                                vendor,
                                String.join(", ", known),
                                Names.nearest(vendor, known)
                                        .map(near -> " Maybe " + near + ".")
                                        .orElse("")));
            }
        }
    }

    static boolean isTypical(Path file) {
        return file.toString().matches(".*\\.ya?ml");
    }

    static double factor(String scale) {
        try {
            double factor = Double.parseDouble(scale.endsWith("x") ? scale.substring(0, scale.length() - 1) : scale);
            if (factor > 0 && factor <= Copies.MOST) {
                return factor;
            }
        } catch (NumberFormatException ignored) {
            // told below, with the same words
        }
        throw new TypeConversionException(
                "--scale %s: expected a number above 0, up to %d, such as 2x or 0.5.".formatted(scale, Copies.MOST));
    }

    static int months(String text) {
        Matcher matcher = MONTHS.matcher(text.strip());
        int months = matcher.matches()
                ? Integer.parseInt(matcher.group(1)) * (matcher.group(2).equals("y") ? 12 : 1)
                : 0;
        if (months < 1 || months > 360) {
            throw new TypeConversionException(
                    "--horizon %s: expected months or years up to 30, such as 12mo or 3y.".formatted(text));
        }
        return months;
    }

    static double percent(String option, String text) {
        try {
            String number = text.strip();
            if (number.endsWith("%")) {
                double percent = Double.parseDouble(number.substring(0, number.length() - 1));
                if (percent > -100 && percent <= 10_000) {
                    return percent / 100;
                }
            }
        } catch (NumberFormatException ignored) {
            // told below, with the same words
        }
        throw new TypeConversionException("%s %s: expected a share such as 30%%.".formatted(option, text));
    }
}
