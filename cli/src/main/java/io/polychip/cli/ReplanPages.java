package io.polychip.cli;

import io.polychip.report.Numbers;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/** A plan held to what a gateway saw, for the terminal and for machines. */
final class ReplanPages {
    private ReplanPages() {}

    static String text(ReplanBook book) {
        StringBuilder text = new StringBuilder();
        List<String> alerts = book.alerts();
        text.append(
                alerts.isEmpty()
                        ? "All is as planned.\n"
                        : "To be looked at:\n  " + String.join("\n  ", alerts) + "\n");
        text.append("%s: %s of %s, held to the hour \"%s\" of the plan.%n%n"
                .formatted(
                        book.live().from(),
                        Numbers.clock(book.live().seconds()),
                        book.live().day(),
                        book.hour()));
        Table rates = new Table("model", "class", "forecast/s", "seen/s", "off");
        book.rates()
                .forEach(rate -> rates.row(
                        rate.kind().model(),
                        Figure.name(rate.kind().requestClass()),
                        Numbers.plain(rate.forecast()),
                        Numbers.plain(rate.seen()),
                        off(rate)));
        Table shares = new Table("vendor", "planned", "seen");
        book.shares()
                .forEach(share ->
                        shares.row(share.vendor(), Numbers.percent(share.planned()), Numbers.percent(share.seen())));
        Table attained = new Table("class", "promised", book.live().exact() ? "met" : "met, about");
        book.attained()
                .forEach(each -> attained.row(
                        Figure.name(each.requestClass()),
                        Numbers.percent(each.promised()),
                        Numbers.percent(each.seen())));
        Table counts = new Table("pool", "planned", "wanted now");
        book.counts().forEach(count -> counts.row(count.pool(), count.planned(), count.wanted()));
        text.append(rates)
                .append('\n')
                .append(shares)
                .append('\n')
                .append(attained)
                .append('\n')
                .append(counts);
        text.append(cost(book)).append('\n');
        if (!book.bound().isEmpty()) {
            Table bound = new Table("commitment", "used of what was planned", "$ a month", "wasted");
            book.bound()
                    .forEach(each -> bound.row(
                            each.pool(),
                            Numbers.percent(each.used()),
                            String.format(Locale.ROOT, "%,.0f", each.usdPerMonth()),
                            String.format(Locale.ROOT, "%,.0f", each.wastedUsd())));
            text.append('\n').append(bound);
        }
        return text.toString();
    }

    private static String off(ReplanBook.Rate rate) {
        return Double.isFinite(rate.off()) ? String.format(Locale.ROOT, "%+.0f %%", rate.off() * 100) : "not forecast";
    }

    private static String cost(ReplanBook book) {
        String wanted = "%s a month of now".formatted(Numbers.usd(book.wantedUsd()));
        if (!Double.isFinite(book.keptUsd())) {
            return "The planned counts do not serve the present demand as promised; those wanted now cost %s."
                    .formatted(wanted);
        }
        return book.drifts()
                ? "The planned counts serve the present demand for %s; those wanted now cost %s."
                        .formatted(Numbers.usd(book.keptUsd()), wanted)
                : "The planned counts serve the present demand, and no others do it for more than 2 %% less: they stay (%s)."
                        .formatted(wanted);
    }

    /** What somebody is to look at, in words. */
    static List<String> alerts(ReplanBook book) {
        List<String> alerts = new ArrayList<>();
        for (ReplanBook.Rate rate : book.rates()) {
            if (Math.abs(rate.off()) > book.tolerance()) {
                alerts.add("%s, %s: %s requests a second came, %s were forecast (%s)."
                        .formatted(
                                rate.kind().model(),
                                Figure.name(rate.kind().requestClass()),
                                Numbers.plain(rate.seen()),
                                Numbers.plain(rate.forecast()),
                                off(rate)));
            }
        }
        for (ReplanBook.Share share : book.shares()) {
            if (Math.abs(share.seen() - share.planned()) > book.tolerance()) {
                alerts.add("%s carries %s of the tokens, planned were %s."
                        .formatted(share.vendor(), Numbers.percent(share.seen()), Numbers.percent(share.planned())));
            }
        }
        for (ReplanBook.Attained each : book.attained()) {
            if (!each.kept()) {
                alerts.add("%s: %s of the requests met their objective, promised were %s."
                        .formatted(
                                Figure.name(each.requestClass()),
                                Numbers.percent(each.seen()),
                                Numbers.percent(each.promised())));
            }
        }
        if (book.drifts()) {
            alerts.add(changes(book));
        }
        for (ReplanBook.Bound each : book.bound()) {
            if (each.used() < book.under()) {
                alerts.add("The commitment %s does %s of what was planned for it: %s a month wasted."
                        .formatted(each.pool(), Numbers.percent(each.used()), Numbers.usd(each.wastedUsd())));
            }
        }
        return alerts;
    }

    private static String changes(ReplanBook book) {
        List<String> changes = new ArrayList<>();
        book.counts().stream()
                .filter(count -> count.planned() != count.wanted())
                .forEach(count ->
                        changes.add("%s from %d to %d".formatted(count.pool(), count.planned(), count.wanted())));
        return "Wanted counts: %s."
                .formatted(
                        changes.isEmpty() ? "as planned in this hour, others in another" : String.join(", ", changes));
    }

    static String json(ReplanBook book) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("alerts", book.alerts());
        json.put("from", book.live().from());
        json.put("day", book.live().day().toString());
        json.put("seconds", book.live().seconds());
        json.put("hour", book.hour());
        json.put(
                "rates",
                book.rates().stream()
                        .map(rate -> Map.of(
                                "model", rate.kind().model(),
                                "class", Figure.name(rate.kind().requestClass()),
                                "forecastPerSecond", rate.forecast(),
                                "seenPerSecond", rate.seen()))
                        .toList());
        json.put("shares", book.shares());
        json.put("attained", book.attained());
        json.put("attainmentExact", book.live().exact());
        json.put("counts", book.counts());
        json.put("drifts", book.drifts());
        json.put("plannedCountsServe", Double.isFinite(book.keptUsd()));
        json.put("usdPerMonth", book.wantedUsd());
        json.put("commitments", book.bound());
        return JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsString(json) + System.lineSeparator();
    }
}
