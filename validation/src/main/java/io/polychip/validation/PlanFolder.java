package io.polychip.validation;

import io.polychip.planner.Search;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Solves every planning case in a folder and below it. Files are known by their form: mixes of chips, vendors with
 * rules, fleets sized for a distribution of lengths; other JSON is passed over.
 */
public final class PlanFolder {
    private PlanFolder() {}

    /**
     * @param heard of each case once it is done
     * @throws UncheckedIOException when the folder cannot be read
     */
    public static List<PlanCase> solve(Path folder, Search search, Consumer<PlanCase> heard) {
        List<PlanCase> done = new ArrayList<>();
        Consumer<PlanCase> both = done::add;
        both = both.andThen(heard);
        PlanCases cases = new PlanCases(search, both);
        for (Path path : files(folder)) {
            JsonNode file = read(path);
            if (PlanCases.isMix(file)) {
                cases.mixes(file);
            } else if (PlanCases.isVendors(file)) {
                cases.vendors(file);
            } else if (SizingCases.isSizing(file)) {
                new SizingCases(both).solve(file, path);
            }
        }
        return done;
    }

    private static List<Path> files(Path folder) {
        try (Stream<Path> all = Files.walk(folder, 3)) {
            return all.filter(path -> path.toString().endsWith(".json"))
                    .filter(Files::isRegularFile)
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read the folder " + folder, e);
        }
    }

    static JsonNode read(Path path) {
        try {
            return JsonMapper.shared().readTree(Files.readString(path));
        } catch (JacksonException | IOException notOurs) {
            return JsonMapper.shared().createObjectNode();
        }
    }
}
