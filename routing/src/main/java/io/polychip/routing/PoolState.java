package io.polychip.routing;

import io.polychip.fleet.Objective;
import io.polychip.fleet.Price;
import io.polychip.fleet.Quota;
import io.polychip.fleet.RequestClass;
import org.jspecify.annotations.Nullable;

/**
 * All that one dispatcher knows of one pool: its timing with learned corrections, its prices, its quota, its health as
 * a whole. Outlives a reload that keeps the pool's name and deployment.
 */
final class PoolState {
    /** Before the first look at the timing. */
    static final int NO_KNEE = 0;

    /** A pool of which more than half of the attempts fail is asked only when nobody else can. */
    private static final double FAILING = 0.5;

    private static final int CLASSES = RequestClass.values().length;

    /** Set by {@link #retarget}, with what every decision reads of it. */
    Roster.Target target;

    private boolean inRotation;
    private boolean hosted;
    private int chips;
    private double usdPerChipSecond;
    private Price.@Nullable PerToken tokenPrice;
    private int configuredContextTokens;

    Timing timing;
    ReplicaState[] replicas = {};
    int unsupportedNeeds;

    @Nullable
    QuotaPacer quota;

    @Nullable
    Quota quotaConfigured;

    boolean reservesMaxTokens;
    /** By an operator, over what the fleet says. */
    boolean switchedOff;

    VendorShare vendor;
    final Crowd crowd;

    final Residuals ttft;
    final Residuals itl;
    /** By class; null before its first answer is foreseen. */
    private final @Nullable Margin[] ttftMargins = new Margin[CLASSES];

    private final @Nullable Margin[] itlMargins = new Margin[CLASSES];

    final Fading failures;
    final Fading outcomes;
    final Fading slowFirstTokens;
    final Fading firstTokens;
    /** First tokens that kept their objective. */
    final Fading kept;
    /** First tokens that had one. */
    final Fading promised;

    final Fading sentRequests;

    /** Opportunity price of a chip-second, moved by the slow loop. */
    double dualUsdPerChipSecond;
    /** Share of its model's requests it may take while its corrections are not shown. */
    double allowedShare = 1;
    /** What share of its model's goodput its profile promises. */
    double capacityShare = 1;
    /** Requests in flight at one replica up to which every class keeps its inter-token objective. */
    int knee = NO_KNEE;
    /** The same for the most demanding class. */
    int tightKnee = NO_KNEE;

    final Mean prompts = new Mean(512);
    final Mean outputs = new Mean(200);
    double backlogNanosPerToken;
    /** Prefill work of a usual prompt over the tokens of a usual answer: what newcomers add to each token. */
    double prefillPerToken;
    /** Share of attempts that failed of late. */
    double failureShareNow;
    /** Requests per second at the knee, for spreading among equals. */
    double capacityWeight = 1;
    /** Cached tokens found to cached tokens predicted. */
    double cacheTrust;

    boolean reportsCache;

    int ejected;
    /** Classes from this rank on found no place since anything ended here; {@link Urgency#LEVELS}: none did. */
    int fullFromRank = Urgency.LEVELS;

    int inFlight;
    long loadNanos;
    long loadAtNanos;
    double utilisation;

    PoolState(Roster.Target target, VendorShare vendor, Crowd crowd, long now) {
        retarget(target);
        this.crowd = crowd;
        this.vendor = vendor;
        this.timing = new Timing(target.profile());
        cacheTrust = target.profile().batching().prefixCache() || hosted() ? 0.8 : 0;
        double band = target.profile().band();
        ttft = new Residuals(band);
        itl = new Residuals(band);
        failures = new Fading(15_000_000_000L, now);
        outcomes = new Fading(15_000_000_000L, now);
        slowFirstTokens = new Fading(15_000_000_000L, now);
        firstTokens = new Fading(15_000_000_000L, now);
        kept = new Fading(60_000_000_000L, now);
        promised = new Fading(60_000_000_000L, now);
        sentRequests = new Fading(60_000_000_000L, now);
        loadAtNanos = now;
    }

