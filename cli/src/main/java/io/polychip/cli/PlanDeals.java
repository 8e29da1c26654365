package io.polychip.cli;

import io.polychip.fleet.Deal;
import io.polychip.fleet.DealPart;
import io.polychip.fleet.Span;
import io.polychip.planner.DealTurns;
import io.polychip.planner.DealValue;
import io.polychip.planner.Plan;
import io.polychip.report.Page;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import org.jspecify.annotations.Nullable;

/** What a plan makes of the deals it was offered, in sentences. */
final class PlanDeals {
    private static final double NEARLY = 0.05;
    private static final double SAME = 1e-9;
    private static final double BARELY = 10;

    private PlanDeals() {}

    /** Which deals are signed, and which of those offered are not, and what that is worth. */
    static List<String> sentences(PlanBook book) {
        List<String> sentences = new ArrayList<>();
        for (Deal deal : book.problem().deals().deals()) {
            Map<String, Double> paid = book.verified().taken().get(deal.name());
            String other = otherwise(book.plan(), book.otherwise().get(deal.name()), paid == null ? "with" : "without");
            if (paid == null) {
                sentences.add("Deal %s: leave it%s.".formatted(deal.name(), other));
            } else {
                sentences.add("Deal %s: %s; its parts pay %s%s."
                        .formatted(
                                deal.name(),
                                deal.taken() ? "signed already" : "take it",
                                paid.entrySet().stream()
                                        .map(part -> part.getKey() + " " + DealPages.usd(-part.getValue()))
                                        .collect(Collectors.joining(", ")),
                                other));
            }
            sentences.addAll(independence(book, deal.name(), paid != null));
            sentences.addAll(barely(book, deal));
            sentences.addAll(beyond(book, deal));
        }
        boolean open = book.problem().deals().deals().stream().anyMatch(deal -> !deal.taken());
        if (open && book.whatIf().sensitivity() == null) {
            sentences.add("Where each term of a deal, demand or a price turns that: maybe --sensitivity.");
        }
        return sentences;
    }

    /** Which deals to sign. */
    static List<Page.Tile> tiles(PlanBook book) {
        List<Deal> all = book.problem().deals().deals();
        if (all.isEmpty()) {
            return List.of();
        }
        List<String> taken = all.stream()
                .map(Deal::name)
                .filter(book.verified().taken()::containsKey)
                .toList();
        List<String> left = all.stream()
                .map(Deal::name)
                .filter(name -> !taken.contains(name))
                .toList();
        return List.of(new Page.Tile(
                "deals",
                "%d of %d".formatted(taken.size(), all.size()),
                (taken.isEmpty() ? "" : "take " + String.join(", ", taken))
                        + (taken.isEmpty() || left.isEmpty() ? "" : "; ")
                        + (left.isEmpty() ? "" : "leave " + String.join(", ", left)),
                null));
    }

    /** Who carries how much with a deal and without it. */
    private static List<String> independence(PlanBook book, String deal, boolean taken) {
        DealValue.Standing other = book.otherwise().get(deal);
        if (other == null || !other.possible()) {
            return List.of();
        }
        return List.of("Deal %s and independence: tokens %s without it, %s with it."
                .formatted(
                        deal,
                        carried(taken ? other.tokenShares() : book.tokenShares()),
                        carried(taken ? book.tokenShares() : other.tokenShares())));
    }

    private static String carried(Map<String, Double> shares) {
        return "%s (Herfindahl %.2f)".formatted(PlanText.percents(shares), Plan.concentration(shares));
    }

    /** What is to be known of a table of where a deal turns. */
    static List<String> turning(DealTurns turns) {
        List<String> sentences = new ArrayList<>();
        double usd = turns.worthUsd();
        sentences.add(
                "Deal %s, where it turns. With fractions of replicas taking it %s in dollars of now; \"worth\" is what it saves, below 0 what it costs."
                        .formatted(
                                turns.deal(),
                                Double.isNaN(usd)
                                        ? "or leaving it serves nothing, or there was no time"
                                        : Double.isInfinite(usd)
                                                ? usd > 0 ? "is the only way to serve all" : "serves nothing"
                                                : "%s %s"
                                                        .formatted(
                                                                usd >= 0 ? "saves" : "costs",
                                                                DealPages.usd(Math.abs(usd)))));
        if (!turns.left().isEmpty()) {
            sentences.add("Not looked at, for lack of time: %s. Maybe more --seconds."
                    .formatted(String.join(", ", turns.left())));
        }
        return sentences;
    }

