package io.polychip.fleet;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Reads a pool's own {@code profile}, spelled out in place or in a file as {@code polychip measure} writes it. */
final class ProfileReader {
    private final Deployment deployment;
    private final Path folder;
    private final Environment environment;

    /** @param folder where file names begin */
    ProfileReader(Deployment deployment, Path folder, Environment environment) {
        this.deployment = deployment;
        this.folder = folder;
        this.environment = environment;
    }

    @Nullable
    ProfileEntry read(Section pool) {
        Value value = pool.get("profile");
        if (value == null) {
            return null;
        }
        return value.isText()
                ? value.read(
                                "a profile or the name of its file",
                                name -> Optional.of(file(name)),
                                Optional.<ProfileEntry>empty())
                        .orElse(null)
                : entry(value.section(Keys.PROFILE, "step, prefill-per-token and the like"));
    }

    private ProfileEntry file(String name) {
        Path file = folder.resolve(name);
        Problems problems = new Problems(file.toString());
        try {
            String text = FleetReader.text(file, "a profile as polychip measure writes it");
            ProfileEntry entry = entry(new Yaml(problems, environment).root(text, Keys.PROFILE, "step"));
            if (problems.none()) {
                return entry;
            }
            throw problems.exception();
        } catch (FleetException unusable) {
            throw new Mistake(
                    "is no profile: " + String.valueOf(unusable.getMessage()).replace("\n", "; "));
        }
    }

    private ProfileEntry entry(Section profile) {
        SortedMap<Integer, Long> steps = steps(profile);
        return new ProfileEntry(
                deployment.model().id(),
                deployment.chip().id(),
                deployment.precision(),
                deployment.engine(),
                deployment.layout(),
                List.copyOf(steps.keySet()),
                List.copyOf(steps.values()),
                picos(profile, "prefill-per-token"),
                picos(profile, "attention-per-pair"),
                picos(profile, "cache-per-token"),
                picos(profile, "arrival"),
                picos(profile, "floor"),
                profile.read("max-sequences", "a number", text -> Units.count(text, 1, 65_536), 0),
                profile.read("step-tokens", "a number", text -> Units.count(text, 1, 1 << 20), 0),
                profile.read("cache-tokens", "a number", text -> Units.whole(text, "a number of tokens"), 0L),
                profile.read("band", "a share", Units::share, 0.1),
                "stated in the fleet's file",
                new Source(profile.text("source", "a text", "fleet.yaml"), "", Source.Confidence.MEDIUM));
    }

    private static SortedMap<Integer, Long> steps(Section profile) {
        SortedMap<Integer, Long> steps = new TreeMap<>();
        Value value = profile.required("step", "decode step times by sequences such as {1: 6 ms, 64: 12 ms}");
        if (value == null) {
            return steps;
        }
        Section below = value.section(Keys.STEPS, "decode step times by sequences such as {1: 6 ms, 64: 12 ms}");
        for (Map.Entry<String, Value> entry : below.values().entrySet()) {
            if (entry.getKey().matches("0|[1-9][0-9]{0,4}")) {
                steps.put(Integer.valueOf(entry.getKey()), entry.getValue().read("a duration", Units::picos, 0L));
            } else {
                entry.getValue()
                        .wrong("is for \"" + entry.getKey()
                                + "\" sequences; expected a whole number, 0 for a step that only carries a prompt.");
            }
        }
        if (steps.isEmpty()) {
            value.wrong("has no step times; expected such as {1: 6 ms, 64: 12 ms}.");
        }
        return steps;
    }

    private static long picos(Section profile, String key) {
        return profile.read(key, "a duration", Units::picos, 0L);
    }
}
