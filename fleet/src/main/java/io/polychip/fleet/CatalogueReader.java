package io.polychip.fleet;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Reads the catalogue files that ship with this module: one table each for chips, models, offers, providers, token
 * prices, cold starts, profiles, and those of {@link PlanningTables}, in {@code src/main/resources/io/polychip/fleet}.
 * Their header comments say what a column means and how figures were derived.
 */
public final class CatalogueReader {
    private static final double PICOS_PER_MICRO = 1e6;

    private CatalogueReader() {}

    /** The shipped catalogue; read at the first call, the same object ever after. Safe for any thread. */
    public static Catalogue shipped() {
        return Shipped.CATALOGUE;
    }

    /** Read when first asked for: a class is initialised once. */
    private static final class Shipped {
        static final Catalogue CATALOGUE = read();
    }

    private static Catalogue read() {
        Map<String, Chip> chips = new LinkedHashMap<>();
        for (Csv.Row row : Csv.resource("chips.csv")) {
            Chip chip = chip(row);
            chips.put(chip.id(), chip);
        }
        Map<String, Model> models = new LinkedHashMap<>();
        for (Csv.Row row : Csv.resource("models.csv")) {
            Model model = model(row);
            models.put(model.id(), model);
        }
        Map<String, Provider> providers = new LinkedHashMap<>();
        for (Csv.Row row : Csv.resource("providers.csv")) {
            Provider provider = provider(row);
            providers.put(provider.name(), provider);
        }
        return new Catalogue(
                chips,
                models,
                Csv.resource("offers.csv").stream().map(CatalogueReader::offer).toList(),
                providers,
                Csv.resource("profiles.csv").stream()
                        .map(CatalogueReader::profile)
                        .toList(),
                Csv.resource("token-prices.csv").stream()
                        .map(CatalogueReader::tokenPrice)
                        .toList(),
                Csv.resource("cold-starts.csv").stream()
                        .map(CatalogueReader::coldStart)
                        .toList(),
                PlanningTables.chipPowers(),
                PlanningTables.regions(),
                PlanningTables.trainingRates(),
                PlanningTables.publicDeals());
    }

    private static Chip chip(Csv.Row row) {
        Map<Precision, Double> teraflops = new EnumMap<>(Precision.class);
        for (Precision precision : Precision.values()) {
            double peak = row.number(precision.id());
            if (peak > 0) {
                teraflops.put(precision, peak);
            }
        }
        String id = row.text("id");
        return new Chip(
                id,
                id.substring(0, id.indexOf('/')),
                row.text("name"),
                row.number("memory_gib"),
                row.number("bandwidth_gbps"),
                teraflops,
                row.number("power_w"),
                row.number("scale_up_gbps"),
                row.count("scale_up_domain"),
                row.count("ranks"),
                row.source());
    }

    private static Model model(Csv.Row row) {
        return new Model(
                row.text("id"),
                row.count("layers"),
                row.text("attending_layers").isEmpty() ? row.count("layers") : row.count("attending_layers"),
                row.count("hidden"),
                row.count("heads"),
                row.count("kv_heads"),
                row.count("head_dim"),
                row.count("feed_forward"),
                row.count("experts"),
                row.count("active_experts"),
                row.whole("parameters"),
                row.whole("active_parameters"),
                row.count("vocabulary"),
                row.whole("kv_values_per_token"),
                row.count("context"),
                row.choice("published", Precision.class),
                row.source());
    }

    private static Offer offer(Csv.Row row) {
        return new Offer(
                row.text("chip"),
                row.text("provider"),
                row.text("instance"),
                row.text("region"),
                row.text("term"),
                row.number("usd_per_chip_hour"),
                row.source());
    }

    private static Provider provider(Csv.Row row) {
        Map<String, String> notes = new LinkedHashMap<>();
        for (String note : row.text("notes").split(" \\| ", -1)) {
            int colon = note.indexOf(": ");
            if (colon > 0) {
                notes.put(note.substring(0, colon), note.substring(colon + 2));
            }
        }
        notes.put("source", "%s (%s)".formatted(row.text("source"), row.text("date")));
        return new Provider(
                row.text("name"), row.text("base_url"), row.words("unsupported"), row.words("dropped"), notes);
    }

    private static TokenPrice tokenPrice(Csv.Row row) {
        double input = row.number("usd_per_million_input");
        double cached = row.number("usd_per_million_cached_input");
        return new TokenPrice(
                row.text("provider"),
                row.text("model"),
                row.text("shape"),
                input,
                cached == 0 ? input : cached,
                row.number("usd_per_million_output"),
                row.count("context"),
                row.number("tokens_per_second"),
                row.source());
    }

    private static ColdStart coldStart(Csv.Row row) {
        double cold = row.number("cold_s");
        double warm = row.number("warm_s");
        return new ColdStart(
                row.text("vendor"),
                EngineRelease.of(row.text("engine")),
                row.text("what"),
                cold,
                warm == 0 ? cold : warm,
                row.source());
    }

    private static ProfileEntry profile(Csv.Row row) {
        return new ProfileEntry(
                row.text("model"),
                row.text("chip"),
                row.choice("precision", Precision.class),
                EngineRelease.of(row.text("engine")),
                new Layout(row.count("tensor"), Math.max(1, row.count("pipeline")), 1),
                row.words("batch").stream().map(Integer::valueOf).toList(),
                Arrays.stream(row.text("step_us").split(" +"))
                        .map(micros -> Math.round(Double.parseDouble(micros) * PICOS_PER_MICRO))
                        .toList(),
                Math.round(row.number("prefill_token_us") * PICOS_PER_MICRO),
                row.whole("pair_ps"),
                row.whole("kv_token_ps"),
                Math.round(row.number("arrival_us") * PICOS_PER_MICRO),
                Math.round(row.number("floor_us") * PICOS_PER_MICRO),
                row.count("max_sequences"),
                row.count("step_tokens"),
                row.whole("kv_tokens"),
                row.number("band"),
                row.text("note"),
                row.source());
    }
}
