package io.polychip.fleet;

import static io.polychip.fleet.Keys.closed;

import java.util.List;

/** The keys of {@code deals.yaml}. */
final class DealKeys {
    static final Keys FILE = closed("deals", "as-of", "discount-rate", "scenarios", "offers", "deals");
    static final Keys SCENARIOS = new Keys("scenarios", true, List.of());
    static final Keys SCENARIO = closed("scenario", "probability", "base", "note");
    static final Keys OFFER = closed(
            "offers",
            "name",
            "chip",
            "model",
            "provider",
            "region",
            "term",
            "price",
            "available",
            "lead-time",
            "chips",
            "lost-per-day",
            "prepaid",
            "all-in-watts",
            "quota",
            "labels",
            "only-with",
            "source");
    static final Keys PRICE = closed(
            "price",
            "usd-per-chip-hour",
            "usd-per-million-input",
            "usd-per-million-cached-input",
            "usd-per-million-output",
            "date");
    static final Keys CHIPS = closed("chips", "min", "max", "multiple");
    static final Keys SPAN = closed("available", "from", "until");
    static final Keys DEAL = closed(
            "deals",
            "name",
            "supplier",
            "offers",
            "sign-by",
            "scenario",
            "taken",
            "source",
            "date",
            "confidence",
            "minimum-take",
            "capacity",
            "tiers",
            "credit",
            "investment",
            "warrants",
            "option",
            "loan",
            "lease",
            "prepayment",
            "exclusivity",
            "backstop",
            "generations");
    static final Keys MINIMUM_TAKE =
            closed("minimum-take", "usd", "chips", "gw", "each", "from", "until", "paid", "scenario");
    static final Keys CAPACITY = closed("capacity", "tranches", "all", "scenario");
    static final Keys TRANCHE = closed("tranches", "chips", "gw", "from", "until");
    static final Keys TIERS = closed("tiers", "on", "each", "steps", "scenario");
    static final Keys STEP = closed("steps", "above-usd", "discount");
    static final Keys CREDIT = closed("credit", "usd", "from", "expires", "of-bill", "scenario");
    static final Keys INVESTMENT = closed("investment", "usd", "at", "if", "scenario");
    static final Keys CONDITION = closed("if", "of", "share", "measure", "from", "chips", "gw", "by");
    static final Keys WARRANTS =
            closed("warrants", "shares", "strike-usd", "share-usd", "steps", "expires", "scenario");
    static final Keys VESTING = closed("steps", "chips", "gw", "vested");
    static final Keys OPTION = closed(
            "option", "chips", "gw", "premium-usd", "exercise-from", "exercise-until", "from", "until", "scenario");
    static final Keys LOAN = closed("loan", "usd", "rate", "from", "until", "to", "scenario");
    static final Keys LEASE =
            closed("lease", "chips", "gw", "usd-per-year", "from", "until", "purchase-usd", "scenario");
    static final Keys PREPAYMENT = closed("prepayment", "usd", "at", "discount", "scenario");
    static final Keys EXCLUSIVITY = closed("exclusivity", "traffic", "from", "until", "scenario");
    static final Keys BACKSTOP = closed("backstop", "usd-per-chip-hour", "most-usd", "from", "until", "scenario");
    static final Keys GENERATION = closed("generations", "from", "offer");

    private DealKeys() {}
}
