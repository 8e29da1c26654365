package io.polychip.fleet;

import java.net.URI;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The replicas of one deployment that a fleet has.
 *
 * @param model the name clients ask for, a {@link ServedModel#name}
 * @param hosted set for an API paid by the token; then {@code replicas} holds its one base URL
 * @param labels failure domains and policy: provider, region, contract and the like; vendor comes from the chip
 * @param contextTokens longest prompt plus answer this pool takes, at most the model's
 * @param maxSequences sequences one replica decodes at once; 0: the engine's default
 * @param enabled false takes the pool out of rotation and keeps the rest of the file valid
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
        int contextTokens,
        int maxSequences,
        boolean enabled) {
    public Pool {
        labels = Map.copyOf(labels);
        replicas = List.copyOf(replicas);
    }

    public String vendor() {
        return deployment.chip().vendor();
    }
}
