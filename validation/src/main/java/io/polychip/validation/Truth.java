package io.polychip.validation;

import io.polychip.fleet.Catalogue;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The model held against what others measured.
 *
 * @param notes what was fitted on what, and what could not be checked
 */
public record Truth(List<Figure> figures, List<String> notes) {
    public Truth {
        figures = List.copyOf(figures);
        notes = List.copyOf(notes);
    }

    /** @param data a folder with {@code measured/vllm-0.15}, {@code measured/llmservingsim} and {@code chips} */
    public static Truth of(Path data, Catalogue catalogue) {
        Path vllm = data.resolve("measured").resolve("vllm-0.15");
        Path layers = data.resolve("measured").resolve("llmservingsim");
        Path chips = data.resolve("chips");
        if (!Files.isDirectory(vllm) && !Files.isDirectory(layers) && !Files.isDirectory(chips)) {
            throw new ValidationException(("%s has neither measured/vllm-0.15 nor measured/llmservingsim nor chips."
                            + " Maybe name the folder above them.")
                    .formatted(data));
        }
        List<Figure> figures = new ArrayList<>();
        List<String> notes = new ArrayList<>();
        if (Files.isDirectory(vllm)) {
            figures.addAll(VllmCheck.check(vllm, catalogue, notes));
        } else {
            notes.add("Not checked: " + vllm + " is missing.");
        }
        if (Files.isDirectory(layers)) {
            figures.addAll(LayerCheck.check(layers, catalogue, notes));
        } else {
            notes.add("Not checked: " + layers + " is missing.");
        }
        if (Files.isDirectory(chips)) {
            figures.addAll(VendorCheck.check(chips, catalogue, notes));
        } else {
            notes.add("Not checked: " + chips + " is missing.");
        }
        return new Truth(figures, notes);
    }

    public boolean holds() {
        return figures.stream().noneMatch(Figure::fallsShort);
    }
}
