package io.polychip.performance;

import io.polychip.fleet.Catalogue;
import io.polychip.fleet.Deployment;
import io.polychip.fleet.Pool;
import io.polychip.fleet.ProfileEntry;
import io.polychip.fleet.Source;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Finds or derives the profile of a pool: measured on exactly that deployment, else on another release of its engine,
 * else estimated from physics and what its kin in the catalogue measured. What is further away gets the wider band.
 */
public final class Profiles {
    /** One sigma between two releases of an engine: an engine left out of the fit was off by 17 % median, 43 % p90. */
    private static final double OTHER_RELEASE_BAND = 0.25;

    /** One sigma of a stream's published speed: time of day and queue are not in it. */
    private static final double PUBLISHED_SPEED_BAND = 0.5;

    /** Way to a provider and back, with its own admission: typical of public APIs. */
    private static final long HOSTED_ARRIVAL_PICOS = 150_000_000_000L;

    /** 100 tokens a second: a stream of which nothing is known. */
    private static final long UNKNOWN_TOKEN_PICOS = 10_000_000_000L;

    /** 10,000 prompt tokens a second, likewise. */
    private static final long UNKNOWN_PROMPT_PICOS = 100_000_000L;

    private static final int HOSTED_SEQUENCES = 512;
    private static final long HOSTED_KV_TOKENS = 1L << 26;

    private final Catalogue catalogue;
    private final Estimates estimates;

    public Profiles(Catalogue catalogue) {
        this.catalogue = catalogue;
        this.estimates = new Estimates(catalogue);
    }

    /**
     * Of a single pool. Where there are several, {@link #of(Pool)} of one object learns what it estimates from once.
     */
    public static Profile of(Pool pool, Catalogue catalogue) {
        return new Profiles(catalogue).of(pool);
    }

    /** Never fails for a pool the fleet's check let through; thin evidence shows in {@link Profile#band}. */
    public Profile of(Pool pool) {
        Deployment deployment = pool.deployment();
        ProfileEntry stated = pool.profile();
        if (stated != null) {
            return compiled(pool, stated, stated.band(), Profile.Evidence.MEASURED);
        }
        ProfileEntry same = find(catalogue, deployment, e -> sameRelease(e, deployment));
        if (same != null) {
            Profile.Evidence evidence = same.source().confidence() == Source.Confidence.ESTIMATED
                    ? Profile.Evidence.ESTIMATED
                    : Profile.Evidence.MEASURED;
            return compiled(pool, same, same.band(), evidence);
        }
        ProfileEntry other = otherRelease(pool);
        if (other != null) {
            double band = Math.hypot(other.band(), OTHER_RELEASE_BAND);
            return compiled(pool, other, band, Profile.Evidence.OTHER_RELEASE);
        }
        return pool.hosted() != null || !Estimates.possible(deployment) ? published(pool) : estimated(pool);
    }

    /** Whether the pool or the catalogue has a profile of this deployment, be it of another release of its engine. */
    public boolean known(Pool pool) {
        return pool.profile() != null || otherRelease(pool) != null;
    }

    private @Nullable ProfileEntry otherRelease(Pool pool) {
        Deployment deployment = pool.deployment();
        return find(catalogue, deployment, e -> pool.hosted() != null || sameEngine(e, deployment));
    }

    private static @Nullable ProfileEntry find(
            Catalogue catalogue, Deployment deployment, Predicate<ProfileEntry> release) {
        return catalogue.profiles().stream()
                .filter(e -> e.model().equals(deployment.model().id())
                        && e.chip().equals(deployment.chip().id())
                        && e.precision() == deployment.precision()
                        && e.layout().equals(deployment.layout()))
                .filter(release)
                .max(Comparator.comparing(e -> e.source().date()))
                .orElse(null);
    }

    private static boolean sameEngine(ProfileEntry entry, Deployment deployment) {
        return entry.engine().name().equals(deployment.engine().name());
    }

    private static boolean sameRelease(ProfileEntry entry, Deployment deployment) {
        String version = entry.engine().version();
        return sameEngine(entry, deployment)
                && (version.isEmpty() || version.equals(deployment.engine().version()));
    }

    private static Profile compiled(Pool pool, ProfileEntry entry, double band, Profile.Evidence evidence) {
        Batching batching = batching(pool, entry.maxSequences(), entry.stepTokens());
        StepTime stepTime = new StepTime(
                table(entry.batchSizes(), entry.stepPicos(), batching),
                entry.prefillTokenPicos(),
                entry.pairPicos(),
                entry.kvTokenPicos(),
                entry.arrivalPicos(),
                entry.floorPicos());
        long kvTokens = entry.kvTokens() > 0 ? entry.kvTokens() : kvTokens(pool);
        return profile(pool, stepTime, batching, kvTokens, band, evidence, entry.source());
    }

