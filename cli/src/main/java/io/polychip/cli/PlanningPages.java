package io.polychip.cli;

import io.polychip.cli.CatalogCommand.CatalogKind;
import io.polychip.fleet.Catalogue;
import io.polychip.fleet.ChipPower;
import io.polychip.fleet.PublicDeal;
import io.polychip.fleet.RegionEnergy;
import io.polychip.fleet.TrainingRate;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** The part of the catalogue's pages that planning needs: power, regions, training, deals. */
final class PlanningPages {
    private PlanningPages() {}

    static List<?> entries(Catalogue catalogue, CatalogKind kind) {
        return switch (kind) {
            case POWERS ->
                catalogue.chipPowers().values().stream()
                        .sorted(Comparator.comparing(ChipPower::chip))
                        .toList();
            case REGIONS -> catalogue.regions();
            case TRAINING -> catalogue.trainingRates();
            case DEALS ->
                catalogue.publicDeals().stream()
                        .sorted(Comparator.comparing(PublicDeal::when))
                        .toList();
            case CHIPS, MODELS, OFFERS, PROFILES, PROVIDERS, PRICES, COLD_STARTS -> throw other(kind);
        };
    }

    static Stream<String> names(Catalogue catalogue, CatalogKind kind) {
        return switch (kind) {
            case POWERS -> catalogue.chipPowers().keySet().stream();
            case REGIONS -> catalogue.regions().stream().flatMap(region -> Stream.of(region.cloud(), region.region()));
            case TRAINING -> catalogue.trainingRates().stream().flatMap(rate -> Stream.of(rate.model(), rate.chip()));
            case DEALS -> catalogue.publicDeals().stream().map(PublicDeal::id);
            case CHIPS, MODELS, OFFERS, PROFILES, PROVIDERS, PRICES, COLD_STARTS -> throw other(kind);
        };
    }

    static Table table(CatalogKind kind) {
        return switch (kind) {
            case POWERS ->
                new Table(
                        "chip", "sold at W", "all-in W", "training W", "answering W", "chips/GW", "date", "confidence");
            case REGIONS -> new Table("cloud", "region", "place", "PUE", "gCO2/kWh", "$/kWh", "confidence");
            case TRAINING ->
                new Table("chip", "model", "task", "format", "chips", "tokens/s/chip", "TFLOP/s", "date", "from");
            case DEALS ->
                new Table("deal", "when", "buyer", "supplier", "$ billion", "GW", "structure", "status", "confidence");
            case CHIPS, MODELS, OFFERS, PROFILES, PROVIDERS, PRICES, COLD_STARTS -> throw other(kind);
        };
    }

    /** Adds an entry to the table of its kind. */
    static void row(Table table, Object entry) {
        switch (entry) {
            case ChipPower p ->
                table.row(
                        p.chip(),
                        CatalogPages.number(p.tdpWatts()),
                        p.utilityWatts() == 0 && p.atMostWatts() > 0
                                ? "<= " + CatalogPages.number(p.atMostWatts())
                                : CatalogPages.number(p.utilityWatts()),
                        CatalogPages.number(p.trainingWatts()),
                        CatalogPages.number(p.inferenceWatts()),
                        CatalogPages.number(p.chipsPerGigawatt()),
                        p.source().date(),
                        lower(p.source().confidence()));
            case RegionEnergy r ->
                table.row(
                        r.cloud(),
                        r.region(),
                        r.place(),
                        CatalogPages.number(r.pue()),
                        CatalogPages.number(r.gramsCo2PerKwh()),
                        CatalogPages.number(r.usdPerKwh()),
                        lower(r.source().confidence()));
            case TrainingRate t ->
                table.row(
                        t.chip(),
                        t.model(),
                        t.task(),
                        t.precision(),
                        t.chips() == 0 ? "-" : t.chips(),
                        CatalogPages.number(t.tokensPerSecondPerChip()),
                        CatalogPages.number(t.teraflopsPerChip()),
                        t.source().date(),
                        t.wholeRun() ? "MLPerf" : "vendor");
            case PublicDeal d ->
                table.row(
                        d.id(),
                        d.when(),
                        d.buyer(),
                        d.supplier(),
                        CatalogPages.number(d.usd() / 1e9),
                        CatalogPages.number(d.gigawatts()),
                        d.structure(),
                        d.status(),
                        lower(d.source().confidence()));
            default -> throw new IllegalArgumentException("No row for " + entry.getClass());
        }
    }

    static CatalogPages.Page explain(PublicDeal deal) {
        StringBuilder text = new StringBuilder("%s: %s and %s%s%n"
                .formatted(deal.id(), deal.buyer(), deal.supplier(), deal.chip().isEmpty() ? "" : ", " + deal.chip()));
        line(text, "when", deal.when());
        line(text, "size", deal.usd() == 0 ? "" : CatalogPages.number(deal.usd() / 1e9) + " billion USD");
        line(text, "", deal.sum());
        line(text, "term", deal.term());
        line(text, "capacity", deal.gigawatts() == 0 ? "" : CatalogPages.number(deal.gigawatts()) + " GW");
        line(text, "structure", deal.structure());
        line(text, "conditions", deal.conditions());
        line(text, "status", deal.status());
        line(text, "as terms", deal.form());
        line(text, "source", deal.source().origin());
        line(
                text,
                "",
                deal.source().date() + ", confidence " + lower(deal.source().confidence()));
        return new CatalogPages.Page(text.toString(), deal);
    }

    private static void line(StringBuilder text, String name, String value) {
        if (!value.isEmpty()) {
            text.append("%-12s%s%n".formatted(name, value));
        }
    }

    private static String lower(Object constant) {
        return constant.toString().toLowerCase(Locale.ROOT);
    }

    private static IllegalArgumentException other(CatalogKind kind) {
        return new IllegalArgumentException("The list " + kind + " is not planning's.");
    }
}
