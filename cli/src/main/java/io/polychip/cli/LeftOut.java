package io.polychip.cli;

import io.polychip.fleet.Deal;
import io.polychip.fleet.Deals;
import io.polychip.fleet.Supply;
import io.polychip.planner.Lot;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Offers that a plan cannot look at, and with them the deals of which nothing is left: what such a deal pays would
 * count though nothing could be had of it. All of them are named.
 *
 * @param deals the file they stand in
 */
record LeftOut(String deals, List<String> notes) {
    /** Without commitments that outlast the plan: what they cost beyond it would not be counted. */
    Deals within(Deals offered, int months) {
        Set<String> longer = offered.offers().stream()
                .filter(offer -> offer.term().months() > months)
                .map(Supply::name)
                .collect(Collectors.toSet());
        if (longer.isEmpty()) {
            return offered;
        }
        String maybe = "Maybe --horizon 36mo.";
        notes.add("Left out, since they bind for longer than the plan looks: %s. %s"
                .formatted(names(offered, longer), maybe));
        return without(offered, longer, "bind for longer than the plan looks", maybe);
    }

    /**
     * Without chips that a cap on carbon cannot hold: one that did not count some would send everything there.
     *
     * @param demand the file that has the cap
     * @param lots all there are but those
     */
    Deals accountable(Deals offered, Set<String> unaccountable, List<Lot> lots, String demand) {
        if (unaccountable.isEmpty()) {
            return offered;
        }
        String maybe = "Maybe energy: {grams-co2-per-kwh: 450}, for all chips of whose region nobody knows it.";
        String why = "since their chips' power or their region's carbon is not known: %s. %s"
                .formatted(String.join(", ", unaccountable), maybe);
        if (lots.stream().noneMatch(lot -> lot instanceof Lot.Chips)) {
            throw new CommandException(
                    "%s: energy: tonnes-co2-per-year: no chips are left of those offered; the cap on carbon cannot hold them, %s"
                            .formatted(demand, why));
        }
        notes.add("Left out under the cap on carbon, " + why);
        return without(offered, unaccountable, "cannot be held to the cap on carbon", maybe);
    }

    private Deals without(Deals offered, Set<String> names, String why, String maybe) {
        Deals left = new Deals(
                offered.asOf(),
                offered.discountRate(),
                offered.scenarios(),
                offered.offers().stream()
                        .filter(offer -> !names.contains(offer.name()))
                        .toList(),
                offered.deals());
        List<String> gone = new ArrayList<>();
        for (Deal deal : offered.deals()) {
            if (deal.offers().isEmpty() || deal.offers().stream().anyMatch(name -> left.offer(name) != null)) {
                continue;
            }
            if (deal.taken()) {
                throw new CommandException("%s: deals: %s is signed already, and all its offers %s: %s. %s"
                        .formatted(deals, deal.name(), why, names(offered, deal.offers()), maybe));
            }
            gone.add(deal.name());
        }
        if (gone.isEmpty()) {
            return left;
        }
        notes.add("Left out with all their offers, as deals of which nothing could be had: %s. %s"
                .formatted(String.join(", ", gone), maybe));
        Deals kept = left;
        for (String deal : gone) {
            kept = kept.without(deal);
        }
        return kept;
    }

    /** In the file's order. */
    private static String names(Deals offered, Set<String> names) {
        return offered.offers().stream()
                .map(Supply::name)
                .filter(names::contains)
                .collect(Collectors.joining(", "));
    }
}