    static Map<String, Object> json(DealTurns turns) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("deal", turns.deal());
        put(json, "worthWithFractionsUsd", turns.worthUsd());
        json.put(
                "turns",
                turns.turns().stream()
                        .map(turned -> {
                            DealValue.Turn turn = turned.turn();
                            Map<String, Object> one = new LinkedHashMap<>();
                            one.put("of", turn.knob());
                            one.put("unit", turn.unit());
                            one.put("now", turn.nowAt());
                            put(one, "breaksEvenBelow", turn.below());
                            put(one, "breaksEvenAbove", turn.above());
                            put(one, "worthAtLowUsd", turn.lowUsd());
                            put(one, "worthAtHighUsd", turn.highUsd());
                            one.put("insideBand", turned.insideBand());
                            return one;
                        })
                        .toList());
        json.put("notLookedAt", turns.left());
        return json;
    }

    private static void put(Map<String, Object> json, String name, double value) {
        if (Double.isFinite(value)) {
            json.put(name, value);
        }
    }

    /**
     * What the best plan costs that does the other thing with a deal: two searches, of which neither need have proven
     * its best, so that the difference is known within their bounds.
     */
    static String otherwise(Plan plan, DealValue.@Nullable Standing other, String how) {
        if (other == null) {
            return "";
        }
        if (!other.possible()) {
            return other.impossible()
                    ? "; %s it no plan of the offers there are keeps all that is asked, whatever it costs"
                            .formatted(how)
                    : "; no plan %s it was found in time, which proves nothing. Maybe polychip deals".formatted(how);
        }
        double more = other.usd() - plan.usd();
        if (Math.abs(more) <= SAME * Math.abs(plan.usd())) {
            return "; the best plan %s it that was found costs the same".formatted(how);
        }
        double least = more - other.doubtUsd();
        double most = other.usd() - plan.boundUsd();
        if (least >= 0 && most - least <= NEARLY * more) {
            return "; the best plan %s it costs %s more".formatted(how, DealPages.usd(more));
        }
        return least >= 0
                ? "; the best plan %s it costs %s to %s more, by what the searches proved"
                        .formatted(how, DealPages.usd(least), DealPages.usd(most))
                : "; whether the best plan %s it costs more is not proven: from %s less to %s more. Maybe polychip deals, which looks longer"
                        .formatted(how, DealPages.usd(-least), DealPages.usd(Math.max(0, most)));
    }

    /**
     * Where a deal asks for far more than the plan takes of it, its chips cost nothing more and nothing keeps their
     * number small.
     */
    private static List<String> barely(PlanBook book, Deal deal) {
        Map<String, Double> paid = book.verified().taken().getOrDefault(deal.name(), Map.of());
        double beyond = paid.entrySet().stream()
                .filter(part -> deal.clauses().stream()
                        .anyMatch(clause ->
                                clause.name().equals(part.getKey()) && clause.part() instanceof DealPart.MinimumTake))
                .mapToDouble(Map.Entry::getValue)
                .sum();
        double used = deal.offers().stream()
                .mapToDouble(offer -> DoubleStream.of(book.plan().spendUsd().getOrDefault(offer, new double[0]))
                        .sum())
                .sum();
        return beyond <= BARELY * used
                ? List.of()
                : List.of(
                        "Deal %s: this plan uses %s of what it must take and pays for %s unused: more of its chips cost nothing, so their counts may be more than are needed."
                                .formatted(deal.name(), DealPages.usd(used), DealPages.usd(beyond)));
    }

    /** What a deal asks for after the plan's end is in no figure. */
    private static List<String> beyond(PlanBook book, Deal deal) {
        LocalDate end = book.demand().periods().getLast().until();
        return deal
                .parts(DealPart.MinimumTake.class)
                .map(take -> take.span().until())
                .filter(until -> until.isAfter(end) && !until.equals(Span.OPEN))
                .max(LocalDate::compareTo)
                .map(until ->
                        "Deal %s binds until %s and this plan looks until %s: the minimum it asks for after that is in no figure here, though what it pays at first is. Maybe --horizon %dmo."
                                .formatted(
                                        deal.name(),
                                        until,
                                        end,
                                        ChronoUnit.MONTHS.between(
                                                book.demand()
                                                        .periods()
                                                        .getFirst()
                                                        .from(),
                                                until.plusDays(1))))
                .stream()
                .toList();
    }
}
