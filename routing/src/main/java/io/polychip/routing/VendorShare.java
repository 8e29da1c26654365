package io.polychip.routing;

/** Share of a vendor in all tokens of late, and its floor and cap. */
final class VendorShare {
    static final long MEMORY_NANOS = 300_000_000_000L;

    /** Distance from floor or cap over which control goes from none to full. */
    private static final double BAND = 0.04;

    final String vendor;
    final double least;
    final double most;
    private final Fading tokens;
    private final Fading all;

    /** @param all tokens of all vendors, shared */
    VendorShare(String vendor, double least, double most, Fading all, long now) {
        this.vendor = vendor;
        this.least = least;
        this.most = most;
        this.all = all;
        this.tokens = new Fading(MEMORY_NANOS, now);
    }

    /** Takes over what another one counted, after a reload that changed its limits. */
    VendorShare inherit(VendorShare earlier, long now) {
        tokens.add(earlier.tokens.at(now), now);
        return this;
    }

    void add(double amount, long now) {
        tokens.add(amount, now);
        all.add(amount, now);
    }

    double share(long now) {
        double total = all.at(now);
        return total <= 0 ? 0 : tokens.at(now) / total;
    }

    /** Probability with which a request must not go to this vendor now: 0 well below the cap, 1 just above. */
    double excess(long now) {
        return most >= 1 || thin(now) ? 0 : Math.clamp((share(now) - most + BAND / 2) / BAND, 0, 1);
    }

    /** Probability with which a request should go to this vendor whatever it costs. */
    double want(long now) {
        return least <= 0 || thin(now) ? 0 : Math.clamp((least + BAND / 4 - share(now)) / BAND, 0, 1);
    }

    /** Too little traffic for shares to mean anything. */
    private boolean thin(long now) {
        return all.at(now) < 20_000;
    }
}
