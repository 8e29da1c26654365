package io.polychip.performance;

import io.polychip.fleet.Catalogue;
import io.polychip.fleet.Chip;
import io.polychip.fleet.Deployment;
import io.polychip.fleet.Model;
import io.polychip.fleet.ProfileEntry;
import io.polychip.fleet.Source;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Timing of deployments that nobody measured: the pooled form with round coefficients, corrected by what
 * {@link Kinship} knows of its errors at those deployments of a catalogue that were.
 *
 * <p>Of each measured deployment the times between tokens at a few loads are compared with the form's. Asked of a new
 * one is the error of bare decode steps by batch, of the arithmetic of prompts and of reading the cache: each is
 * corrected by what is known of it. The first question costs a Cholesky factor of some hundred points, tenths of a
 * second; nothing is computed before. Not for several threads.
 */
public final class Estimates {
    /** As learnt from the published points of all vendors: a note of {@code polychip validate} shows them. */
    private static final double[] SIGMAS = {0.26, 0.23, 0.08, 0.10, 0.17, 0.08, 0.15, 0.10, 0.25, 0.21, 0.14, 0.12};

    private static final Bands BANDS = new Bands(0.90, 2.06);

    /** Of a Gaussian: what a band of nine tenths is divided by to give one sigma. */
    private static final double NINE_TENTHS = 1.645;

    /** The kind of load that profiles are made of. */
    private static final String CLOSED = "closed";

    private static final int[] CONCURRENCIES = {1, 16, 64};
    private static final int PROMPT_TOKENS = 1024;
    private static final int ANSWER_TOKENS = 512;
    private static final double PICOS = 1e12;

    private final Catalogue catalogue;
    private @Nullable Kinship kinship;

    public Estimates(Catalogue catalogue) {
        this.catalogue = catalogue;
    }

    /** So many requests always under way, all of one length. */
    public record Load(int concurrency, int promptTokens, int answerTokens) {}

    /**
     * A load, and one sigma of all that were asked about before it is measured and after, those of earlier advice
     * measured already. Both as wide as bands of measured chips must be to hold.
     */
    public record Advice(Load load, double bandBefore, double bandAfter) {}

    /** False where the chip's bandwidth or arithmetic, or the model's size, is not known. */
    public static boolean possible(Deployment deployment) {
        return deployment.chip().bandwidthGbps() > 0
                && PhysicalForm.teraflops(deployment.chip(), deployment.precision()) > 0;
    }

    /** One sigma of the relative error of its times between tokens, on average over some usual loads. */
    double band(Deployment deployment) {
        List<Load> loads = new ArrayList<>();
        for (int concurrency : CONCURRENCIES) {
            loads.add(new Load(concurrency, PROMPT_TOKENS, ANSWER_TOKENS));
        }
        return band(posterior(deployment, loads), loads.size(), BANDS.unmeasured());
    }

    /**
     * Which loads to measure, the most telling first: each leaves all of {@code loads} together as sure as one
     * measurement can. As many as there are, or {@code most}.
     */
    public List<Advice> advice(Deployment deployment, List<Load> loads, int most) {
        Kinship.Posterior posterior = posterior(deployment, loads);
        List<Integer> measured = new ArrayList<>();
        List<Advice> advice = new ArrayList<>();
        double band = band(posterior, loads.size(), BANDS.measured());
        while (advice.size() < Math.min(most, loads.size())) {
            int next = posterior.mostTelling(measured);
            measured.add(next);
            posterior.observe(next, posterior.mean(next));
            double before = band;
            band = band(posterior, loads.size(), BANDS.measured());
            advice.add(new Advice(loads.get(next), before, band));
        }
        return advice;
    }

    private static double band(Kinship.Posterior posterior, int points, double sigmas) {
        double squares = 0;
        for (int i = 0; i < points; i++) {
            squares += posterior.sigma(i) * posterior.sigma(i) / points;
        }
        return sigmas / NINE_TENTHS * StrictMath.sqrt(squares);
    }

    private Kinship.Posterior posterior(Deployment deployment, List<Load> loads) {
        return kinship()
                .posterior(loads.stream().map(load -> trait(deployment, load)).toList());
    }

    /** Step times of a replica that batches like this. */
    StepTime stepTime(Deployment deployment, Batching batching, long arrivalPicos) {
        int copies = deployment.layout().data();
        double[] nothing = PooledForm.stepTerms(deployment, 0, 0);
        double[] cache = PooledForm.stepTerms(deployment, 0, 1);
        for (int i = 0; i < cache.length; i++) {
            cache[i] -= nothing[i];
        }
        List<double[]> terms = new ArrayList<>(List.of(
                PooledForm.promptTerms(deployment, 1), cache, start(deployment, false), start(deployment, true)));
        List<Integer> sizes = new ArrayList<>(List.of(0));
        for (int size = 1; sizes.getLast() < batching.maxSequences(); size *= 2) {
            sizes.add(Math.min(size, batching.maxSequences()));
            terms.add(PooledForm.stepTerms(deployment, Math.ceilDiv(sizes.getLast(), copies), 0));
        }
        double[] seconds = corrected(deployment, terms);
        List<Long> alpha = new ArrayList<>(List.of(picos(seconds[2])));
        for (int i = 1; i < sizes.size(); i++) {
            alpha.add(Math.max(Math.max(1, alpha.getLast()), picos(seconds[3 + i])));
        }
        double pairs = PooledForm.promptTerms(deployment, 0, 1)[PooledForm.Term.PROMPT_FLOPS.ordinal()]
                / PooledForm.promptTerms(deployment, 1)[PooledForm.Term.PROMPT_FLOPS.ordinal()];
        return new StepTime(
                Profiles.table(sizes, alpha, batching),
                picos(seconds[0] / copies),
                picos(seconds[0] * pairs / copies),
                picos(seconds[1] / copies),
                arrivalPicos,
                picos(seconds[3]));
    }

