package io.polychip.cli;

import io.polychip.fleet.Catalogue;
import io.polychip.fleet.CatalogueReader;
import io.polychip.performance.Profiles;
import io.polychip.planner.Bands;
import io.polychip.planner.Bucket;
import io.polychip.planner.Lot;
import io.polychip.planner.Plan;
import io.polychip.planner.Planner;
import io.polychip.planner.Trial;
import io.polychip.report.Numbers;
import io.polychip.simulator.Report;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;

/** A plan for the terminal, and the sentences its other pages share. */
final class PlanText {
    private PlanText() {}

    static String of(PlanBook book) {
        StringBuilder text = new StringBuilder();
        line(text, verdict(book));
        line(text, asked(book));
        text.append('\n');
        for (int period = 0; period < book.demand().periods().size(); period = book.lastAs(period) + 1) {
            if (period > 0 || book.demand().periods().size() > 1) {
                line(text, period(book, period));
            }
            text.append(fleet(book, period));
            beside(book, period).forEach(sentence -> line(text, sentence));
            text.append('\n');
        }
        line(text, cost(book));
        line(text, shares(book));
        book.energy().sentences(book.months()).forEach(sentence -> line(text, sentence));
        book.training().jobs().forEach(sentence -> line(text, sentence));
        PlanDeals.sentences(book).forEach(sentence -> line(text, sentence));
        standingBy(book).forEach(sentence -> line(text, sentence));
        text.append('\n');
        text.append(checks(book));
        for (String sentence : losses(book)) {
            line(text, sentence);
        }
        line(text, checked(book));
        text.append('\n');
        for (String sentence : evidence(book)) {
            line(text, sentence);
        }
        text.append(WhatIfPages.text(book));
        book.inputs().notes().forEach(note -> line(text, note));
        return text.toString();
    }

    private static void line(StringBuilder text, String sentence) {
        text.append(sentence).append('\n');
    }

    /** The first thing to read: what it costs and whether it holds. */
    static String verdict(PlanBook book) {
        double training = book.training().usd() / book.months();
        double energy = book.energy().usd() / book.months();
        String size = "%s a month%s%s%s%s, %s per million good tokens"
                .formatted(
                        DealPages.usd(book.promisedUsdPerMonth()),
                        beyond(book),
                        training < 0.5 ? "" : " (of it %s for training)".formatted(DealPages.usd(training)),
                        energy < 0.5 ? "" : " and %s for energy and carbon".formatted(DealPages.usd(energy)),
                        dealing(book.dealsUsd()),
                        Numbers.usd(book.usdPerMillionGood()));
        if (book.verified().kept()) {
            return "%s. Simulated: every objective and every promise held.".formatted(size);
        }
        return book.verified().outcomes().isEmpty()
                ? "%s. NOT simulated: it was stopped before that.".formatted(size)
                : "%s. NOT kept in simulation after %d rounds: %s"
                        .formatted(size, book.verified().rounds(), worst(book.verified()));
    }

    /** What the programme does not see. */
    private static String beyond(PlanBook book) {
        double usd = book.beyondUsdPerMonth();
        return usd < Math.max(0.5, 0.001 * book.usdPerMonth())
                ? ""
                : " (of it %s for tokens that the router buys while chips are full for a moment, and to look at APIs)"
                        .formatted(DealPages.usd(usd));
    }

    static String dealing(double usd) {
        return Math.abs(usd) < 1
                ? ""
                : " and deals that %s %s in dollars of now"
                        .formatted(usd > 0 ? "cost" : "bring", DealPages.usd(Math.abs(usd)));
    }

    /** The run that misses most, in words. */
    static String worst(Planner.Verified verified) {
        return verified.outcomes().stream()
                .filter(each -> !each.kept())
                .min(Comparator.comparingDouble(Trial.Outcome::margin))
                .map(each -> "%s: %s%s"
                        .formatted(
                                each.trial().name(verified.problem().demand().merged()),
                                missed(each),
                                each.trial().lost() == null || !each.guilty().isEmpty()
                                        ? ""
                                        : "; all of it answers cut in flight, which no head-room helps: maybe"
                                                + " more vendors, or a lower share to be survived"))
                .orElse("it was not simulated");
    }

