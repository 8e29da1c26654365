package io.polychip.cli;

import io.polychip.routing.Policy;
import java.util.Iterator;
import java.util.Locale;
import java.util.stream.Stream;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Policies as a command line spells them. */
final class PolicyNames implements ITypeConverter<Policy>, Iterable<String> {
    @Override
    public Policy convert(String value) {
        for (Policy candidate : Policy.values()) {
            if (candidate.name().equalsIgnoreCase(value.replace('-', '_'))) {
                return candidate;
            }
        }
        throw new TypeConversionException(
                "'%s' is no policy; allowed are %s.".formatted(value, String.join(", ", this)));
    }

    @Override
    public Iterator<String> iterator() {
        return Stream.of(Policy.values()).map(PolicyNames::name).iterator();
    }

    static String name(Policy policy) {
        return policy.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
