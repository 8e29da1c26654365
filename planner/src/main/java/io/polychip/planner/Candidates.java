package io.polychip.planner;

import io.polychip.fleet.Catalogue;
import io.polychip.fleet.Chip;
import io.polychip.fleet.Deployment;
import io.polychip.fleet.EngineRelease;
import io.polychip.fleet.Fleet;
import io.polychip.fleet.Hosted;
import io.polychip.fleet.Layout;
import io.polychip.fleet.Model;
import io.polychip.fleet.Pool;
import io.polychip.fleet.Precision;
import io.polychip.fleet.Price;
import io.polychip.fleet.ProfileEntry;
import io.polychip.fleet.Provider;
import io.polychip.fleet.Quota;
import io.polychip.fleet.ServedModel;
import io.polychip.fleet.Supply;
import io.polychip.fleet.TokenPrice;
import io.polychip.performance.Memory;
import io.polychip.performance.Profiles;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Which deployments could serve a model on the chips that are offered: what the present fleet runs there, else what the
 * catalogue has a profile of, else the smallest layout its weights fit on, timed by physics and its kin.
 */
public final class Candidates {
    /** Layouts of one model on one chip beyond these add columns and hardly ever a better plan. */
    private static final int MOST_LAYOUTS = 3;

    private static final int[] TENSORS = {1, 2, 4, 8, 16, 32, 64};

    private final Catalogue catalogue;
    private final Profiles profiles;
    private final Map<String, ServedModel> models;
    private final @Nullable Fleet now;
    private final Set<Precision> precisions;

    /** @param precisions that a model may be served in; empty: those of the fleet, or what its maker and 8 bits give */
    public Candidates(
            Catalogue catalogue, Map<String, ServedModel> models, @Nullable Fleet now, Set<Precision> precisions) {
        this.catalogue = catalogue;
        this.profiles = new Profiles(catalogue);
        this.models = models;
        this.now = now;
        this.precisions = precisions;
    }

    /** For chips by the hour, and for the hosted offers among them. */
    public List<Candidate> of(List<Supply> offers) {
        Map<String, Candidate> found = new LinkedHashMap<>();
        Fleet fleet = now;
        if (fleet != null) {
            fleet.pools().stream().filter(Pool::enabled).forEach(pool -> put(found, bare(pool)));
        }
        Set<String> chips = new TreeSet<>();
        for (Supply offer : offers) {
            switch (offer.price()) {
                case Price.PerChipHour _ -> chips.add(offer.chip());
                case Price.PerToken tokens -> hosted(offer, tokens, found);
            }
        }
        for (ServedModel model : models.values()) {
            for (String chip : chips) {
                Chip known = catalogue.chips().get(chip);
                if (known != null && !runs(fleet, model, chip)) {
                    onChip(model, known).forEach(pool -> put(found, pool));
                }
            }
        }
        return List.copyOf(found.values());
    }

    private void put(Map<String, Candidate> found, Pool pool) {
        found.putIfAbsent(pool.name(), new Candidate(pool, profiles.of(pool)));
    }

    private static boolean runs(@Nullable Fleet fleet, ServedModel model, String chip) {
        return fleet != null
                && fleet.pools().stream()
                        .anyMatch(pool -> pool.enabled()
                                && pool.hosted() == null
                                && pool.model().equals(model.name())
                                && pool.deployment().chip().id().equals(chip));
    }

    /** A pool as a template: an API keeps its address, an owned one has none yet. */
    private static Pool bare(Pool pool) {
        return new Pool(
                pool.name(),
                pool.model(),
                pool.deployment(),
                pool.price(),
                pool.hosted(),
                pool.quota(),
                pool.labels(),
                pool.hosted() == null ? List.of() : pool.replicas(),
                null,
                pool.contextTokens(),
                pool.maxSequences(),
                true,
                pool.access(),
                pool.profile());
    }

    private List<Pool> onChip(ServedModel served, Chip chip) {
        Model model = served.shape();
        Map<String, Deployment> byKey = new LinkedHashMap<>();
        for (ProfileEntry entry : catalogue.profiles()) {
            Deployment deployment = new Deployment(model, entry.precision(), entry.engine(), chip, entry.layout());
            if (entry.model().equals(model.id())
                    && entry.chip().equals(chip.id())
                    && allowed(model, entry.precision())
                    && Memory.of(deployment).fits()) {
                // One engine for a layout and precision: the first the catalogue has, the best evidence of it.
                byKey.putIfAbsent(entry.precision() + " " + entry.layout(), deployment);
            }
        }
        List<Deployment> deployments = new ArrayList<>(byKey.values());
        if (deployments.isEmpty()) {
            Deployment smallest = smallest(model, chip);
            if (smallest != null) {
                deployments.add(smallest);
            }
        }
        return fewest(deployments).stream().map(each -> pool(served, each)).toList();
    }

