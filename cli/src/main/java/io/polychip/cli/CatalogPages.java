package io.polychip.cli;

import io.polychip.cli.CatalogCommand.CatalogKind;
import io.polychip.fleet.Catalogue;
import io.polychip.fleet.Chip;
import io.polychip.fleet.ColdStart;
import io.polychip.fleet.Model;
import io.polychip.fleet.Offer;
import io.polychip.fleet.Precision;
import io.polychip.fleet.ProfileEntry;
import io.polychip.fleet.Provider;
import io.polychip.fleet.Source;
import io.polychip.fleet.TokenPrice;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The catalogue as pages of text, each with the entries it shows for {@code --json}. */
final class CatalogPages {
    private static final String LEGEND =
            "\nconfidence: estimated figures were computed from related ones, not measured.\n";

    private final Catalogue catalogue;

    CatalogPages(Catalogue catalogue) {
        this.catalogue = catalogue;
    }

    /** @param json what the page shows, as records */
    record Page(String text, Object json) {}

    Page overview() {
        Map<String, Integer> counts = new LinkedHashMap<>();
        Table table = new Table("list", "entries", "what");
        for (CatalogKind kind : CatalogKind.values()) {
            counts.put(label(kind), entries(kind).size());
            table.row(label(kind), entries(kind).size(), about(kind));
        }
        return new Page(
                table + "\nList one with: polychip catalog KIND; explain an entry with: polychip catalog NAME.\n",
                counts);
    }

    Page list(CatalogKind kind) {
        return table(kind, entries(kind));
    }

    /** The entry of that name in full, else the entries that match; null when there are none. */
    @Nullable
    Page some(CatalogKind kind, String name) {
        Page one = one(kind, name);
        if (one != null) {
            return one;
        }
        List<?> matching = entries(kind).stream().filter(matches(name)).toList();
        return matching.isEmpty() ? null : table(kind, matching);
    }

    /** The entry of that name, or the only one that contains it. */
    @Nullable
    Page one(CatalogKind kind, String name) {
        List<String> names = names(kind);
        List<String> containing = names.stream()
                .filter(known -> plain(known).contains(plain(name)))
                .toList();
        String chosen = names.contains(name) ? name : containing.size() == 1 ? containing.getFirst() : "";
        return switch (kind) {
            case CHIPS -> chosen.isEmpty() ? null : explain(catalogue.chips().get(chosen));
            case MODELS -> chosen.isEmpty() ? null : explain(catalogue.models().get(chosen));
            case PROVIDERS ->
                chosen.isEmpty() ? null : explain(catalogue.providers().get(chosen));
            case DEALS -> chosen.isEmpty() ? null : deal(chosen);
            case OFFERS, PROFILES, PRICES, COLD_STARTS, POWERS, REGIONS, TRAINING -> null;
        };
    }

    /** What the entries of that list are called. */
    List<String> names(CatalogKind kind) {
        Stream<String> names = switch (kind) {
            case CHIPS -> catalogue.chips().keySet().stream();
            case MODELS -> catalogue.models().keySet().stream();
            case PROVIDERS -> catalogue.providers().keySet().stream();
            case OFFERS -> catalogue.offers().stream().flatMap(offer -> Stream.of(offer.chip(), offer.provider()));
            case PROFILES ->
                catalogue.profiles().stream().flatMap(profile -> Stream.of(profile.model(), profile.chip()));
            case PRICES ->
                catalogue.tokenPrices().stream().flatMap(price -> Stream.of(price.provider(), price.model()));
            case COLD_STARTS -> catalogue.coldStarts().stream().map(ColdStart::vendor);
            case POWERS, REGIONS, TRAINING, DEALS -> PlanningPages.names(catalogue, kind);
        };
        return names.distinct().sorted().toList();
    }

