package io.polychip.fleet;

import java.net.URI;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The replicas of one deployment that a fleet has.
 *
 * @param model the name clients ask for, a {@link ServedModel#name}
 * @param hosted set for an API paid by the token; then {@code replicas} holds its one base URL, version segment
 *     included
 * @param labels failure domains and policy: provider, region, contract and the like; vendor comes from the chip
 * @param replicas base URLs; empty or a first look where {@code discovery} is set
 * @param discovery where replicas are found instead, null when the file lists them
 * @param contextTokens longest prompt plus answer this pool takes, at most the model's
 * @param maxSequences sequences one replica decodes at once; 0: the engine's default
 * @param enabled false takes the pool out of rotation and keeps the rest of the file valid
 * @param access how its servers are reached
 * @param profile timing stated in the file, which goes before the catalogue's; null: none
 */
public record Pool(
        String name,
        String model,
        Deployment deployment,
        Price price,
        @Nullable Hosted hosted,
        Quota quota,
        Map<String, String> labels,
        List<URI> replicas,
        @Nullable Discovery discovery,
        int contextTokens,
        int maxSequences,
        boolean enabled,
        Access access,
        @Nullable ProfileEntry profile) {
    public Pool {
        labels = Map.copyOf(labels);
        replicas = List.copyOf(replicas);
    }

    /** A pool whose replicas are listed, reached without a key or a private certificate, timed by the catalogue. */
    public Pool(
            String name,
            String model,
            Deployment deployment,
            Price price,
            @Nullable Hosted hosted,
            Quota quota,
            Map<String, String> labels,
            List<URI> replicas,
            int contextTokens,
            int maxSequences,
            boolean enabled) {
        this(
                name,
                model,
                deployment,
                price,
                hosted,
                quota,
                labels,
                replicas,
                null,
                contextTokens,
                maxSequences,
                enabled,
                Access.OPEN,
                null);
    }

    public String vendor() {
        return deployment.chip().vendor();
    }

    /** The same pool, in or out of rotation. */
    public Pool withEnabled(boolean inRotation) {
        return new Pool(
                name,
                model,
                deployment,
                price,
                hosted,
                quota,
                labels,
                replicas,
                discovery,
                contextTokens,
                maxSequences,
                inRotation,
                access,
                profile);
    }

    /** The same pool with the replicas that discovery found. */
    public Pool withReplicas(List<URI> found) {
        return new Pool(
                name,
                model,
                deployment,
                price,
                hosted,
                quota,
                labels,
                found,
                discovery,
                contextTokens,
                maxSequences,
                enabled,
                access,
                profile);
    }

    /**
     * How a pool's servers are reached.
     *
     * @param key bearer key they ask for, already resolved; empty: none; never printed. A hosted pool's is in
     *     {@link Hosted}
     * @param caFile PEM file of the authority that signed their certificates; empty: the platform's authorities
     * @param serverName name expected in their certificates, the one looked up where DNS finds them; empty: the URL's
     *     host
     */
    public record Access(String key, String caFile, String serverName) {
        public static final Access OPEN = new Access("", "", "");

        @Override
        public String toString() {
            return "Access[" + caFile + ", " + serverName + "]";
        }
    }
}
