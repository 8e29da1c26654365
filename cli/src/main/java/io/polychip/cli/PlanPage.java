package io.polychip.cli;

import io.polychip.planner.Bands;
import io.polychip.planner.Demand;
import io.polychip.planner.Lot;
import io.polychip.planner.Plan;
import io.polychip.planner.PlannedFleet;
import io.polychip.planner.ReplicaRate;
import io.polychip.planner.Trial;
import io.polychip.report.Axis;
import io.polychip.report.Bars;
import io.polychip.report.Grid;
import io.polychip.report.Numbers;
import io.polychip.report.Page;
import io.polychip.report.Palette;
import io.polychip.report.Plot;
import io.polychip.simulator.Report;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** A plan as one HTML page. */
final class PlanPage {
    private final PlanBook book;
    private final Demand demand;
    private final Palette palette = new Palette();

    private PlanPage(PlanBook book) {
        this.book = book;
        this.demand = book.demand();
    }

    static String html(PlanBook book) {
        return new PlanPage(book).page().html();
    }

    private Page page() {
        Page page = new Page("Plan for " + book.inputs().file().getFileName(), PlanText.verdict(book));
        page.text(PlanText.asked(book));
        page.tiles(tiles());
        page.section("Which chips, how many, on which terms");
        page.plots(shares(), spend());
        page.table("Wanted fleet, until the next date or the plan's end", wanted());
        page.text(PlanText.cost(book));
        page.text(PlanText.shares(book));
        book.energy().sentences(book.months()).forEach(page::text);
        for (int period = 0; period < demand.periods().size(); period++) {
            for (String sentence : PlanText.beside(book, period)) {
                page.text("%s: %s.".formatted(demand.periods().get(period).name(), sentence));
            }
        }
        book.training().jobs().forEach(page::text);
        PlanDeals.sentences(book).forEach(page::text);
        PlanText.standingBy(book).forEach(page::text);
        overTime(page);
        page.section("Simulated before it was printed");
        page.text(PlanText.checked(book));
        page.plots(missed());
        page.table(
                "Every run",
                new Grid(
                        PlanText.CHECK_HEAD,
                        PlanText.checkRows(book, book.verified().outcomes())));
        losses(page);
        page.section("What the evidence allows");
        PlanText.evidence(book).forEach(page::text);
        page.table("Timing of the deployments", timing());
        WhatIfPages.page(book, palette, page);
        page.section("Which pool takes what");
        page.table("Split in the busiest hour", routes());
        if (!book.inputs().notes().isEmpty()) {
            page.section("What to know");
            book.inputs().notes().forEach(page::text);
        }
        return page;
    }

    private List<Page.Tile> tiles() {
        List<Page.Tile> tiles = new ArrayList<>();
        tiles.add(new Page.Tile(
                "cost",
                DealPages.usd(book.promisedUsdPerMonth()),
                "a month" + PlanText.dealing(book.dealsUsd()).replace(" and deals", ", beside deals"),
                null));
        tiles.add(new Page.Tile(
                "a million good tokens",
                Numbers.usd(book.usdPerMillionGood()),
                "answer tokens within their objective, as simulated",
                null));
        double least = book.normal().stream()
                .mapToDouble(each -> each.report().attainment())
                .min()
                .orElse(Double.NaN);
        tiles.add(new Page.Tile(
                "objectives met",
                Double.isNaN(least) ? "-" : Numbers.percent(least),
                "in the worst hour; needed %s".formatted(Numbers.percent(ReplicaRate.KEPT)),
                Double.isNaN(least) ? null : (Boolean) (least >= ReplicaRate.KEPT)));
        Map<String, Boolean> survived = new LinkedHashMap<>();
        book.losses().stream()
                .filter(each -> each.trial().promised())
                .forEach(each -> survived.merge(PlanText.lost(each), each.kept(), (one, other) -> one && other));
        int promised = survived.size();
        long kept = survived.values().stream().filter(each -> each).count();
        tiles.add(new Page.Tile(
                "losses survived",
                promised == 0 ? "none asked" : "%d of %d".formatted(kept, promised),
                promised == 0 ? "maybe --lose vendor@80%" : "each as promised, first minutes included",
                promised == 0 ? null : (Boolean) (kept == promised)));
        Map.Entry<String, Double> largest = book.tokenShares().entrySet().stream()
                .max(Map.Entry.comparingByValue())
                .orElse(Map.entry("none", 0.0));
        tiles.add(new Page.Tile(
                "largest vendor", Numbers.percent(largest.getValue()), "of the tokens: " + largest.getKey(), null));
        tiles.addAll(FrontierPages.tiles(book));
        tiles.addAll(PlanDeals.tiles(book));
        if (book.bands() != null) {
            tiles.add(new Page.Tile(
                    "another mix inside a band",
                    book.bands().flips().isEmpty()
                            ? "no"
                            : PlanText.some(
                                    (int) book.bands().flips().stream()
                                            .map(Bands.Flip::chip)
                                            .distinct()
                                            .count(),
                                    "chip"),
                    book.bands().flips().isEmpty() ? "the decision stands" : "measure before signing; see below",
                    book.bands().flips().isEmpty()));
        }
        return tiles;
    }