    private Profile estimated(Pool pool) {
        Deployment deployment = pool.deployment();
        Batching batching = batching(pool, 0, 0);
        long arrivalPicos = Dialect.of(deployment.engine().name()).arrivalPicos();
        Source source = new Source(
                "pooled physical form with the errors it has at measured deployments of the catalogue",
                "2026-11",
                Source.Confidence.ESTIMATED);
        return profile(
                pool,
                estimates.stepTime(deployment, batching, arrivalPicos),
                batching,
                kvTokens(pool),
                estimates.band(deployment),
                Profile.Evidence.ESTIMATED,
                source);
    }

    /** A stream of constant speed whatever else runs: others' traffic, not ours, fills a provider's batches. */
    private static Profile published(Pool pool) {
        PhysicalForm form = new PhysicalForm(pool.deployment());
        Batching batching = batching(pool, 0, 0);
        StepTime one = form.known() ? form.stepTime(batching, 0) : null;
        long[] alpha = new long[batching.maxSequences() + 1];
        Arrays.fill(alpha, one == null ? UNKNOWN_TOKEN_PICOS : one.alphaPicos(1));
        long promptPicos = one == null ? UNKNOWN_PROMPT_PICOS : one.tokenPicos();
        StepTime stepTime = new StepTime(alpha, promptPicos, 0, 0, HOSTED_ARRIVAL_PICOS, 0);
        Source source =
                new Source("speed of one stream on the chip's bandwidth", "2026-04", Source.Confidence.ESTIMATED);
        return profile(
                pool,
                stepTime,
                batching,
                HOSTED_KV_TOKENS,
                PUBLISHED_SPEED_BAND,
                Profile.Evidence.PUBLISHED_SPEED,
                source);
    }

    private static Profile profile(
            Pool pool,
            StepTime stepTime,
            Batching batching,
            long kvTokens,
            double band,
            Profile.Evidence evidence,
            Source source) {
        long blocks = Math.max(1, kvTokens / batching.blockTokens());
        return new Profile(
                pool.deployment(), stepTime, batching, blocks * batching.blockTokens(), band, evidence, source);
    }

    private static long kvTokens(Pool pool) {
        return pool.hosted() != null
                ? HOSTED_KV_TOKENS
                : Memory.of(pool.deployment()).kvTokens();
    }

    /** The pool's own setting, else the profile's, else what the engine does by default. */
    private static Batching batching(Pool pool, int profiledSequences, int profiledTokens) {
        Batching batching = Dialect.of(pool.deployment().engine().name()).batching();
        int copies = pool.deployment().layout().data();
        int usual = pool.hosted() != null ? HOSTED_SEQUENCES : batching.maxSequences() * copies;
        int sequences = firstSet(pool.maxSequences(), profiledSequences, usual);
        int tokens = firstSet(profiledTokens, batching.stepTokens() * copies, 1);
        return batching.withMaxSequences(sequences).withStepTokens(Math.max(tokens, sequences));
    }

    private static int firstSet(int... settings) {
        for (int setting : settings) {
            if (setting > 0) {
                return setting;
            }
        }
        throw new IllegalArgumentException("No setting is above 0: " + Arrays.toString(settings));
    }

    /**
     * Step times by batch size, linear between the points and, in the direction of the last two, beyond them. Without a
     * point for 0 a step that only carries prompts has no share of its own: the floor covers it.
     */
    static long[] table(List<Integer> sizes, List<Long> picos, Batching batching) {
        if (sizes.isEmpty() || sizes.size() != picos.size()) {
            throw new ProfileException("A profile needs one step time per batch size, not %d for %d."
                    .formatted(picos.size(), sizes.size()));
        }
        int most = batching.maxSequences();
        long[] alpha = new long[most + 1];
        for (int n = 1; n <= most; n++) {
            alpha[n] = interpolated(sizes, picos, batching.staticBatch() ? most : n);
        }
        alpha[0] = sizes.getFirst() == 0 ? picos.getFirst() : 0;
        return alpha;
    }

    private static long interpolated(List<Integer> sizes, List<Long> picos, int batch) {
        int right = 0;
        while (right < sizes.size() - 1 && sizes.get(right) < batch) {
            right++;
        }
        if (right == 0) {
            return picos.getFirst();
        }
        int left = right - 1;
        int span = sizes.get(right) - sizes.get(left);
        long rise = picos.get(right) - picos.get(left);
        long value = picos.get(left) + Math.multiplyExact(rise, (long) batch - sizes.get(left)) / span;
        return batch > sizes.get(right) ? Math.max(value, picos.get(right)) : value;
    }
}
