package io.polychip.cli;

import io.polychip.fleet.Fleet;
import io.polychip.fleet.Pool;
import io.polychip.simulator.Outage;
import io.polychip.simulator.Where;
import java.util.Set;
import java.util.TreeSet;
import picocli.CommandLine.TypeConversionException;

/**
 * What {@code --lose} says: {@code nvidia@10m}, {@code h100@10m+5m}, {@code h100/2@10m}, {@code provider=aws@1h}.
 *
 * @param name as the user wrote it, for reports
 */
record LoseOption(String name, Where where, TimeSpan at, Outage outage) {
    private static final String EXPECTED =
            "expected WHAT@TIME or WHAT@TIME+DURATION, such as nvidia@10m or provider=aws@10m+5m";

    /** @throws TypeConversionException where it cannot be read or the fleet has nothing of that name */
    static LoseOption of(String text, Fleet fleet) {
        int at = text.lastIndexOf('@');
        if (at <= 0) {
            throw new TypeConversionException("--lose %s: %s.".formatted(text, EXPECTED));
        }
        String name = text.substring(0, at);
        String[] times = text.substring(at + 1).split("\\+", -1);
        if (times.length > 2) {
            throw new TypeConversionException("--lose %s: %s.".formatted(text, EXPECTED));
        }
        TimeSpan from = TimeSpan.of(times[0]);
        long nanos = times.length == 1 ? Long.MAX_VALUE : TimeSpan.of(times[1]).nanos();
        if (nanos <= 0) {
            throw new TypeConversionException(
                    "--lose %s: it is lost for no time; expected more than 0.".formatted(text));
        }
        Where where = where(text, name, fleet);
        return new LoseOption(name, where, from, Outage.of(where, from.nanos(), nanos));
    }

    /** The same for another fleet; null where that one has nothing to lose. */
    boolean concerns(Fleet fleet) {
        return fleet.pools().stream().anyMatch(pool -> matchesAny(pool, where));
    }

    private static Where where(String text, String name, Fleet fleet) {
        Where where = named(text, name, fleet);
        if (fleet.pools().stream().noneMatch(pool -> matchesAny(pool, where))) {
            Set<String> known = new TreeSet<>();
            for (Pool pool : fleet.pools()) {
                known.add(pool.name());
                known.add(pool.vendor());
                pool.labels().forEach((label, value) -> known.add(label + "=" + value));
            }
            throw new TypeConversionException(
                    "--lose %s: nothing of the fleet is %s; expected one of %s, or POOL/NUMBER."
                            .formatted(text, name, String.join(", ", known)));
        }
        return where;
    }

    private static Where named(String text, String name, Fleet fleet) {
        int equals = name.indexOf('=');
        if (equals > 0) {
            String label = name.substring(0, equals);
            String value = name.substring(equals + 1);
            return label.equals("vendor") ? Where.vendor(value) : Where.label(label, value);
        }
        int slash = name.indexOf('/');
        if (slash > 0) {
            try {
                return Where.replica(name.substring(0, slash), Integer.parseInt(name.substring(slash + 1)));
            } catch (NumberFormatException noNumber) {
                throw new TypeConversionException("--lose %s: \"%s\" is no replica's number; expected 0 for the first."
                        .formatted(text, name.substring(slash + 1)));
            }
        }
        boolean pool = fleet.pools().stream().anyMatch(each -> each.name().equals(name));
        return pool ? Where.pool(name) : Where.vendor(name);
    }

    private static boolean matchesAny(Pool pool, Where where) {
        int replicas = Math.max(1, pool.replicas().size());
        for (int i = 0; i < replicas; i++) {
            if (where.matches(pool, i)) {
                return true;
            }
        }
        return false;
    }
}