    /** By chip, since a vendor may have several; chips of one vendor have shades of its colour. */
    private Plot shares() {
        Map<String, Double> tokens = Bands.shares(book.problem(), book.plan());
        Map<String, Double> spend = book.spendByChip();
        Set<String> chips = new LinkedHashSet<>(tokens.keySet());
        chips.addAll(spend.keySet());
        List<Bars.Bar> bars = new ArrayList<>();
        Palette shades = new Palette();
        for (String chip : chips) {
            bars.add(new Bars.Bar(
                    chip,
                    shades.of(chip.replaceFirst("/.*", ""), chip),
                    tokens.getOrDefault(chip, 0.0),
                    spend.getOrDefault(chip, 0.0)));
        }
        return new Bars(
                "Which chip carries what",
                "Of the tokens planned and of the money, over the whole plan.",
                List.of("tokens", "spend"),
                Axis.share("share"),
                bars,
                true,
                Double.NaN);
    }

    private Plot spend() {
        List<PlanBook.Wanted> first = book.wanted(0);
        List<String> names = first.stream().map(PlanBook.Wanted::pool).toList();
        double[] usd = first.stream().mapToDouble(PlanBook.Wanted::usdPerMonth).toArray();
        return new Bars(
                "Cost of each pool",
                "Dollars a month in the first period.",
                names,
                Axis.of("cost", "$"),
                List.of(new Bars.Bar("cost a month", palette.of("cost"), usd)),
                false,
                Double.NaN);
    }

    private Grid wanted() {
        List<List<String>> rows = new ArrayList<>();
        for (int period = 0; period < demand.periods().size(); period = book.lastAs(period) + 1) {
            for (PlanBook.Wanted wanted : book.wantedUntilChange(period)) {
                rows.add(List.of(
                        wanted.pool(),
                        demand.periods().get(period).from().toString(),
                        wanted.lot().chip(),
                        wanted.chips() == 0 ? "-" : wanted.count(),
                        wanted.chips() == 0 ? "-" : String.valueOf(wanted.chips()),
                        wanted.lot().labels().getOrDefault("provider", ""),
                        PlanText.terms(wanted.lot()),
                        PlanText.carries(wanted),
                        String.format(Locale.ROOT, "%,.0f", wanted.usdPerMonth())));
            }
        }
        return new Grid(
                List.of("pool", "from", "chip", "replicas", "chips each", "provider", "terms", "tokens", "$ a month"),
                rows);
    }

    /** Replicas through the day and through the plan, where they change. */
    private void overTime(Page page) {
        List<Plot> plots = new ArrayList<>();
        int hours = demand.hours().size();
        int periods = demand.periods().size();
        if (hours > 1) {
            plots.add(new Bars(
                    "Chips through the day",
                    "In each typical hour of the first period.",
                    demand.hours().stream().map(Demand.Hour::name).toList(),
                    Axis.of("chips", ""),
                    bars(hours, (replicas, values) -> {
                        if (replicas.period() == 0) {
                            values[replicas.hour()] += replicas.count() * (double) replicas.chips();
                        }
                    }),
                    true,
                    Double.NaN));
        }
        if (periods > 1) {
            plots.add(new Bars(
                    "Chips through the plan",
                    "In the busiest hour of each period.",
                    demand.periods().stream().map(Demand.Period::name).toList(),
                    Axis.of("chips", ""),
                    bars(periods, (replicas, values) -> {
                        if (replicas.hour() == demand.peaks(1).getFirst()) {
                            values[replicas.period()] += replicas.count() * (double) replicas.chips();
                        }
                    }),
                    true,
                    Double.NaN));
        }
        if (!plots.isEmpty()) {
            page.plots(plots.toArray(new Plot[0]));
        }
    }