    /** What a step takes whatever it carries, and then with all weights read, as many prompt tokens would. */
    private static double[] start(Deployment deployment, boolean weights) {
        double[] terms = PooledForm.stepTerms(deployment, Integer.MAX_VALUE, 0);
        double[] start = new double[terms.length];
        for (PooledForm.Term term :
                EnumSet.of(PooledForm.Term.LAYER, PooledForm.Term.EXPERT_LAYER, PooledForm.Term.TENSOR_LAYER)) {
            start[term.ordinal()] = terms[term.ordinal()];
        }
        int read = PooledForm.Term.WEIGHTS.ordinal();
        start[read] = weights ? terms[read] : 0;
        return start;
    }

    /** Seconds that some terms take, with the error that is expected of each. */
    private double[] corrected(Deployment deployment, List<double[]> terms) {
        List<double[]> times = terms.stream().map(Estimates::times).toList();
        Kinship.Posterior errors = kinship()
                .posterior(times.stream()
                        .map(each -> trait(deployment, each, new double[4]))
                        .toList());
        double[] seconds = new double[times.size()];
        Arrays.setAll(seconds, i -> sum(times.get(i)) * StrictMath.exp(errors.mean(i)));
        return seconds;
    }

    private Kinship kinship() {
        Kinship learnt = kinship;
        if (learnt == null) {
            List<Kinship.Trait> traits = new ArrayList<>();
            List<Double> errors = new ArrayList<>();
            for (ProfileEntry entry : catalogue.profiles()) {
                Deployment deployment = deployment(entry);
                if (deployment == null || entry.source().confidence() == Source.Confidence.ESTIMATED) {
                    continue;
                }
                for (int concurrency : CONCURRENCIES) {
                    Load load = new Load(concurrency, PROMPT_TOKENS, ANSWER_TOKENS);
                    traits.add(trait(deployment, load));
                    errors.add(StrictMath.log(measuredSeconds(entry, load) / sum(terms(deployment, load))));
                }
            }
            learnt = Kinship.of(traits, errors.stream().mapToDouble(e -> e).toArray(), SIGMAS);
            kinship = learnt;
        }
        return learnt;
    }

    private @Nullable Deployment deployment(ProfileEntry entry) {
        Model model = catalogue.models().get(entry.model());
        Chip chip = catalogue.chips().get(entry.chip());
        if (model == null || chip == null) {
            return null;
        }
        Deployment deployment = new Deployment(model, entry.precision(), entry.engine(), chip, entry.layout());
        return possible(deployment) ? deployment : null;
    }

    private static double measuredSeconds(ProfileEntry entry, Load load) {
        double prompts = load.concurrency() / (double) load.answerTokens();
        double tokens = load.promptTokens();
        return (entry.stepPicosAt(load.concurrency())
                        + entry.kvTokenPicos() * load.concurrency() * (tokens + load.answerTokens() / 2.0)
                        + prompts * (entry.prefillTokenPicos() * tokens + entry.pairPicos() * tokens * tokens / 2))
                / PICOS;
    }

    /** Parts of the time between tokens under a load, on one copy of the weights. */
    private static double[] terms(Deployment deployment, Load load) {
        double sequences = load.concurrency() / (double) deployment.layout().data();
        double tokens = load.promptTokens();
        double[] terms = PooledForm.stepTerms(deployment, sequences, sequences * (tokens + load.answerTokens() / 2.0));
        double prompts = sequences / load.answerTokens();
        double[] more = PooledForm.promptTerms(deployment, prompts * tokens, prompts * tokens * tokens / 2);
        for (int i = 0; i < terms.length; i++) {
            terms[i] += more[i];
        }
        return times(terms);
    }

    private static Kinship.Trait trait(Deployment deployment, Load load) {
        double[] place = {
            StrictMath.log(load.concurrency()),
            StrictMath.log(load.promptTokens()),
            StrictMath.log(load.answerTokens()),
            StrictMath.log(deployment.layout().tensor())
        };
        return trait(deployment, terms(deployment, load), place);
    }

    private static Kinship.Trait trait(Deployment deployment, double[] terms, double[] place) {
        return Kinship.Trait.of(deployment, CLOSED, name(deployment), terms, place);
    }

    private static String name(Deployment deployment) {
        return deployment.chip().id() + " " + deployment.model().id() + " " + deployment.precision() + " "
                + deployment.engine().name() + " " + deployment.layout();
    }

    private static double[] times(double[] terms) {
        double[] times = PooledForm.round();
        for (int i = 0; i < terms.length; i++) {
            times[i] *= terms[i];
        }
        return times;
    }

    private static double sum(double[] terms) {
        double sum = 0;
        for (double term : terms) {
            sum += term;
        }
        return sum;
    }

    private static long picos(double seconds) {
        return Math.round(seconds * PICOS);
    }
}