    /** A fleet describes it, perhaps anew. */
    void retarget(Roster.Target now) {
        target = now;
        inRotation = now.pool().enabled();
        hosted = now.pool().hosted() != null;
        chips = now.pool().deployment().layout().chips();
        usdPerChipSecond = now.pool().price() instanceof Price.PerChipHour(double usd, boolean _) ? usd / 3600 : 0;
        tokenPrice = now.pool().price() instanceof Price.PerToken each ? each : null;
        configuredContextTokens = now.pool().contextTokens();
    }

    boolean enabled() {
        return inRotation && !switchedOff;
    }

    String name() {
        return target.pool().name();
    }

    boolean hosted() {
        return hosted;
    }

    int chips() {
        return chips;
    }

    /** Rent of owned chips; 0 for a hosted pool. */
    double usdPerChipSecond() {
        return usdPerChipSecond;
    }

    /** Where tokens are bought. */
    Price.@Nullable PerToken tokenPrice() {
        return tokenPrice;
    }

    int contextTokens() {
        return hosted ? configuredContextTokens : (int) Math.min(configuredContextTokens, timing.kvCapacity());
    }

    Margin ttftMargin(RequestClass requestClass, Objective objective) {
        Margin margin = ttftMargins[requestClass.ordinal()];
        return margin != null ? margin : newMargin(ttftMargins, requestClass, objective);
    }

    Margin itlMargin(RequestClass requestClass, Objective objective) {
        Margin margin = itlMargins[requestClass.ordinal()];
        return margin != null ? margin : newMargin(itlMargins, requestClass, objective);
    }

    private Margin newMargin(@Nullable Margin[] margins, RequestClass requestClass, Objective objective) {
        Margin margin = new Margin(objective.percentile());
        margins[requestClass.ordinal()] = margin;
        return margin;
    }

    /** Sequences one replica may hold before further ones wait in the gateway, where they can still be re-ordered. */
    double slots(ReplicaState replica, long now) {
        if (hosted()) {
            return Integer.MAX_VALUE;
        }
        double cap = Math.max(2, Math.min(timing.maxBatch(), knee + 1.0));
        return Math.max(1, cap * replica.breaker.warmth(now));
    }

    /** Counts what is ejected and in flight anew, after replicas came or went. */
    void recount() {
        fullFromRank = Urgency.LEVELS;
        ejected = 0;
        inFlight = 0;
        for (ReplicaState replica : replicas) {
            ejected += replica.breaker.closed() ? 0 : 1;
            inFlight += replica.belief.inFlight();
        }
    }

    /** The timing has been confirmed by enough answers. */
    boolean proven() {
        return ttft.proven() || itl.proven();
    }

    /** What other gateways usually have on one replica, from the ratio of all load to ours. */
    double usualOutside() {
        return (crowd.factor() - 1) * inFlight / Math.max(1, replicas.length);
    }

    /** Recomputes what every decision reads but only sends and outcomes change. */
    void refresh(long now) {
        failureShareNow = failures.at(now) / (outcomes.at(now) + 2);
    }

    /** Sequences of other gateways on all replicas, as far as one knows. */
    double outside(long now) {
        double usual = usualOutside();
        double sum = 0;
        for (ReplicaState replica : replicas) {
            sum += Board.inFlightOf(replica.boardOthers()) + replica.belief.outside(usual, now);
        }
        return sum;
    }

    double meanKvPerSequence() {
        return prompts.value() + outputs.value() / 2;
    }

    boolean failing(long now) {
        return outcomes.at(now) >= 5 && failures.at(now) > FAILING * outcomes.at(now);
    }

    /** Slow first tokens everywhere are a wrong prediction or plain load, not one bad replica. */
    boolean slowAsAWhole(long now) {
        return slowFirstTokens.at(now) > 0.3 * firstTokens.at(now);
    }

    /**
     * Whether one more replica may be taken out.
     *
     * <p>On soft evidence at most half of a pool, since a common cause would take out everybody. On hard evidence all
     * of it, as long as another pool of the model still serves.
     *
     * @param othersServe another pool of the same model has a replica that serves
     */
    boolean mayEject(boolean hard, boolean othersServe) {
        int size = replicas.length;
        int most = othersServe && (hard || size == 1) ? size : hard ? size - 1 : size / 2;
        return ejected < most;
    }

    /** Counts load over time; call before {@link #inFlight} changes. */
    void accrue(long now) {
        loadNanos += inFlight * Math.max(0, now - loadAtNanos);
        loadAtNanos = now; // also where the clock was set back
    }
}