    private static String missed(Trial.Outcome outcome) {
        return outcome.attained().entrySet().stream()
                .filter(each -> each.getValue() < outcome.needed().getOrDefault(each.getKey(), 0.0))
                .map(each -> "%s met by %s, needed %s"
                        .formatted(
                                Figure.name(each.getKey()),
                                Numbers.percent(each.getValue()),
                                Numbers.percent(outcome.needed().getOrDefault(each.getKey(), 0.0))))
                .collect(Collectors.joining(", "));
    }

    static String asked(PlanBook book) {
        return "Asked: %s; %s, %s, %s from %s."
                .formatted(
                        book.inputs().demand().words(),
                        some(book.demand().buckets().size(), "bucket"),
                        some(book.problem().demand().hours().size(), "typical hour"),
                        some(book.demand().periods().size(), "period"),
                        book.demand().periods().getFirst().from());
    }

    static String some(int count, String what) {
        return "%d %s%s".formatted(count, what, count == 1 ? "" : "s");
    }

    private static String period(PlanBook book, int period) {
        return "%s to %s, demand x %.2f, %s a month"
                .formatted(
                        book.demand().periods().get(period).from(),
                        book.demand().periods().get(book.lastAs(period)).until(),
                        book.demand().periods().get(period).growth(),
                        DealPages.usd(book.usdPerMonth(period)));
    }

    private static String fleet(PlanBook book, int period) {
        Table table = new Table("pool", "chip", "replicas", "chips each", "terms", "tokens", "$ a month");
        for (PlanBook.Wanted wanted : book.wantedUntilChange(period)) {
            table.row(
                    wanted.pool(),
                    wanted.lot().chip(),
                    wanted.chips() == 0 ? "-" : wanted.count(),
                    wanted.chips() == 0 ? "-" : wanted.chips(),
                    terms(wanted.lot()),
                    carries(wanted),
                    String.format(Locale.ROOT, "%,.0f", wanted.usdPerMonth()));
        }
        return table.toString();
    }

    /** Its share of the tokens; chips that carry none are there for a loss, or for a deal. */
    static String carries(PlanBook.Wanted wanted) {
        return wanted.tokens() < 5e-5 ? "stands by" : Numbers.percent(wanted.tokens());
    }

    /** What a period's money buys beside replicas: chips that train, and those bound that nothing stands on. */
    static List<String> beside(PlanBook book, int period) {
        List<String> sentences = new ArrayList<>(book.training().sentences(period));
        List<String> training = book.training().shares(period).stream()
                .map(share -> share.lot().name())
                .toList();
        book.beyondReplicas(period).forEach((offer, usd) -> {
            if (usd >= 0.5 && !training.contains(offer)) {
                sentences.add("%s: bound for chips that no replica stands on, %s a month"
                        .formatted(offer, DealPages.usd(usd)));
            }
        });
        return sentences;
    }

    static String terms(Lot lot) {
        return switch (lot) {
            case Lot.Chips chips ->
                String.format(Locale.ROOT, "$%.3f an hour, ", chips.usdPerChipHour())
                        + switch (chips.kind()) {
                            case ON_DEMAND -> "on demand";
                            case SPOT -> "spot";
                            case COMMITTED -> chips.ownedChips() > 0 ? "committed already" : "committed";
                        };
            case Lot.Hosted hosted ->
                String.format(
                        Locale.ROOT,
                        "$%.3f in, $%.3f out per million",
                        hosted.usdPerMillionInput(),
                        hosted.usdPerMillionOutput());
        };
    }