    private interface Adding {
        void add(Plan.Replicas replicas, double[] values);
    }

    private List<Bars.Bar> bars(int count, Adding adding) {
        Map<String, double[]> byPool = new LinkedHashMap<>();
        Map<String, String> vendors = new LinkedHashMap<>();
        for (Plan.Replicas replicas : book.plan().replicas()) {
            String pool = PlannedFleet.name(book.plan(), replicas);
            adding.add(replicas, byPool.computeIfAbsent(pool, _ -> new double[count]));
            Lot lot = book.lot(replicas.lot());
            vendors.put(pool, lot.labels().getOrDefault("vendor", pool));
        }
        List<Bars.Bar> bars = new ArrayList<>();
        byPool.forEach((pool, values) ->
                bars.add(new Bars.Bar(pool, palette.of(vendors.getOrDefault(pool, pool), pool), values)));
        return bars;
    }

    private Plot missed() {
        List<String> names = new ArrayList<>();
        List<Double> values = new ArrayList<>();
        for (Trial.Outcome outcome : PlanText.worst(book.verified().outcomes())) {
            names.add(PlanText.lost(outcome) + PlanText.when(book, outcome));
            values.add(1 - outcome.report().attainment());
        }
        return new Bars(
                "How close to the objective",
                "Share of requests that missed it, refused ones included, over the whole run, in the hour that did"
                        + " worst as planned and with each thing lost; the line is what may miss where all is to be"
                        + " served.",
                names,
                Axis.share("missed"),
                List.of(new Bars.Bar(
                        "missed",
                        palette.of("missed"),
                        values.stream().mapToDouble(each -> each).toArray())),
                false,
                1 - ReplicaRate.KEPT);
    }

    private void losses(Page page) {
        List<String> sentences = PlanText.losses(book);
        if (sentences.isEmpty()) {
            return;
        }
        page.section("What each loss leaves");
        sentences.forEach(page::text);
        List<Plot> plots = new ArrayList<>();
        for (Trial.Outcome outcome : PlanText.worstLosses(book)) {
            Trial.Loss loss = outcome.trial().lost();
            List<Report.OfOutage> outages = outcome.report().outages();
            if (loss != null && !outages.isEmpty()) {
                plots.add(RunPlots.loss(
                        palette, outcome.trial().name(demand).replaceFirst(".* without ", ""), outages.getFirst()));
            }
        }
        for (int i = 0; i < plots.size(); i += 2) {
            page.plots(plots.subList(i, Math.min(i + 2, plots.size())).toArray(new Plot[0]));
        }
    }

    private Grid timing() {
        List<List<String>> rows = new ArrayList<>();
        book.question().candidates().stream()
                .filter(candidate -> book.plan().routes().stream()
                        .anyMatch(route -> route.capacity().equals(candidate.name())))
                .forEach(candidate -> rows.add(List.of(
                        candidate.name(),
                        candidate.template().deployment().engine().toString(),
                        candidate.template().deployment().precision().id(),
                        Evidence.word(candidate.profile()),
                        "±" + Numbers.percent(candidate.profile().band()),
                        candidate.profile().source().origin() + ", "
                                + candidate.profile().source().date())));
        return new Grid(List.of("deployment", "engine", "precision", "timing", "band", "source"), rows);
    }

    private Grid routes() {
        int peak = demand.peaks(1).getFirst();
        List<List<String>> rows = new ArrayList<>();
        for (Plan.Route route : book.plan().routes()) {
            if (route.period() == 0 && route.hour() == peak) {
                rows.add(List.of(
                        demand.buckets().get(route.bucket()).name(),
                        route.capacity(),
                        Numbers.plain(route.perSecond()),
                        Numbers.percent(route.share())));
            }
        }
        return new Grid(List.of("requests", "deployment", "a second", "share"), rows);
    }
}