    private boolean allowed(Model model, Precision precision) {
        return precisions.isEmpty()
                ? precision == model.published() || precision == Precision.FP8
                : precisions.contains(precision);
    }

    /** The fastest precision at each of the smallest layouts. */
    private static List<Deployment> fewest(List<Deployment> deployments) {
        Map<Integer, Deployment> bySize = new TreeMap<>();
        for (Deployment each : deployments) {
            bySize.merge(
                    each.layout().chips(),
                    each,
                    (one, other) -> other.precision().bytesPerParameter()
                                    < one.precision().bytesPerParameter()
                            ? other
                            : one);
        }
        return bySize.values().stream().limit(MOST_LAYOUTS).toList();
    }

    /** Nobody measured it: the narrowest that holds weights and a cache as large as they are. */
    private @Nullable Deployment smallest(Model model, Chip chip) {
        String engine = switch (chip.vendor()) {
            case "aws" -> "vllm-neuron";
            case "google" -> "vllm-tpu";
            case "cpu" -> "llama.cpp";
            default -> "vllm";
        };
        for (Precision precision : List.of(Precision.FP8, model.published())) {
            if (!allowed(model, precision) || !chip.computesIn(precision)) {
                continue;
            }
            for (int tensor : TENSORS) {
                Deployment deployment =
                        new Deployment(model, precision, new EngineRelease(engine, ""), chip, new Layout(tensor, 1, 1));
                Memory memory = Memory.of(deployment);
                boolean divides = model.heads() % tensor == 0;
                if (divides
                        && memory.fits()
                        && memory.kvBlocks() * memory.kvTokenBytes() * memory.blockTokens()
                                >= memory.weightBytes() / 2) {
                    return deployment;
                }
            }
        }
        return null;
    }

    private Pool pool(ServedModel served, Deployment deployment) {
        String chip = deployment.chip().id();
        String name = "%s%s-%s%s"
                .formatted(
                        models.size() > 1 ? served.name() + "-" : "",
                        chip.substring(chip.indexOf('/') + 1),
                        deployment.precision().id(),
                        deployment.layout().chips() > 1
                                ? "-x" + deployment.layout().chips()
                                : "");
        long context = Math.min(
                deployment.model().contextTokens(), Memory.of(deployment).kvTokens());
        return new Pool(
                name,
                served.name(),
                deployment,
                new Price.PerChipHour(0, false),
                null,
                Quota.UNLIMITED,
                Map.of(),
                List.of(),
                (int) context,
                0,
                true);
    }

    /** An API for each model it may be asked for: the one the offer names, or the only one there is. */
    private void hosted(Supply offer, Price.PerToken tokens, Map<String, Candidate> found) {
        for (ServedModel served : models.values()) {
            boolean meant = offer.model().isEmpty()
                    ? models.size() == 1
                    : offer.model().equals(served.shape().id());
            Chip chip = catalogue.chips().get(offer.chip());
            if (!meant || chip == null) {
                continue;
            }
            put(
                    found,
                    new Pool(
                            offer.name(),
                            served.name(),
                            new Deployment(
                                    served.shape(),
                                    served.shape().published(),
                                    new EngineRelease(offer.provider(), ""),
                                    chip,
                                    Layout.SINGLE),
                            tokens,
                            new Hosted(offer.provider(), known(offer, served), ""),
                            offer.quota(),
                            Map.of(),
                            List.of(base(offer.provider())),
                            served.shape().contextTokens(),
                            0,
                            true));
        }
    }

    /** The name the provider knows the model by, where the catalogue has it. */
    private String known(Supply offer, ServedModel served) {
        return catalogue.tokenPrices().stream()
                .filter(price -> price.provider().equals(offer.provider())
                        && price.shape().equals(served.shape().id()))
                .map(TokenPrice::model)
                .findFirst()
                .orElse(served.shape().id());
    }

    private URI base(String name) {
        Provider provider = catalogue.providers().get(name);
        String url = provider == null ? "" : provider.baseUrl();
        return URI.create(url.isEmpty() || url.contains("{") ? "https://%s.invalid/v1".formatted(name) : url);
    }
}
