package io.polychip.cli;

import io.polychip.fleet.Catalogue;
import io.polychip.fleet.Chip;
import io.polychip.fleet.Names;
import io.polychip.fleet.RegionEnergy;
import io.polychip.fleet.Workload;
import io.polychip.performance.SitePower;
import io.polychip.planner.Capacity;
import io.polychip.planner.Lot;
import io.polychip.planner.Plan;
import io.polychip.planner.Rules;
import io.polychip.report.Numbers;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What replicas draw in a plan, what that costs and what carbon it is, over all periods. Chips that only train, and
 * hosted APIs, are not in it.
 *
 * @param kwh of all replicas
 * @param usd for energy that no price of chips holds, and for carbon
 * @param tonnes of CO2 where the grid's intensity is known
 * @param unpublished chips of the plan whose power nobody has published: nothing is counted for them
 * @param estimated chips whose makers publish no power of the chip alone, counted by an estimate
 * @param unknownKwh drawn in regions whose intensity nobody gave
 * @param tonnesCap most in a year; infinite where nobody says
 */
record PlanEnergy(
        double kwh,
        double usd,
        double tonnes,
        double unknownKwh,
        double tonnesCap,
        Set<String> unpublished,
        Set<String> estimated) {
    private static final double ROUNDING = 1e-3;

    static PlanEnergy of(PlanBook book) {
        Map<String, Capacity> capacities = new LinkedHashMap<>();
        book.problem().capacities().forEach(capacity -> capacities.put(capacity.name(), capacity));
        Rules rules = book.problem().rules();
        double kwh = 0;
        double usd = 0;
        double tonnes = 0;
        double unknown = 0;
        Set<String> unpublished = new TreeSet<>();
        Set<String> estimated = new TreeSet<>();
        Catalogue catalogue = book.question().service().catalogue();
        for (Plan.Replicas replicas : book.plan().replicas()) {
            Capacity capacity = capacities.get(replicas.capacity());
            if (capacity == null || !(book.lot(replicas.lot()) instanceof Lot.Chips lot)) {
                continue;
            }
            Chip chip = catalogue.chips().get(capacity.chip());
            if (capacity.fullWatts() <= 0) {
                unpublished.add(capacity.chip());
            } else if (chip != null && SitePower.of(chip, catalogue).estimated()) {
                estimated.add(capacity.chip());
            }
            long all = book.plan().count(capacity.name(), replicas.period(), replicas.hour());
            double busy = busy(book.plan(), capacity, replicas) * replicas.count() / all;
            double watts =
                    capacity.idleWatts() * replicas.count() + (capacity.fullWatts() - capacity.idleWatts()) * busy;
            double drawn = watts / 1e3 * book.demand().hours(replicas.period(), replicas.hour());
            Double grams = rules.gramsCo2PerKwh().get(lot.labels().getOrDefault("region", ""));
            kwh += drawn;
            usd += drawn * lot.usdPerKwh();
            if (grams == null) {
                unknown += drawn;
            } else {
                tonnes += drawn * grams / 1e6;
                usd += drawn * grams / 1e6 * rules.usdPerTonneCo2();
            }
        }
        return new PlanEnergy(kwh, usd, tonnes, unknown, rules.tonnesCo2PerYear(), unpublished, estimated);
    }

    /** Replicas' worth of load that a deployment has in an hour. */
    private static double busy(Plan plan, Capacity capacity, Plan.Replicas at) {
        double busy = 0;
        for (Plan.Route route : plan.routes()) {
            boolean here = route.period() == at.period() && route.hour() == at.hour();
            if (here && route.capacity().equals(capacity.name())) {
                busy += route.perSecond() / capacity.perSecond()[route.bucket()];
            }
        }
        return busy;
    }

    /** What is drawn, as far as it is known, and what is not. */
    List<String> sentences(double months) {
        List<String> sentences = new ArrayList<>();
        if (kwh >= 1) {
            sentences.add(drawn(months));
        }
        if (!estimated.isEmpty()) {
            sentences.add(
                    "Estimated in it: the power of %s, since %s none of the chip alone (see polychip catalog power)."
                            .formatted(
                                    String.join(", ", estimated),
                                    estimated.size() == 1 ? "its maker publishes" : "their makers publish"));
        }
        if (!unpublished.isEmpty()) {
            sentences.add("NOT COUNTED: energy and carbon of %s, since nobody publishes %s power; all that is said of"
                            .formatted(String.join(", ", unpublished), unpublished.size() == 1 ? "its" : "their")
                    + " energy, carbon and megawatts is of the other chips.");
        }
        return sentences;
    }

    private String drawn(double months) {
        String carbon = unknownKwh > 0.999 * kwh
                ? "no region's carbon is known"
                : "%s t of CO2 a month%s"
                        .formatted(
                                Numbers.plain(tonnes / months),
                                unknownKwh < 1
                                        ? ""
                                        : ", those of %s of it unknown".formatted(Numbers.percent(unknownKwh / kwh)));
        return "Energy of replicas, host and facility included: %s MWh a month%s; %s%s."
                .formatted(
                        Numbers.plain(kwh / 1e3 / months),
                        usd < 0.5
                                ? ""
                                : ", %s a month for it and its carbon beside the chips"
                                        .formatted(DealPages.usd(usd / months)),
                        carbon,
                        held(months));
    }

    /** Tonnes are by replicas, as a router splits a deployment's requests; the programme's may be by cleaner chips. */
    private String held(double months) {
        if (!Double.isFinite(tonnesCap)) {
            return "";
        }
        String cap = Numbers.plain(tonnesCap);
        return tonnes / months * 12 > tonnesCap * (1 + ROUNDING)
                ? ", MORE THAN the %s t a year it was to be held to: a router sends idle chips of dirty regions their part of a deployment's requests"
                        .formatted(cap)
                : ", held to %s t a year, hosted APIs and training aside".formatted(cap);
    }

    /** The lots with what power costs in their regions beside the chips. */
    static List<Lot> powered(List<Lot> lots, Workload.Energy energy) {
        List<Lot> powered = new ArrayList<>();
        for (Lot lot : lots) {
            Workload.Energy.Region region = energy.regions().get(lot.labels().getOrDefault("region", ""));
            powered.add(lot instanceof Lot.Chips chips && region != null ? chips.powered(region.usdPerKwh()) : lot);
        }
        return powered;
    }

    /**
     * The rules with limits on power and what carbon costs; intensities of regions are the catalogue's unless given.
     */
    static Rules under(Rules rules, Workload.Energy energy, List<Lot> lots, Catalogue catalogue, String file) {
        Map<String, Double> grams = new TreeMap<>();
        Set<String> known = new TreeSet<>();
        for (Lot lot : lots) {
            String region = lot.labels().getOrDefault("region", "");
            if (lot instanceof Lot.Chips && !region.isEmpty()) {
                known.add(region);
                for (RegionEnergy each : catalogue.regions()) {
                    boolean same = each.region().equals(region)
                            && each.cloud().equals(lot.labels().getOrDefault("provider", ""));
                    if (same && each.gramsCo2PerKwh() > 0) {
                        grams.put(region, each.gramsCo2PerKwh());
                    }
                }
            }
        }
        List<Rules.Power> powers = new ArrayList<>(rules.powers());
        energy.regions().forEach((name, region) -> {
            if (!known.contains(name)) {
                throw new CommandException(String.format(
                        Locale.ROOT,
                        "%s: energy: regions: %s is the region of no chips that are offered; expected one of %s.%s",
                        file,
                        name,
                        known.isEmpty() ? "none, since no offer names one" : String.join(", ", known),
                        Names.nearest(name, known)
                                .map(near -> " Maybe " + near + ".")
                                .orElse("")));
            }
            if (region.gramsCo2PerKwh() >= 0) {
                grams.put(name, region.gramsCo2PerKwh());
            }
            if (Double.isFinite(region.watts())) {
                powers.add(new Rules.Power("region", name, region.watts()));
            }
        });
        for (Lot lot : lots) {
            if (lot instanceof Lot.Chips && energy.gramsCo2PerKwh() >= 0) {
                grams.putIfAbsent(lot.labels().getOrDefault("region", ""), energy.gramsCo2PerKwh());
            }
        }
        return rules.with(powers, energy.usdPerTonneCo2(), energy.tonnesCo2PerYear(), grams);
    }

    /**
     * Offers that a cap on carbon cannot hold, since nobody knows what their chips draw or what carbon that is; none
     * where there is no cap.
     */
    static Set<String> unaccountable(Rules rules, List<Lot> lots, Catalogue catalogue) {
        Set<String> names = new TreeSet<>();
        for (Lot lot : lots) {
            Chip chip = catalogue.chips().get(lot.chip());
            boolean known = rules.gramsCo2PerKwh().containsKey(lot.labels().getOrDefault("region", ""))
                    && chip != null
                    && SitePower.of(chip, catalogue).fullWatts() > 0;
            if (lot instanceof Lot.Chips && !known) {
                names.add(lot.name());
            }
        }
        return Double.isFinite(rules.tonnesCo2PerYear()) ? names : Set.of();
    }
}