    private List<?> entries(CatalogKind kind) {
        return switch (kind) {
            case CHIPS -> sorted(catalogue.chips().values(), Chip::id);
            case MODELS -> sorted(catalogue.models().values(), Model::id);
            case OFFERS -> sorted(catalogue.offers(), offer -> offer.chip() + offer.provider() + offer.term());
            case PROFILES ->
                sorted(catalogue.profiles(), p -> p.chip() + p.model() + p.precision() + p.engine() + p.layout());
            case PROVIDERS -> sorted(catalogue.providers().values(), Provider::name);
            case PRICES -> sorted(catalogue.tokenPrices(), price -> price.provider() + price.model());
            case COLD_STARTS -> sorted(catalogue.coldStarts(), start -> start.vendor() + start.engine());
            case POWERS, REGIONS, TRAINING, DEALS -> PlanningPages.entries(catalogue, kind);
        };
    }

    private static <T> List<T> sorted(Collection<T> entries, Function<T, String> key) {
        return entries.stream().sorted(Comparator.comparing(key)).toList();
    }

    private static Predicate<Object> matches(String name) {
        return entry -> plain(entry.toString()).contains(plain(name));
    }

    private static String plain(String text) {
        return text.toLowerCase(Locale.ROOT);
    }

    private static String label(CatalogKind kind) {
        return kind.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static String about(CatalogKind kind) {
        return switch (kind) {
            case CHIPS -> "memory, bandwidth, dense peaks, power";
            case MODELS -> "shapes: layers, heads, parameters, cache per token";
            case OFFERS -> "dated prices per chip and hour";
            case PROFILES -> "timing of deployments, measured or estimated";
            case PROVIDERS -> "hosted APIs and their peculiarities";
            case PRICES -> "hosted prices per million tokens";
            case COLD_STARTS -> "seconds from start to first answer";
            case POWERS -> "watts of chips: sold at, all in, measured";
            case REGIONS -> "overhead, carbon and price of power in clouds' regions";
            case TRAINING -> "published speeds of training";
            case DEALS -> "public deals, what they are made of";
        };
    }

    private static Page table(CatalogKind kind, List<?> entries) {
        Table table = switch (kind) {
            case CHIPS -> new Table("chip", "GiB", "GB/s", "BF16", "FP8", "FP4", "W", "peers", "confidence");
            case MODELS ->
                new Table("model", "params", "active", "layers", "heads", "kv", "KiB/token", "context", "given");
            case OFFERS ->
                new Table("chip", "provider", "instance", "region", "term", "$/chip-h", "date", "confidence");
            case PROFILES ->
                new Table(
                        "model",
                        "chip",
                        "format",
                        "engine",
                        "chips",
                        "ms alone",
                        "ms x64",
                        "prompt tok/s",
                        "band",
                        "confidence");
            case PROVIDERS -> new Table("provider", "base URL", "refuses");
            case PRICES -> new Table("provider", "model", "$/M in", "cached", "$/M out", "context", "tok/s", "date");
            case COLD_STARTS -> new Table("vendor", "engine", "cold s", "warm s", "what", "date");
            case POWERS, REGIONS, TRAINING, DEALS -> PlanningPages.table(kind);
        };
        entries.forEach(entry -> row(table, entry));
        return new Page(table + (kind == CatalogKind.PROFILES || kind == CatalogKind.CHIPS ? LEGEND : ""), entries);
    }

    private static void row(Table table, Object entry) {
        switch (entry) {
            case Chip c ->
                table.row(
                        c.id(),
                        number(c.memoryGib()),
                        number(c.bandwidthGbps()),
                        peak(c, Precision.BF16),
                        peak(c, Precision.FP8),
                        peak(c, Precision.FP4),
                        number(c.powerWatts()),
                        c.scaleUpDomain(),
                        confidence(c.source()));
            case Model m ->
                table.row(
                        m.id(),
                        billions(m.parameters()),
                        m.mixtureOfExperts() ? billions(m.activeParameters()) : "-",
                        m.layers(),
                        m.heads(),
                        m.kvHeads(),
                        number(m.kvValuesPerToken() * 2 / 1024.0),
                        m.contextTokens(),
                        m.published().id());
            case Offer o ->
                table.row(
                        o.chip(),
                        o.provider(),
                        o.instance(),
                        o.region().isEmpty() ? "-" : o.region(),
                        o.term(),
                        "%.2f".formatted(o.usdPerChipHour()),
                        o.source().date(),
                        confidence(o.source()));
            case ProfileEntry p ->
                table.row(
                        shortName(p.model()),
                        p.chip(),
                        p.precision().id(),
                        p.engine(),
                        p.layout().chips(),
                        number(p.stepPicos().getFirst() / 1e9),
                        number(p.stepPicosAt(64) / 1e9),
                        number(1e12 / p.prefillTokenPicos()),
                        "%.0f %%".formatted(p.band() * 100),
                        confidence(p.source()));
            case Provider p ->
                table.row(p.name(), p.baseUrl().isEmpty() ? "-" : p.baseUrl(), String.join(" ", p.unsupported()));
            case TokenPrice t ->
                table.row(
                        t.provider(),
                        t.model(),
                        number(t.usdPerMillionInput()),
                        number(t.usdPerMillionCachedInput()),
                        number(t.usdPerMillionOutput()),
                        t.contextTokens(),
                        number(t.tokensPerSecond()),
                        t.source().date());
            case ColdStart s ->
                table.row(
                        s.vendor(),
                        s.engine(),
                        number(s.coldSeconds()),
                        number(s.warmSeconds()),
                        s.what(),
                        s.source().date());
            default -> PlanningPages.row(table, entry);
        }
    }

    private Page deal(String id) {
        return catalogue.publicDeals().stream()
                .filter(deal -> deal.id().equals(id))
                .map(PlanningPages::explain)
                .findFirst()
                .orElseThrow();
    }

    private @Nullable Page explain(@Nullable Chip chip) {
        if (chip == null) {
            return null;
        }
        StringBuilder text = new StringBuilder(chip.id() + ": " + chip.name() + "\n");
        line(text, "memory", number(chip.memoryGib()) + " GiB");
        line(text, "bandwidth", number(chip.bandwidthGbps()) + " GB/s");
        chip.denseTeraflops().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(peak -> line(text, peak.getKey().id(), number(peak.getValue()) + " TFLOP/s dense"));
        line(text, "power", chip.powerWatts() == 0 ? "not published" : number(chip.powerWatts()) + " W");
        if (chip.ranks() > 1) {
            line(text, "tensor ranks", chip.ranks() + " on each chip");
        }
        line(text, "peers", chip.scaleUpDomain() + " chips at " + number(chip.scaleUpGbps()) + " GB/s each way");
        source(text, chip.source());
        List<Offer> offers = catalogue.offers().stream()
                .filter(offer -> offer.chip().equals(chip.id()))
                .sorted(Comparator.comparingDouble(Offer::usdPerChipHour))
                .toList();
        part(text, "offers", CatalogKind.OFFERS, offers);
        List<ProfileEntry> profiles = catalogue.profiles().stream()
                .filter(profile -> profile.chip().equals(chip.id()))
                .toList();
        part(text, "profiles", CatalogKind.PROFILES, profiles);
        profileSources(text, profiles);
        return new Page(text.toString(), Map.of("chip", chip, "offers", offers, "profiles", profiles));
    }

    private @Nullable Page explain(@Nullable Model model) {
        if (model == null) {
            return null;
        }
        StringBuilder text = new StringBuilder(model.id() + "\n");
        line(
                text,
                "parameters",
                billions(model.parameters())
                        + (model.mixtureOfExperts()
                                ? ", " + billions(model.activeParameters()) + " for each token ("
                                        + model.activeExperts() + " of " + model.experts() + " experts)"
                                : ""));
        line(text, "layers", model.layers() + ", hidden " + model.hidden() + ", feed-forward " + model.feedForward());
        line(text, "heads", model.heads() + ", " + model.kvHeads() + " for keys and values, width " + model.headDim());
        line(text, "cache", number(model.kvValuesPerToken() * 2 / 1024.0) + " KiB for each token in 16 bits");
        line(text, "context", model.contextTokens() + " tokens");
        line(text, "given out", "in " + model.published().id());
        source(text, model.source());
        List<TokenPrice> prices = catalogue.tokenPrices().stream()
                .filter(price -> price.shape().equals(model.id()))
                .toList();
        part(text, "hosted at", CatalogKind.PRICES, prices);
        List<ProfileEntry> profiles = catalogue.profiles().stream()
                .filter(profile -> profile.model().equals(model.id()))
                .sorted(Comparator.comparing(ProfileEntry::chip))
                .toList();
        part(text, "profiles", CatalogKind.PROFILES, profiles);
        profileSources(text, profiles);
        return new Page(text.toString(), Map.of("model", model, "prices", prices, "profiles", profiles));
    }

    private @Nullable Page explain(@Nullable Provider provider) {
        if (provider == null) {
            return null;
        }
        StringBuilder text = new StringBuilder(provider.name() + "\n");
        line(text, "base URL", provider.baseUrl().isEmpty() ? "none of its own" : provider.baseUrl());
        line(
                text,
                "refuses",
                provider.unsupported().isEmpty() ? "nothing known" : String.join(", ", provider.unsupported()));
        line(text, "ignores", provider.dropped().isEmpty() ? "nothing known" : String.join(", ", provider.dropped()));
        provider.notes().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(note -> line(text, note.getKey(), note.getValue()));
        List<TokenPrice> prices = catalogue.tokenPrices().stream()
                .filter(price -> price.provider().equals(provider.name()))
                .toList();
        part(text, "models", CatalogKind.PRICES, prices);
        return new Page(text.toString(), Map.of("provider", provider, "prices", prices));
    }

    private static void part(StringBuilder text, String title, CatalogKind kind, List<?> entries) {
        if (!entries.isEmpty()) {
            text.append('\n')
                    .append(title)
                    .append('\n')
                    .append(table(kind, entries).text().replace(LEGEND, ""));
        }
    }

    /** Each source once, since many profiles share one. */
    private static void profileSources(StringBuilder text, List<ProfileEntry> profiles) {
        profiles.stream()
                .map(profile -> profile.source().date() + "  "
                        + profile.source().origin()
                        + (profile.source().confidence() == Source.Confidence.ESTIMATED ? ": " + profile.note() : ""))
                .distinct()
                .forEach(source -> text.append("source      ").append(source).append('\n'));
    }

    private static void line(StringBuilder text, String name, String value) {
        text.append("%-12s%s%n".formatted(name, value));
    }

    private static void source(StringBuilder text, Source source) {
        line(text, "source", source.origin());
        line(text, "", source.date() + ", confidence " + confidence(source));
    }

    private static String confidence(Source source) {
        return plain(source.confidence().name());
    }

    private static String peak(Chip chip, Precision precision) {
        Double peak = chip.denseTeraflops().get(precision);
        return peak == null ? "-" : number(peak);
    }

    private static String shortName(String model) {
        return model.substring(model.indexOf('/') + 1);
    }

    private static String billions(long parameters) {
        return number(parameters / 1e9) + " B";
    }

    /** Three digits, more only before the point; {@code -} for what is not known. */
    static String number(double value) {
        if (value == 0 || !Double.isFinite(value)) {
            return "-";
        }
        BigDecimal exact = BigDecimal.valueOf(value);
        BigDecimal rounded = value >= 100 ? exact.setScale(0, RoundingMode.HALF_UP) : exact.round(new MathContext(3));
        return rounded.stripTrailingZeros().toPlainString();
    }
}
