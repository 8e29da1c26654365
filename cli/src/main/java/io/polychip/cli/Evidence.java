package io.polychip.cli;

import io.polychip.fleet.Catalogue;
import io.polychip.fleet.Pool;
import io.polychip.performance.Profile;
import io.polychip.report.Numbers;
import io.polychip.routing.Roster;
import io.polychip.simulator.Report;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** What a simulation's figures rest on, said plainly, and which measurements would help most. */
final class Evidence {
    /** One sigma beyond which a pool's timing is called thin: a third either way. */
    private static final double THIN_BAND = 0.3;

    /** Pools whose points are named; those beyond carry least. */
    private static final int MOST_POOLS = 3;

    private Evidence() {}

    /** Pools whose timing is not known well, those that matter most first, and the measurements that would help. */
    static List<String> sentences(List<Variant> variants, TrafficSource.Size size) {
        Map<String, Thin> thin = new LinkedHashMap<>();
        for (Variant variant : variants) {
            for (Roster.Target target : variant.roster().targets()) {
                if (isThin(target.profile())) {
                    thin.putIfAbsent(
                            target.pool().name(),
                            new Thin(target, variant.roster().fleet().catalogue(), share(variant, target)));
                }
            }
        }
        if (thin.isEmpty()) {
            return List.of();
        }
        List<Thin> worst = new ArrayList<>(thin.values());
        worst.sort(Comparator.comparingDouble(
                each -> -each.share * each.target.profile().band()));
        StringBuilder text = new StringBuilder("Thin evidence.");
        for (Profile.Evidence evidence : Profile.Evidence.values()) {
            List<String> pools = worst.stream()
                    .filter(each -> each.target.profile().evidence() == evidence)
                    .map(Thin::words)
                    .toList();
            if (!pools.isEmpty()) {
                text.append(' ')
                        .append(origin(evidence))
                        .append(": ")
                        .append(String.join("; ", pools))
                        .append('.');
            }
        }
        return List.of(text.toString(), help(worst, size));
    }

    static boolean isThin(Profile profile) {
        return profile.band() >= THIN_BAND
                || profile.evidence() == Profile.Evidence.PUBLISHED_SPEED
                || profile.evidence() == Profile.Evidence.ESTIMATED;
    }

    /** Share of the tokens that such pools carry. */
    static double thinShare(Variant variant) {
        return variant.roster().targets().stream()
                .filter(target -> isThin(target.profile()))
                .mapToDouble(target -> share(variant, target))
                .sum();
    }

    private static String origin(Profile.Evidence evidence) {
        return switch (evidence) {
            case MEASURED -> "Measured, but not closely";
            case OTHER_RELEASE -> "Measured with another release of the engine";
            case ESTIMATED -> "This model was never measured there, its timing is computed from related figures";
            case PUBLISHED_SPEED -> "Known by the published speed of one stream only";
        };
    }

    /** For the pools that matter most, the loads that tell most of this traffic, and the command for the first. */
    private static String help(List<Thin> worst, TrafficSource.Size size) {
        MostTelling telling = new MostTelling(
                worst.getFirst().catalogue,
                size.promptTokens().quantile(0.5),
                size.promptTokens().quantile(0.95),
                size.outputTokens().quantile(0.5));
        List<String> pools = worst.stream()
                .limit(MOST_POOLS)
                .map(each -> "%s, %s"
                        .formatted(
                                each.target.pool().name(), telling.points(each.target.pool(), each.target.profile())))
                .toList();
        return "Most would help, by polychip measure on %s. A whole profile over the usual loads takes: %s"
                .formatted(String.join("; on ", pools), command(worst.getFirst(), size));
    }

    /**
     * What measures the first of them at the grid of {@code measure} and writes what its pool then names: up to half
     * its sequences and the traffic's long prompts, which need not be the loads that tell most.
     */
    private static String command(Thin first, TrafficSource.Size size) {
        Pool pool = first.target.pool();
        String url =
                pool.replicas().isEmpty() ? "URL" : pool.replicas().getFirst().toString();
        return "polychip measure %s --fleet FLEET --pool %s --concurrency %d --longest-prompt %d -o %s.profile.yaml, then profile: %s.profile.yaml in that pool."
                .formatted(
                        url.endsWith("/v1") ? url.substring(0, url.length() - 3) : url,
                        pool.name(),
                        pool.hosted() == null
                                ? Math.clamp(first.target.profile().maxSequences() / 2, 4, 128)
                                : 1,
                        Math.clamp(size.promptTokens().quantile(0.95), 64, 1 << 20),
                        pool.name(),
                        pool.name());
    }

    private record Thin(Roster.Target target, Catalogue catalogue, double share) {
        String words() {
            return "%s on %s in %s (%s of the tokens, one sigma %.0f %%)"
                    .formatted(
                            target.pool().deployment().model().id(),
                            target.pool().deployment().chip().id(),
                            target.pool().name(),
                            Numbers.percent(share),
                            target.profile().band() * 100);
        }
    }

    /** Which pools an energy figure leaves out, since no power of their chips is known; nothing where it does not. */
    static List<String> unknownPower(List<Variant> variants) {
        Set<String> pools = new LinkedHashSet<>();
        for (Variant variant : variants) {
            for (Report.OfPool pool : variant.report().pools()) {
                if (!pool.powerKnown() && pool.sent() > 0) {
                    pools.add(pool.pool());
                }
            }
        }
        return pools.isEmpty()
                ? List.of()
                : List.of(
                        "Energy is of the other pools and their tokens, where these are at least half: of %s no power is known."
                                .formatted(String.join(", ", pools)));
    }

    private static double share(Variant variant, Roster.Target target) {
        long all = 0;
        long mine = 0;
        for (Report.OfPool pool : variant.report().pools()) {
            all += pool.allTokens();
            mine += pool.pool().equals(target.pool().name()) ? pool.allTokens() : 0;
        }
        return Figure.ratio(mine, all);
    }

    /** {@code measured}, {@code other release}; for tables. */
    static String word(Profile profile) {
        return profile.evidence().name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
