package io.polychip.cli;

import io.polychip.fleet.Deals;
import io.polychip.fleet.Objective;
import io.polychip.planner.Bucket;
import io.polychip.planner.Candidate;
import io.polychip.planner.Capacity;
import io.polychip.planner.Demand;
import io.polychip.planner.Lot;
import io.polychip.planner.PlanException;
import io.polychip.planner.PlannedFleet;
import io.polychip.planner.Planner;
import io.polychip.planner.Problem;
import io.polychip.planner.ReplicaRate;
import io.polychip.planner.Rules;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** All that a plan is made from, read and checked. */
record PlanInputs(
        Path file,
        PlanDemand demand,
        Demand typical,
        List<Candidate> candidates,
        List<Lot> lots,
        Rules rules,
        Deals deals,
        PlannedFleet.Service service,
        int rounds,
        List<String> notes) {
    /** Kinds of requests that nothing serves, each in a line of its own. */
    private static final int SHOWN = 3;

    /** @throws CommandException where something asked for can be served by nothing that is offered */
    Planner.Question question() {
        List<Capacity> capacities = new ArrayList<>();
        candidates.forEach(
                candidate -> capacities.add(candidate.capacity(typical, service.objectives(), service.catalogue())));
        if (lots.isEmpty() || capacities.isEmpty()) {
            throw new CommandException(
                    "Nothing is offered that serves %s. Maybe --deals FILE with offers, or --catalog."
                            .formatted(String.join(", ", service.models().keySet())));
        }
        List<String> unserved = new ArrayList<>();
        for (int bucket = 0; bucket < typical.buckets().size(); bucket++) {
            int at = bucket;
            if (capacities.stream().noneMatch(capacity -> capacity.serves(at) && offered(capacity))) {
                unserved.add(unserved(typical.buckets().get(bucket)));
            }
        }
        if (unserved.size() > SHOWN + 1) {
            String more = "%d further kinds of requests likewise.".formatted(unserved.size() - SHOWN);
            unserved.subList(SHOWN, unserved.size()).clear();
            unserved.add(more);
        }
        if (!unserved.isEmpty()) {
            throw new CommandException(String.join(System.lineSeparator(), unserved));
        }
        Problem problem = new Problem(typical, capacities, lots, rules, deals);
        return new Planner.Question(problem, candidates, service, 1 / demand.burst(), rounds).under(rules);
    }

    private boolean offered(Capacity capacity) {
        return lots.stream().anyMatch(lot -> switch (lot) {
            case Lot.Chips chips -> capacity.chips() > 0 && chips.chip().equals(capacity.chip());
            case Lot.Hosted hosted -> hosted.name().equals(capacity.name());
        });
    }

    /** What was asked, and the best that anything offered can do of it. */
    private String unserved(Bucket bucket) {
        Objective objective = service.objectives().getOrDefault(bucket.requestClass(), Objective.NONE);
        String asked = "%s: %s asks for prompts of %.0f and answers of %.0f tokens"
                .formatted(
                        where(bucket),
                        bucket.requestClass().name().toLowerCase(Locale.ROOT),
                        bucket.inputTokens(),
                        bucket.outputTokens());
        List<Candidate> able =
                candidates.stream().filter(candidate -> candidate.takes(bucket)).toList();
        if (able.isEmpty()) {
            return asked
                    + " of %s; nothing that is offered runs it with a context of %.0f tokens. Maybe another chip or layout."
                            .formatted(bucket.model(), bucket.tokens());
        }
        Candidate first = best(able, bucket, ReplicaRate::ttftNanos);
        Candidate next = best(able, bucket, ReplicaRate::itlNanos);
        return asked
                + " with a first token within %s and %s between tokens; no chip that is offered can: the best first token is %.0f ms on %s, the best time between tokens %.1f ms on %s. Maybe a longer objective, or an offer of a faster chip."
                        .formatted(
                                millis(objective.ttftNanos((int) bucket.inputTokens())),
                                millis(objective.itlNanos()),
                                first.rate(bucket, service.objectives()).ttftNanos() / 1e6,
                                first.name(),
                                next.rate(bucket, service.objectives()).itlNanos() / 1e6,
                                next.name());
    }

    private static String millis(long nanos) {
        return nanos == Long.MAX_VALUE ? "any time" : "%d ms".formatted(nanos / 1_000_000);
    }

    private Candidate best(List<Candidate> able, Bucket bucket, ToDoubleFunction<ReplicaRate> figure) {
        return able.stream()
                .min(Comparator.comparingDouble(
                        candidate -> figure.applyAsDouble(candidate.rate(bucket, service.objectives()))))
                .orElseThrow(() -> new PlanException("Nothing is left to choose from."));
    }

    /** File and, where a demand file speaks of it, line. */
    private String where(Bucket bucket) {
        if (demand instanceof PlanDemand.Typical typicalHours) {
            return typicalHours.workload().traffic().stream()
                    .filter(traffic ->
                            traffic.model().equals(bucket.model()) && traffic.requestClass() == bucket.requestClass())
                    .findFirst()
                    .map(traffic -> "%s:%d".formatted(file, traffic.line()))
                    .orElse(file.toString());
        }
        return file.toString();
    }
}