    static String cost(PlanBook book) {
        Plan plan = book.plan();
        double simulated = book.simulatedUsdPerMonth();
        boolean dealing = Math.abs(book.dealsUsd()) >= 1;
        double rate = book.inputs().deals().discountRate();
        double energy = book.energy().usd();
        return "Cost: %s over %,.0f days, whose months have 730.5 hours%s%s%s; proven within %s of the best for this head-room%s."
                .formatted(
                        DealPages.usd(plan.spend()),
                        book.months() * PlanBook.HOURS_PER_MONTH / 24,
                        dealing ? ", for chips and tokens" + dealing(book.dealsUsd()) : "",
                        energy < 0.5 ? "" : ", and %s for energy and carbon".formatted(DealPages.usd(energy)),
                        rate == 0
                                ? dealing || energy >= 0.5 ? "; %s in all".formatted(DealPages.usd(plan.usd())) : ""
                                : "; all of it %s in dollars of %s at %s a year"
                                        .formatted(
                                                DealPages.usd(plan.usd()),
                                                book.inputs().deals().asOf(),
                                                Numbers.plain(rate * 100) + " %"),
                        // Beside a deal of billions a share of the whole would say nothing of the chips.
                        dealing
                                ? DealPages.usd(Math.max(0, plan.usd() - plan.boundUsd()))
                                : "%.2f %%".formatted(plan.gap() * 100),
                        Double.isNaN(simulated)
                                ? ""
                                : "; as simulated %s a month, commitments that idle aside"
                                        .formatted(DealPages.usd(simulated)));
    }

    static String shares(PlanBook book) {
        return "Tokens: %s (Herfindahl %.2f). Spend: %s."
                .formatted(
                        percents(book.tokenShares()),
                        Plan.concentration(book.tokenShares()),
                        percents(book.spendShares()));
    }

    static String percents(Map<String, Double> shares) {
        return shares.entrySet().stream()
                .filter(each -> each.getValue() > 0)
                .map(each -> "%s %s".formatted(each.getKey(), Numbers.percent(each.getValue())))
                .collect(Collectors.joining(", "));
    }

    /** How close each run came to the objective. */
    static List<List<String>> checkRows(PlanBook book, List<Trial.Outcome> outcomes) {
        List<List<String>> rows = new ArrayList<>();
        for (Trial.Outcome outcome : outcomes) {
            for (Report.OfClass each : outcome.report().classes()) {
                double needed = outcome.needed().getOrDefault(each.requestClass(), 0.0);
                double attained = outcome.attained().getOrDefault(each.requestClass(), 0.0);
                rows.add(List.of(
                        outcome.trial().name(book.demand()),
                        Figure.name(each.requestClass()),
                        Numbers.percent(attained),
                        outcome.trial().promised() ? Numbers.percent(needed) : "-",
                        !outcome.trial().promised() ? "not promised" : attained >= needed ? "kept" : "MISSED",
                        "%.0f".formatted(each.ttftNanos().quantile(0.99) / 1e6),
                        "%.1f".formatted(each.itlNanos().quantile(0.99) / 1e6),
                        "%,d".formatted(each.refused()),
                        "%,d".formatted(each.failed())));
            }
        }
        return rows;
    }

    static final List<String> CHECK_HEAD = List.of(
            "simulated", "class", "met", "needed", "", "TTFT p99, ms", "ITL p99, ms", "refused", "cut or failed");

    /** All runs, or where they are many the worst as planned and with each thing lost. */
    private static String checks(PlanBook book) {
        List<Trial.Outcome> all = book.verified().outcomes();
        List<Trial.Outcome> shown = all.size() <= MOST_RUNS ? all : worst(all);
        Table table = new Table(CHECK_HEAD.toArray(new String[0]));
        checkRows(book, shown).forEach(row -> table.row(row.toArray()));
        return table
                + (shown.size() == all.size()
                        ? ""
                        : "These are the worst of %d runs, of which %s; -o DIR and --html have them all.%n"
                                .formatted(
                                        all.size(),
                                        all.stream().allMatch(Trial.Outcome::kept)
                                                ? "all kept what was promised"
                                                : "%d did not keep what was promised"
                                                        .formatted(all.stream()
                                                                .filter(each -> !each.kept())
                                                                .count())));
    }

