package io.polychip.fleet;

import java.time.LocalDate;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A contract of several parts that is taken as a whole or not at all.
 *
 * @param supplier vendor or provider on the other side
 * @param offers names of the offers it speaks of: spend and chips of these count
 * @param signBy last day it can be taken
 * @param scenario name of the scenario it exists in; empty: it is firm
 * @param taken whether it is signed already and cannot be left
 */
public record Deal(
        String name,
        String supplier,
        Set<String> offers,
        LocalDate signBy,
        String scenario,
        boolean taken,
        List<Clause> clauses,
        Source source) {
    public Deal {
        offers = Set.copyOf(offers);
        clauses = List.copyOf(clauses);
    }

    /** The parts of one kind, whatever scenario they belong to. */
    public <P extends DealPart> Stream<P> parts(Class<P> kind) {
        return clauses.stream().map(Clause::part).filter(kind::isInstance).map(kind::cast);
    }

    /** The same deal with other parts. */
    public Deal withClauses(List<Clause> others) {
        return new Deal(name, supplier, offers, signBy, scenario, taken, others, source);
    }

    /** The same deal, signed or open. */
    public Deal withTaken(boolean signed) {
        return new Deal(name, supplier, offers, signBy, scenario, signed, clauses, source);
    }

    /**
     * A part and when it counts.
     *
     * @param name the key it stands under, numbered where the key holds several: {@code investment-2}
     * @param scenario name of the scenario it exists in; empty: it is as firm as the deal
     */
    public record Clause(String name, DealPart part, String scenario) {}
}
