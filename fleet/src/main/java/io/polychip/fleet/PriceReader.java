package io.polychip.fleet;

import java.util.Comparator;

/** Reads {@code price}: by the chip and hour for an owned pool, by the token for a hosted one. */
final class PriceReader {
    private static final Price NONE = new Price.PerChipHour(0, false);

    private final Catalogue catalogue;
    private final String chip;

    PriceReader(Catalogue catalogue, String chip) {
        this.catalogue = catalogue;
        this.chip = chip;
    }

    Price read(Section pool, boolean hosted) {
        Value value = pool.get("price");
        if (value == null) {
            pool.missing("price", "expected " + expected(hosted) + "." + (hosted ? "" : maybe()));
            return NONE;
        }
        Section price = value.section(Keys.PRICE, expected(hosted));
        return hosted ? perToken(price) : perChipHour(price);
    }

    private static String expected(boolean hosted) {
        return hosted
                ? "{usd-per-million-input: ..., usd-per-million-output: ...} for a hosted pool"
                : "{usd-per-chip-hour: ...} for an owned pool";
    }

    private Price perChipHour(Section price) {
        foreign(price, "usd-per-million-input", "hosted", "usd-per-chip-hour");
        foreign(price, "usd-per-million-cached-input", "hosted", "usd-per-chip-hour");
        foreign(price, "usd-per-million-output", "hosted", "usd-per-chip-hour");
        Value hour = price.get("usd-per-chip-hour");
        if (hour == null) {
            price.missing("usd-per-chip-hour", "expected US dollars for one chip and hour." + maybe());
            return NONE;
        }
        return new Price.PerChipHour(hour.read("US dollars", Units::price, 0.0), price.flag("committed", false));
    }

    private static Price perToken(Section price) {
        foreign(price, "usd-per-chip-hour", "owned", "usd-per-million-input and usd-per-million-output");
        foreign(price, "committed", "owned", "usd-per-million-input and usd-per-million-output");
        Value input = price.required("usd-per-million-input", "US dollars for a million prompt tokens");
        Value output = price.required("usd-per-million-output", "US dollars for a million answer tokens");
        double usd = input == null ? 0 : input.read("US dollars", Units::price, 0.0);
        return new Price.PerToken(
                usd,
                price.read("usd-per-million-cached-input", "US dollars", Units::price, usd),
                output == null ? 0 : output.read("US dollars", Units::price, 0.0));
    }

    private static void foreign(Section price, String key, String kind, String instead) {
        Value value = price.get(key);
        if (value != null) {
            value.wrong("belongs to a pool that is " + kind + "; expected " + instead + ".");
        }
    }

    /** The latest offer for the chip that can be rented, if there is one. */
    private String maybe() {
        return catalogue.offers().stream()
                .filter(offer -> offer.chip().equals(chip) && !offer.term().startsWith("tco"))
                .max(Comparator.comparing(offer -> offer.source().date()))
                .map(offer ->
                        " Maybe usd-per-chip-hour: " + Units.decimal(offer.usdPerChipHour()) + " (" + offer.provider()
                                + " " + offer.term() + ", " + offer.source().date() + ").")
                .orElse("");
    }
}
