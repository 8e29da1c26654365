package io.polychip.fleet;

import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What can be had, at which price and on which contracts, as {@code deals.yaml} describes it.
 *
 * @param asOf the day it is judged on: what ended before is no offer
 * @param discountRate by which money a year later is worth less, 0 to 1
 */
public record Deals(
        LocalDate asOf, double discountRate, Map<String, Scenario> scenarios, List<Supply> offers, List<Deal> deals) {
    public Deals {
        scenarios = Map.copyOf(scenarios);
        offers = List.copyOf(offers);
        deals = List.copyOf(deals);
    }

    /**
     * Something that may or may not come: a letter of intent, a milestone, a third party's decision.
     *
     * @param probability from 0 to 1; for the reader and for expected values, never for the base case
     * @param base whether the base case counts on it
     */
    public record Scenario(String name, double probability, boolean base) {}

    public @Nullable Supply offer(String name) {
        return offers.stream()
                .filter(offer -> offer.name().equals(name))
                .findFirst()
                .orElse(null);
    }

    public @Nullable Deal deal(String name) {
        return deals.stream()
                .filter(deal -> deal.name().equals(name))
                .findFirst()
                .orElse(null);
    }

    /** What is left in the base case: letters of intent and conditional parts that it does not count on are gone. */
    public Deals base() {
        return in(Set.of());
    }

    /** What is left where these scenarios come as well as the base case's; what a deal alone sells goes with it. */
    public Deals in(Set<String> coming) {
        Predicate<String> exists = name ->
                name.isEmpty() || coming.contains(name) || (scenario(name).base());
        List<Deal> left = deals.stream()
                .filter(deal -> exists.test(deal.scenario()))
                .map(deal -> deal.withClauses(deal.clauses().stream()
                        .filter(clause -> exists.test(clause.scenario()))
                        .toList()))
                .toList();
        List<Supply> had = offers.stream()
                .filter(offer -> offer.onlyWith().isEmpty()
                        || left.stream().anyMatch(deal -> deal.name().equals(offer.onlyWith())))
                .toList();
        return new Deals(asOf, discountRate, scenarios, had, left);
    }

    /** The same without one deal, and without what can be had in it only. */
    public Deals without(String name) {
        return new Deals(
                asOf,
                discountRate,
                scenarios,
                offers.stream().filter(offer -> !offer.onlyWith().equals(name)).toList(),
                deals.stream().filter(deal -> !deal.name().equals(name)).toList());
    }

    /** The same with another deal in the place of the one of that name. */
    public Deals with(Deal other) {
        return new Deals(
                asOf,
                discountRate,
                scenarios,
                offers,
                deals.stream()
                        .map(deal -> deal.name().equals(other.name()) ? other : deal)
                        .toList());
    }

    /** The same with prices by the chip and hour multiplied where {@code which} says so. */
    public Deals repriced(Predicate<Supply> which, double factor) {
        return new Deals(
                asOf,
                discountRate,
                scenarios,
                offers.stream()
                        .map(offer -> which.test(offer) ? offer.repriced(factor) : offer)
                        .toList(),
                deals);
    }

    private Scenario scenario(String name) {
        return Objects.requireNonNull(scenarios.get(name), () -> "No scenario is named \"" + name + "\".");
    }
}
