package io.polychip.cli;

import io.polychip.fleet.Fleet;
import io.polychip.fleet.Pool;
import io.polychip.simulator.Outage;
import io.polychip.simulator.Where;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.TypeConversionException;

/**
 * What {@code --lose} says: {@code nvidia@10m}, {@code h100@10m+5m}, {@code h100/2@10m}, {@code provider=aws@1h}.
 *
 * @param text as the user wrote it
 * @param name what is lost, for reports
 * @param nanos for how long; {@link Long#MAX_VALUE}: for good
 */
record LoseOption(String text, String name, TimeSpan at, long nanos) {
    private static final String EXPECTED =
            "expected WHAT@TIME or WHAT@TIME+DURATION, such as nvidia@10m or provider=aws@10m+5m";

    /** @throws TypeConversionException where it cannot be read or no fleet has anything of that name */
    static LoseOption of(String text, List<Fleet> fleets) {
        int at = text.lastIndexOf('@');
        if (at <= 0) {
            throw new TypeConversionException("--lose %s: %s.".formatted(text, EXPECTED));
        }
        String name = text.substring(0, at);
        String[] times = text.substring(at + 1).split("\\+", -1);
        if (times.length > 2) {
            throw new TypeConversionException("--lose %s: %s.".formatted(text, EXPECTED));
        }
        TimeSpan from = time(text, times[0]);
        long nanos = times.length == 1 ? Long.MAX_VALUE : time(text, times[1]).nanos();
        if (nanos <= 0) {
            throw new TypeConversionException(
                    "--lose %s: it is lost for no time; expected more than 0.".formatted(text));
        }
        LoseOption option = new LoseOption(text, name, from, nanos);
        if (fleets.stream().allMatch(fleet -> option.in(fleet) == null)) {
            throw new TypeConversionException(
                    "--lose %s: nothing of the fleet is %s; expected one of %s, or POOL/NUMBER."
                            .formatted(text, name, String.join(", ", known(fleets))));
        }
        return option;
    }

    /** What that takes from a fleet; null where it has nothing of that name. */
    @Nullable
    Outage in(Fleet fleet) {
        Where where = where(fleet);
        return fleet.pools().stream().anyMatch(pool -> isOf(pool, where)) ? Outage.of(where, at.nanos(), nanos) : null;
    }

    private static TimeSpan time(String text, String part) {
        try {
            return TimeSpan.of(part);
        } catch (TypeConversionException wrong) {
            throw new TypeConversionException("--lose %s: %s".formatted(text, wrong.getMessage()));
        }
    }

    private static Set<String> known(List<Fleet> fleets) {
        Set<String> known = new TreeSet<>();
        for (Fleet fleet : fleets) {
            for (Pool pool : fleet.pools()) {
                known.add(pool.name());
                known.add(pool.vendor());
                pool.labels().forEach((label, value) -> known.add(label + "=" + value));
            }
        }
        return known;
    }

    /** A name is a pool's in one fleet and a vendor's in another. */
    private Where where(Fleet fleet) {
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

    /** Whether it is about any replica of that pool. */
    static boolean isOf(Pool pool, Where where) {
        int replicas = Math.max(1, pool.replicas().size());
        for (int i = 0; i < replicas; i++) {
            if (where.matches(pool, i)) {
                return true;
            }
        }
        return false;
    }
}
