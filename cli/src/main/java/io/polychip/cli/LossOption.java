package io.polychip.cli;

import io.polychip.fleet.RequestClass;
import io.polychip.planner.Candidate;
import io.polychip.planner.Lot;
import io.polychip.planner.Rules;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import picocli.CommandLine.TypeConversionException;

/**
 * What {@code plan --lose} says: {@code vendor}, {@code provider=aws}, {@code nvidia}, each followed by what must still
 * be served: {@code vendor@80%}, {@code region@priority=100%+default=70%}.
 */
final class LossOption {
    private static final String EXPECTED =
            "expected a label such as vendor, LABEL=VALUE or a vendor, then maybe @ and what is still served:"
                    + " vendor@80%, provider=aws, nvidia@priority=100%+default=70%";

    private LossOption() {}

    static Rules.Survival of(String text, List<Candidate> candidates, List<Lot> lots) {
        Map<String, Set<String>> known = labels(candidates, lots);
        int at = text.indexOf('@');
        String what = (at < 0 ? text : text.substring(0, at)).strip().replaceFirst("^any ", "");
        Map<RequestClass, Double> phi = phi(text, at < 0 ? "100%" : text.substring(at + 1));
        if (known.containsKey(what)) {
            return new Rules.Survival(what, Set.of(), phi);
        }
        int equals = what.indexOf('=');
        String label = equals < 0 ? "vendor" : what.substring(0, equals);
        String value = what.substring(equals + 1);
        if (known.getOrDefault(label, Set.of()).contains(value)) {
            return new Rules.Survival(label, Set.of(value), phi);
        }
        Set<String> choices = new TreeSet<>(known.keySet());
        known.forEach((name, values) -> values.forEach(each -> choices.add(name + "=" + each)));
        throw new TypeConversionException("--lose %s: nothing that is offered is %s; expected one of %s, or a vendor."
                .formatted(text, what, String.join(", ", choices)));
    }

    private static Map<String, Set<String>> labels(List<Candidate> candidates, List<Lot> lots) {
        Map<String, Set<String>> known = new TreeMap<>();
        lots.forEach(lot -> lot.labels()
                .forEach((label, value) ->
                        known.computeIfAbsent(label, _ -> new TreeSet<>()).add(value)));
        for (Candidate candidate : candidates) {
            known.computeIfAbsent("engine", _ -> new TreeSet<>())
                    .add(candidate.template().deployment().engine().toString());
        }
        return known;
    }

    private static Map<RequestClass, Double> phi(String text, String shares) {
        Map<RequestClass, Double> phi = new EnumMap<>(RequestClass.class);
        if (!shares.contains("=")) {
            for (RequestClass each : RequestClass.values()) {
                phi.put(each, share(text, shares));
            }
            return phi;
        }
        for (String part : shares.split("\\+", -1)) {
            int equals = part.indexOf('=');
            try {
                phi.put(
                        RequestClass.valueOf(
                                part.substring(0, Math.max(0, equals)).strip().toUpperCase(Locale.ROOT)),
                        share(text, part.substring(equals + 1)));
            } catch (IllegalArgumentException unknown) {
                throw new TypeConversionException("--lose %s: %s.".formatted(text, EXPECTED));
            }
        }
        return phi;
    }

    static double share(String text, String percent) {
        try {
            String number = percent.strip();
            double share = number.endsWith("%")
                    ? Double.parseDouble(number.substring(0, number.length() - 1)) / 100
                    : Double.NaN;
            if (share >= 0 && share <= 1) {
                return share;
            }
        } catch (NumberFormatException ignored) {
            // told below, with the same words
        }
        throw new TypeConversionException(
                "--lose %s: \"%s\" is no share of 0%% to 100%%; %s.".formatted(text, percent, EXPECTED));
    }
}
