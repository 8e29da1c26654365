package io.polychip.validation;

import io.polychip.fleet.Deployment;
import io.polychip.performance.Kinship;
import io.polychip.performance.Memory;
import io.polychip.performance.PooledForm;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One published measurement of a chip.
 *
 * @param layouts how it may have been laid out; one where the source tells, else all that hold the model
 * @param concurrency requests under way, or the compiled batch; 0 where the load was bounded by memory and objective
 * @param limitSeconds longest time between tokens that the benchmark allows at the 99th percentile, 0 for none
 * @param measured seconds between tokens, or answer tokens per second and chip; {@link Kind} tells which
 */
record ChipPoint(
        String source,
        List<Deployment> layouts,
        Kind kind,
        int concurrency,
        double promptTokens,
        double answerTokens,
        double limitSeconds,
        double measured) {
    /** What was measured, and under which load. */
    enum Kind {
        /** So many requests always under way: time between tokens. */
        CLOSED,
        /** The same with a compiled batch and cache, prompts apart: time between tokens. */
        COMPILED,
        /** So many requests always under way: tokens per second and chip. */
        CLOSED_RATE,
        /** All requests there from the start: tokens per second and chip. */
        OFFLINE,
        /** Most requests at random times that keep a time between tokens: tokens per second and chip. */
        SERVER,
        /** The same with an objective for conversations. */
        INTERACTIVE;

        boolean closed() {
            return this == CLOSED || this == COMPILED || this == CLOSED_RATE;
        }

        boolean timed() {
            return this == CLOSED || this == COMPILED;
        }
    }

    /** Sequences an engine decodes at once when memory does not forbid it. */
    private static final double MOST_SEQUENCES = 1024;

    /** Mean time between tokens against the 99th percentile of it under random arrivals: MLPerf Server logs. */
    private static final double MEAN_OF_LIMIT = 0.85;

    /** The form where it was measured: which layout, how many sequences, and what each coefficient is multiplied by. */
    record Operating(Deployment deployment, double sequences, double[] terms) {
        double seconds(double[] coefficients) {
            return dot(terms, coefficients);
        }
    }

    Deployment deployment() {
        return layouts.getFirst();
    }

    String vendor() {
        return deployment().chip().vendor();
    }

    /** Points of one deployment and kind of load, which a sweep may give many of. */
    String group() {
        Deployment d = deployment();
        return String.join(
                " ",
                d.chip().id(),
                d.model().id(),
                d.precision().id(),
                d.engine().name(),
                layouts.size() > 1 ? "any" : String.valueOf(d.layout().tensor()),
                load());
    }

    private String load() {
        return kind.closed() ? "closed" : kind.name().toLowerCase(Locale.ROOT);
    }

    /**
     * Where the form says this point was measured. A closed load decodes all that are neither being prefilled nor wait
     * for room; a benchmark of throughput runs the layout and batch with the most tokens per second and chip that
     * memory and its objective allow.
     */
    Operating operating(double[] coefficients) {
        if (kind.closed()) {
            Deployment deployment = deployment();
            return at(deployment, kind == Kind.COMPILED ? concurrency : closedBatch(deployment, coefficients));
        }
        @Nullable Operating best = null;
        double most = -1;
        for (Deployment layout : layouts) {
            Operating operating = at(layout, largestBatch(layout, coefficients));
            double seconds = operating.seconds(coefficients);
            double rate = operating.sequences() / seconds / layout.layout().chips();
            if (limitSeconds > 0 && seconds > limitSeconds) {
                rate /= 10; // a layout that cannot keep the objective even with one sequence
            }
            if (rate > most) {
                most = rate;
                best = operating;
            }
        }
        return Objects.requireNonNull(best);
    }

    /** Seconds per step that were measured, if so many sequences decoded. */
    double measuredSeconds(Operating operating) {
        return kind.timed()
                ? measured
                : operating.sequences()
                        / (measured * operating.deployment().layout().chips());
    }

    /** Logarithm of measured over predicted time. */
    double error(double[] coefficients) {
        Operating operating = operating(coefficients);
        return StrictMath.log(measuredSeconds(operating) / operating.seconds(coefficients));
    }

    Kinship.Trait trait(double[] coefficients) {
        Operating operating = operating(coefficients);
        double[] terms = operating.terms().clone();
        for (int i = 0; i < terms.length; i++) {
            terms[i] *= coefficients[i];
        }
        double[] place = {
            StrictMath.log(operating.sequences()),
            StrictMath.log(promptTokens),
            StrictMath.log(answerTokens),
            StrictMath.log(operating.deployment().layout().tensor())
        };
        return Kinship.Trait.of(deployment(), load(), group(), terms, place);
    }

    private Operating at(Deployment deployment, double sequences) {
        double reach = sequences * (promptTokens + answerTokens * (kind == Kind.COMPILED ? 1 : 0.5));
        double[] terms = PooledForm.stepTerms(deployment, sequences, reach);
        if (kind != Kind.COMPILED) {
            double prompts = sequences / answerTokens;
            add(
                    terms,
                    PooledForm.promptTerms(
                            deployment, prompts * promptTokens, prompts * promptTokens * promptTokens / 2));
        }
        return new Operating(deployment, sequences, terms);
    }

    private double room(Deployment deployment) {
        return Math.max(1, Memory.of(deployment).kvTokens() / (promptTokens + answerTokens / 2));
    }

    private double closedBatch(Deployment deployment, double[] coefficients) {
        double room = room(deployment);
        double batch = Math.min(concurrency, room);
        double prompt =
                dot(PooledForm.promptTerms(deployment, promptTokens, promptTokens * promptTokens / 2), coefficients);
        for (int round = 0; round < 3; round++) {
            double answer = at(deployment, batch).seconds(coefficients) * answerTokens;
            batch = Math.clamp(concurrency * answer / (answer + prompt), 1, room);
        }
        return batch;
    }

    private double largestBatch(Deployment deployment, double[] coefficients) {
        double most = Math.min(MOST_SEQUENCES, room(deployment));
        double limit = MEAN_OF_LIMIT * limitSeconds;
        if (limitSeconds == 0 || at(deployment, most).seconds(coefficients) <= limit) {
            return most;
        }
        double least = 1;
        for (int halving = 0; halving < 20; halving++) {
            double middle = (least + most) / 2;
            if (at(deployment, middle).seconds(coefficients) > limit) {
                most = middle;
            } else {
                least = middle;
            }
        }
        return least;
    }

    private static void add(double[] terms, double[] more) {
        for (int i = 0; i < terms.length; i++) {
            terms[i] += more[i];
        }
    }

    private static double dot(double[] terms, double[] coefficients) {
        double sum = 0;
        for (int i = 0; i < terms.length; i++) {
            sum += terms[i] * coefficients[i];
        }
        return sum;
    }
}