    private static final int MOST_RUNS = 9;

    /** The run nearest to a miss as planned, and with each thing lost. */
    static List<Trial.Outcome> worst(List<Trial.Outcome> all) {
        Map<String, Trial.Outcome> worst = new LinkedHashMap<>();
        all.forEach(outcome ->
                worst.merge(lost(outcome), outcome, (one, other) -> other.margin() < one.margin() ? other : one));
        return List.copyOf(worst.values());
    }

    /** Hosted APIs cost nothing until something is lost; what they take then is what their quota says. */
    static List<String> standingBy(PlanBook book) {
        if (book.problem().rules().survivals().isEmpty()) {
            return List.of();
        }
        List<String> sentences = new ArrayList<>();
        for (Lot lot : book.problem().lots()) {
            if (lot instanceof Lot.Hosted api) {
                List<String> limits = new ArrayList<>();
                if (Double.isFinite(api.requestsPerSecond())) {
                    limits.add("%,.0f requests".formatted(api.requestsPerSecond() * 60));
                }
                if (Double.isFinite(api.tokensPerSecond())) {
                    limits.add("%,.0f tokens".formatted(api.tokensPerSecond() * 60));
                }
                double used = DoubleStream.of(book.plan().spendUsd().getOrDefault(lot.name(), new double[0]))
                        .sum();
                sentences.add("%s stands by%s at no cost until something is lost, %s."
                        .formatted(
                                lot.name(),
                                used >= 0.5 ? ", beside what it carries," : "",
                                limits.isEmpty()
                                        ? "for as much as is asked, since no quota is stated. Maybe quota:"
                                                + " {tokens-per-minute: ...} in the file of offers or in the fleet's"
                                                + " pool"
                                        : "up to the %s a minute of its quota"
                                                .formatted(String.join(" and ", limits))));
            }
        }
        return sentences;
    }

    /** What each loss leaves, in the run that it hit hardest. */
    static List<String> losses(PlanBook book) {
        // A vendor with one provider and one engine is lost three times over, with one story.
        Map<String, List<String>> lost = new LinkedHashMap<>();
        for (Trial.Outcome outcome : worstLosses(book)) {
            String story =
                    LossStory.of("", outcome.report().outages().getFirst()).sentence();
            lost.computeIfAbsent(when(book, outcome) + story, _ -> new ArrayList<>())
                    .add(lost(outcome).substring("without ".length()));
        }
        List<String> sentences = new ArrayList<>();
        lost.forEach((story, names) -> sentences.add(String.join(", or ", names) + story));
        return sentences;
    }

    /** Of each thing lost the run that was nearest to a miss, or missed most. */
    static List<Trial.Outcome> worstLosses(PlanBook book) {
        return worst(book.losses().stream()
                .filter(each -> !each.report().outages().isEmpty())
                .toList());
    }

    static String lost(Trial.Outcome outcome) {
        Trial.Loss loss = outcome.trial().lost();
        return loss == null ? "as planned" : "without " + loss.label() + " " + loss.value();
    }

    static String when(PlanBook book, Trial.Outcome outcome) {
        boolean several = book.demand().periods().size() + book.demand().hours().size() > 2;
        return several ? " (" + outcome.trial().name(book.demand()).replaceFirst(" without .*", "") + ")" : "";
    }

    /** How often it was solved, and the head-room that took. */
    static String checked(PlanBook book) {
        Map<String, Double> room = book.verified().room();
        String rooms = book.plan().replicas().stream()
                .map(Plan.Replicas::capacity)
                .distinct()
                .sorted()
                .map(name -> "%s %.0f %%".formatted(name, (1 - room.getOrDefault(name, 1.0)) * 100))
                .collect(Collectors.joining(", "));
        int rounds = book.verified().rounds();
        String after = book.losses().isEmpty()
                ? ""
                : "Where something is lost, met is the share of requests that ended after it, those it cut or turned"
                        + " away counted as missed; a run stands for its hour, in which answers are cut once. ";
        return "%sSolved %s; head-room below what one replica can do alone: %s."
                .formatted(
                        after,
                        rounds == 1
                                ? "once"
                                : "%d times, each time with more head-room, since simulation showed misses"
                                        .formatted(rounds),
                        rooms.isEmpty() ? "none" : rooms);
    }

