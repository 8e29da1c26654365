package io.polychip.cli;

import io.polychip.planner.Plan;
import io.polychip.planner.Trial;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/** A plan for machines; figures undiscounted unless their name says otherwise. */
final class PlanJson {
    private PlanJson() {}

    static String of(PlanBook book) {
        return JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsString(map(book))
                + System.lineSeparator();
    }

    private static Map<String, Object> map(PlanBook book) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("kept", book.verified().kept());
        json.put("stopped", book.verified().stopped());
        json.put("rounds", book.verified().rounds());
        json.put("usdPerMonth", book.promisedUsdPerMonth());
        json.put("usdPerMonthOfTokensBeyondPlan", book.beyondUsdPerMonth());
        double simulated = book.simulatedUsdPerMonth();
        json.put("usdPerMonthAsSimulated", Double.isNaN(simulated) ? null : simulated);
        json.put("usdPerMillionGoodTokens", book.usdPerMillionGood());
        json.put("presentUsd", book.plan().usd());
        json.put("presentBoundUsd", book.plan().boundUsd());
        json.put("gap", book.plan().gap());
        PlanEnergy energy = book.energy();
        json.put("energyMwhPerMonth", energy.kwh() / 1e3 / book.months());
        json.put("energyUsdPerMonth", energy.usd() / book.months());
        json.put("tonnesCo2PerMonth", energy.tonnes() / book.months());
        json.put("energyMwhPerMonthOfUnknownCarbon", energy.unknownKwh() / 1e3 / book.months());
        json.put("tonnesCo2PerYearAtMost", Double.isFinite(energy.tonnesCap()) ? energy.tonnesCap() : null);
        json.put("chipsOfEstimatedPower", energy.estimated());
        json.put("chipsOfUnknownPower", energy.unpublished());
        json.put("tokenShares", book.tokenShares());
        json.put("spendShares", book.spendShares());
        json.put("concentration", Plan.concentration(book.tokenShares()));
        json.put("headRoom", book.verified().room());
        json.put("periods", periods(book));
        json.put("commitments", commitments(book));
        json.put("dealsTaken", book.verified().taken());
        json.put("dealsPresentUsd", book.dealsUsd());
        Map<String, Object> otherwise = new LinkedHashMap<>();
        Map<String, Object> bounds = new LinkedHashMap<>();
        book.otherwise().forEach((deal, other) -> {
            otherwise.put(deal, other.possible() ? other.usd() : null);
            bounds.put(deal, other.possible() ? other.usd() - other.doubtUsd() : null);
        });
        json.put("presentUsdOtherwiseByDeal", otherwise);
        json.put("presentBoundUsdOtherwiseByDeal", bounds);
        json.put("buckets", book.demand().buckets());
        json.put("routes", routes(book));
        json.put("replicas", replicas(book));
        json.put("training", training(book));
        json.put("trainingUsdPerMonth", book.training().usd() / book.months());
        json.put(
                "trials",
                book.verified().outcomes().stream()
                        .map(outcome -> trial(book, outcome))
                        .toList());
        json.put("bands", book.bands());
        json.putAll(WhatIfPages.json(book));
        json.put("notes", book.inputs().notes());
        return json;
    }

    private static List<Map<String, Object>> periods(PlanBook book) {
        List<Map<String, Object>> periods = new ArrayList<>();
        for (int period = 0; period < book.demand().periods().size(); period++) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("name", book.demand().periods().get(period).name());
            one.put("from", book.demand().periods().get(period).from().toString());
            one.put("until", book.demand().periods().get(period).until().toString());
            one.put("growth", book.demand().periods().get(period).growth());
            one.put("usdPerMonth", book.usdPerMonth(period));
            one.put(
                    "pools",
                    book.wanted(period).stream()
                            .map(wanted -> {
                                Map<String, Object> pool = new LinkedHashMap<>();
                                pool.put("pool", wanted.pool());
                                pool.put("deployment", wanted.capacity());
                                pool.put("offer", wanted.lot().name());
                                pool.put("chip", wanted.lot().chip());
                                pool.put("leastReplicas", wanted.least());
                                pool.put("mostReplicas", wanted.most());
                                pool.put("chipsPerReplica", wanted.chips());
                                pool.put("tokenShare", wanted.tokens());
                                pool.put("usdPerMonth", wanted.usdPerMonth());
                                return pool;
                            })
                            .toList());
            periods.add(one);
        }
        return periods;
    }

    private static List<Map<String, Object>> commitments(PlanBook book) {
        return book.plan().commitments().stream()
                .map(each -> Map.<String, Object>of(
                        "offer", each.lot(),
                        "from",
                                book.demand()
                                        .periods()
                                        .get(each.period())
                                        .from()
                                        .toString(),
                        "chips", each.chips()))
                .toList();
    }

    /** Chips that train, with the same names as everything else. */
    private static List<Map<String, Object>> training(PlanBook book) {
        return book.plan().trainings().stream()
                .map(each -> Map.<String, Object>of(
                        "job", each.job(),
                        "offer", each.lot(),
                        "period", book.demand().periods().get(each.period()).name(),
                        "hour", book.demand().hours().get(each.hour()).name(),
                        "chips", each.chips()))
                .toList();
    }

    /** Counts in every typical hour, for {@code --replan}. */
    private static List<Map<String, Object>> replicas(PlanBook book) {
        return book.plan().replicas().stream()
                .map(each -> {
                    Map<String, Object> one = new LinkedHashMap<>();
                    one.put("deployment", each.capacity());
                    one.put("offer", each.lot());
                    one.put("period", book.demand().periods().get(each.period()).name());
                    one.put("hour", book.demand().hours().get(each.hour()).name());
                    one.put("count", each.count());
                    one.put("chipsPerReplica", each.chips());
                    return one;
                })
                .toList();
    }

    /** Which deployment takes how much of a bucket. */
    static List<Map<String, Object>> routes(PlanBook book) {
        return book.plan().routes().stream()
                .map(route -> {
                    Map<String, Object> one = new LinkedHashMap<>();
                    one.put(
                            "period",
                            book.demand().periods().get(route.period()).name());
                    one.put("hour", book.demand().hours().get(route.hour()).name());
                    one.put(
                            "bucket",
                            book.demand().buckets().get(route.bucket()).name());
                    one.put("deployment", route.capacity());
                    one.put("requestsPerSecond", route.perSecond());
                    one.put("share", route.share());
                    return one;
                })
                .toList();
    }

    private static Map<String, Object> trial(PlanBook book, Trial.Outcome outcome) {
        Map<String, Object> one = new LinkedHashMap<>();
        one.put("name", outcome.trial().name(book.demand()));
        Trial.Loss loss = outcome.trial().lost();
        one.put("lost", loss == null ? "" : loss.label() + "=" + loss.value());
        one.put("promised", outcome.trial().promised());
        one.put("kept", outcome.kept());
        one.put("cutInFlight", outcome.cut());
        Map<String, Object> classes = new LinkedHashMap<>();
        outcome.report().classes().forEach(each -> {
            Map<String, Object> figures = new LinkedHashMap<>();
            figures.put("attained", outcome.attained().getOrDefault(each.requestClass(), 0.0));
            figures.put("attainedInWholeRun", each.attainment());
            figures.put("needed", outcome.needed().getOrDefault(each.requestClass(), 0.0));
            figures.put("arrived", each.arrived());
            figures.put("refused", each.refused());
            figures.put("failed", each.failed());
            figures.put("ttftP99Ms", each.ttftNanos().quantile(0.99) / 1e6);
            figures.put("itlP99Ms", each.itlNanos().quantile(0.99) / 1e6);
            classes.put(each.requestClass().name().toLowerCase(Locale.ROOT), figures);
        });
        one.put("classes", classes);
        one.put("usdPerMillionGoodTokens", outcome.report().usdPerMillionGood());
        double hours = Figure.hours(outcome.report());
        one.put(
                "pools",
                outcome.report().pools().stream()
                        .map(pool -> {
                            Map<String, Object> figures = new LinkedHashMap<>();
                            figures.put("pool", pool.pool());
                            figures.put("replicas", pool.hosted() ? 0 : pool.replicas() * outcome.parts());
                            figures.put("sentPerSecond", pool.sent() / hours / 3600 * outcome.parts());
                            figures.put("tokensPerSecond", pool.allTokens() / hours / 3600 * outcome.parts());
                            figures.put("usdPerHour", pool.usd() / hours * outcome.parts());
                            figures.put("busyShare", pool.busyShare());
                            return figures;
                        })
                        .toList());
        return one;
    }
}
