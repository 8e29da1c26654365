package io.polychip.planner;

import io.polychip.fleet.Independence;
import io.polychip.fleet.RequestClass;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What a plan must keep to, besides serving the demand.
 *
 * @param tonnesCo2PerYear most that replicas may cause in a year; infinite where nobody says
 * @param peakHours in how many of the busiest hours states of failure are looked at
 */
public record Rules(
        List<Share> shares,
        List<Survival> survivals,
        List<Stock> stocks,
        List<Power> powers,
        double budgetUsd,
        double usdPerTonneCo2,
        double tonnesCo2PerYear,
        Map<String, Double> gramsCo2PerKwh,
        int peakHours) {
    private static final double NO_LIMIT = Double.POSITIVE_INFINITY;
    public static final Rules NONE =
            new Rules(List.of(), List.of(), List.of(), List.of(), NO_LIMIT, 0, NO_LIMIT, Map.of(), 2);

    public Rules {
        shares = List.copyOf(shares);
        survivals = List.copyOf(survivals);
        stocks = List.copyOf(stocks);
        powers = List.copyOf(powers);
        gramsCo2PerKwh = Map.copyOf(gramsCo2PerKwh);
    }

    /** Whether it matters to a plan where its power comes from. */
    boolean countsCarbon() {
        return usdPerTonneCo2 > 0 || Double.isFinite(tonnesCo2PerYear);
    }

    public Rules with(List<Share> otherShares, List<Survival> otherSurvivals) {
        return copy(otherShares, otherSurvivals, stocks, powers, budgetUsd, tonnesCo2PerYear);
    }

    public Rules with(List<Stock> otherStocks) {
        return copy(shares, survivals, otherStocks, powers, budgetUsd, tonnesCo2PerYear);
    }

    Rules withPowers(List<Power> otherPowers) {
        return copy(shares, survivals, stocks, otherPowers, budgetUsd, tonnesCo2PerYear);
    }

    Rules withBudget(double usd) {
        return copy(shares, survivals, stocks, powers, usd, tonnesCo2PerYear);
    }

    Rules withCarbon(double tonnesPerYear) {
        return copy(shares, survivals, stocks, powers, budgetUsd, tonnesPerYear);
    }

    private Rules copy(
            List<Share> ofShares,
            List<Survival> ofSurvivals,
            List<Stock> ofStocks,
            List<Power> ofPowers,
            double budget,
            double tonnes) {
        return new Rules(
                ofShares, ofSurvivals, ofStocks, ofPowers, budget, usdPerTonneCo2, tonnes, gramsCo2PerKwh, peakHours);
    }

    /** With what power and carbon cost, and how much of them there may be. */
    public Rules with(
            List<Power> otherPowers, double usdEachTonneCo2, double tonnesEachYear, Map<String, Double> gramsByRegion) {
        return new Rules(
                shares,
                survivals,
                stocks,
                otherPowers,
                budgetUsd,
                usdEachTonneCo2,
                tonnesEachYear,
                gramsByRegion,
                peakHours);
    }

    /** What of it a router keeps to: limits on vendors' tokens. @param survive what its file says may be lost */
    public Independence independence(Set<String> vendors, String survive) {
        Map<String, Double> most = new TreeMap<>();
        Map<String, Double> least = new TreeMap<>();
        for (Share share : shares) {
            for (String vendor : vendors) {
                boolean concerns = share.value().equals(vendor) || share.value().equals(Share.ANY);
                if (share.label().equals("vendor") && share.basis() == Basis.TOKENS && concerns) {
                    most.merge(vendor, share.cap(), Math::min);
                    least.merge(vendor, share.floor(), Math::max);
                }
            }
        }
        most.values().removeIf(cap -> cap >= 1);
        least.values().removeIf(floor -> floor <= 0);
        return new Independence(most, least, survive);
    }

    /** Of what a share is taken. */
    public enum Basis {
        TOKENS,
        SPEND
    }

    /**
     * How much one value of a label may and must carry.
     *
     * @param value such as {@code nvidia}; {@link #ANY}: each value there is
     * @param floor least share, 0 to 1
     * @param cap largest share, 0 to 1
     * @param everyHour counted in each hour rather than over each period
     */
    public record Share(String label, String value, Basis basis, double floor, double cap, boolean everyHour) {
        public static final String ANY = "*";

        public Share {
            if (!(floor >= 0 && floor <= cap && cap <= 1)) {
                throw new PlanException(
                        "The share of %s %s is to lie from %s to %s; allowed is 0 to 1, the least first."
                                .formatted(label, value, floor, cap));
            }
        }
    }

    /**
     * What is served while one value of a label is gone.
     *
     * @param values those that may go, one at a time; empty: each value there is
     * @param phi share of a class that is still served, 0 to 1; a class that is not named need not be
     */
    public record Survival(String label, Set<String> values, Map<RequestClass, Double> phi) {
        public Survival {
            values = Set.copyOf(values);
            phi = Map.copyOf(phi);
        }

        /** Every class to the same share. */
        public static Survival any(String label, double phi) {
            return new Survival(
                    label,
                    Set.of(),
                    Map.of(
                            RequestClass.PRIORITY, phi,
                            RequestClass.DEFAULT, phi,
                            RequestClass.FLEX, phi,
                            RequestClass.BATCH, phi));
        }
    }

    /** Chips that several lots draw upon: one stock on two terms. */
    public record Stock(String name, Set<String> lots, double chips) {
        public Stock {
            lots = Set.copyOf(lots);
        }
    }

    /** All-in power that may be drawn where a label has a value, such as a region. */
    public record Power(String label, String value, double watts) {}
}