    /** What the bands of the profiles make of it. */
    static List<String> evidence(PlanBook book) {
        List<String> sentences = new ArrayList<>();
        Bands bands = book.bands();
        if (bands == null) {
            sentences.add("Stopped before the profiles' bands were looked at.");
            return sentences;
        }
        double deals = book.dealsUsd();
        double beside = book.plan().usd() - deals;
        double scale = beside == 0 ? 1 : book.usdPerMonth() / beside;
        sentences.add("Within one sigma of what is known of the chips' timing: %s%s%s."
                .formatted(
                        DealPages.usd((bands.fastUsd() - deals) * scale),
                        Double.isFinite(bands.slowUsd())
                                ? " to %s a month".formatted(DealPages.usd((bands.slowUsd() - deals) * scale))
                                : " a month where all are faster, and no plan was found where all are slower",
                        Math.abs(deals) < 1 ? "" : " beside what these deals pay"));
        Map<String, List<Bands.Flip>> byChip = new LinkedHashMap<>();
        bands.flips()
                .forEach(flip -> byChip.computeIfAbsent(flip.chip(), _ -> new ArrayList<>())
                        .add(flip));
        byChip.forEach((chip, flips) -> sentences.add(
                "Buy measured hours on %s before signing: its band decides. Were it one sigma (%.0f %%) %s."
                        .formatted(
                                chip,
                                flips.getFirst().band() * 100,
                                flips.stream()
                                        .map(flip -> "%s, it would carry %s of the tokens instead of %s, at %s a month"
                                                .formatted(
                                                        flip.faster() ? "faster" : "slower",
                                                        Numbers.percent(flip.otherShare()),
                                                        Numbers.percent(flip.share()),
                                                        DealPages.usd((beside - flip.savesUsd()) * scale)))
                                        .collect(Collectors.joining("; were it as much ")))));
        if (bands.flips().isEmpty()) {
            double open = (book.plan().usd() - book.plan().boundUsd()) * scale;
            sentences.add(
                    open < 0.5
                            ? "No other mix wins inside any chip's band."
                            : "No other mix was found inside any chip's band that wins more than the %s a month this search left open."
                                    .formatted(DealPages.usd(open)));
        }
        sentences.addAll(unmeasured(book));
        return sentences;
    }

    /** What to measure of the deployments in the plan that nobody measured. */
    private static List<String> unmeasured(PlanBook book) {
        Catalogue catalogue = CatalogueReader.shipped();
        Profiles profiles = new Profiles(catalogue);
        List<Bucket> buckets = book.demand().buckets();
        double[] prompts =
                buckets.stream().mapToDouble(Bucket::inputTokens).sorted().toArray();
        double[] answers =
                buckets.stream().mapToDouble(Bucket::outputTokens).sorted().toArray();
        MostTelling telling = new MostTelling(
                catalogue,
                Math.round(prompts[prompts.length / 2]),
                Math.round(prompts[prompts.length - 1]),
                Math.round(answers[answers.length / 2]));
        return book.question().candidates().stream()
                .filter(candidate -> !candidate.hosted() && !profiles.known(candidate.template()))
                .filter(candidate -> book.plan().replicas().stream()
                        .anyMatch(replicas -> replicas.capacity().equals(candidate.name())))
                .map(candidate -> "%s was never measured and is estimated; most would help, by polychip measure: %s."
                        .formatted(candidate.name(), telling.points(candidate.template(), candidate.profile())))
                .toList();
    }
}
