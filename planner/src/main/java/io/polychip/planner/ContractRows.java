package io.polychip.planner;

import io.polychip.fleet.Amount;
import io.polychip.fleet.Condition;
import io.polychip.fleet.Deal;
import io.polychip.fleet.DealPart;
import io.polychip.fleet.Deals;
import io.polychip.fleet.Span;
import io.polychip.fleet.Supply;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The deals: each is taken or not, its parts bind use and move money. Here stand the parts that bind use;
 * {@link ContractMoney} has the others. {@code PLANNING.md} gives the formulas.
 */
final class ContractRows {
    private final Programme programme;
    private final Deals deals;

    ContractRows(Programme programme) {
        this.programme = programme;
        this.deals = programme.problem.deals();
    }

    List<Contract> add() {
        List<Contract> contracts = new ArrayList<>();
        for (Deal deal : deals.deals()) {
            Contract contract = new Contract(programme, deals, deal);
            capacity(contract);
            for (Deal.Clause clause : deal.clauses()) {
                switch (clause.part()) {
                    case DealPart.Exclusivity exclusivity -> exclusivity(contract, exclusivity);
                    case DealPart.Generations generations -> generations(contract, generations);
                    case DealPart.Capacity _, DealPart.Option _, DealPart.Lease _ -> {}
                    case DealPart.MinimumTake _,
                            DealPart.Tiers _,
                            DealPart.Credit _,
                            DealPart.Investment _,
                            DealPart.Warrants _,
                            DealPart.Loan _,
                            DealPart.Prepayment _,
                            DealPart.Backstop _ -> {}
                }
            }
            new ContractMoney(contract).add();
            contracts.add(contract);
        }
        orphans(contracts);
        return List.copyOf(contracts);
    }

    /** What amounts a part speaks of. */
    static List<Amount> amounts(DealPart part) {
        return switch (part) {
            case DealPart.MinimumTake take -> List.of(take.amount());
            case DealPart.Capacity capacity ->
                capacity.tranches().stream().map(DealPart.Tranche::amount).toList();
            case DealPart.Option option -> List.of(option.amount());
            case DealPart.Lease lease -> List.of(lease.amount());
            case DealPart.Warrants warrants ->
                warrants.steps().isEmpty()
                        ? List.of()
                        : List.of(warrants.steps().getLast().amount());
            case DealPart.Investment investment ->
                investment.condition() instanceof Condition.Volume volume ? List.of(volume.amount()) : List.of();
            case DealPart.Tiers _,
                    DealPart.Credit _,
                    DealPart.Loan _,
                    DealPart.Prepayment _,
                    DealPart.Exclusivity _,
                    DealPart.Backstop _,
                    DealPart.Generations _ -> List.of();
        };
    }

    /** An offer that comes with a deal which is not there cannot be had. */
    private void orphans(List<Contract> contracts) {
        for (int lot = 0; lot < programme.lots.size(); lot++) {
            Supply offer = deals.offer(programme.lots.get(lot).name());
            if (offer == null || offer.onlyWith().isEmpty()) {
                continue;
            }
            boolean there =
                    contracts.stream().anyMatch(contract -> contract.deal.name().equals(offer.onlyWith()));
            for (int period = 0; period < programme.demand.periods().size() && !there; period++) {
                for (int hour = 0; hour < programme.demand.hours().size(); hour++) {
                    Sum chips = programme.chips(lot, period, hour);
                    if (!chips.isEmpty()) {
                        chips.into(programme.builder, programme.builder.atMost(offer.name() + " has no deal", 0), 1);
                    }
                }
            }
        }
    }

    /** Use of what comes with the deal: nothing without it, at most its tranches, leases and called options with it. */
    private void capacity(Contract contract) {
        List<Integer> only = contract.lots.stream().filter(contract::only).toList();
        Amount.Unit unit = contract.deal.clauses().stream()
                        .flatMap(clause -> amounts(clause.part()).stream())
                        .anyMatch(amount -> amount.unit() == Amount.Unit.GIGAWATTS)
                ? Amount.Unit.GIGAWATTS
                : Amount.Unit.CHIPS;
        boolean limited = contract.deal.parts(DealPart.Capacity.class).findAny().isPresent()
                || contract.deal.parts(DealPart.Lease.class).findAny().isPresent();
        List<Integer> called = options(contract);
        for (int period = 0; period < contract.periods(); period++) {
            for (int hour = 0; hour < contract.demand.hours().size(); hour++) {
                String name = "capacity of %s, %s".formatted(contract.deal.name(), programme.at(period, hour));
                if (limited && !only.isEmpty()) {
                    int row = contract.builder.atMost(name, 0);
                    use(contract, only, unit, period, hour).into(contract.builder, row, 1);
                    sold(contract, unit, period, called).into(contract.builder, row, -1);
                    programme.promise(row, Promise.Kind.CONTRACT, contract.deal.name(), unitName(unit), 1);
                } else {
                    for (int lot : only) {
                        int row = contract.builder.atMost(name, 0);
                        contract.chips(lot, period, hour).into(contract.builder, row, 1);
                        contract.builder.term(row, contract.taken, -contract.mostChips(lot, period));
                    }
                }
            }
            all(contract, unit, period);
        }
    }

    private static Sum use(Contract contract, List<Integer> lots, Amount.Unit unit, int period, int hour) {
        Sum use = new Sum();
        for (int lot : lots) {
            use.add(contract.chips(lot, period, hour), contract.each(unit, lot));
        }
        return use;
    }

    static String unitName(Amount.Unit unit) {
        return unit == Amount.Unit.GIGAWATTS ? "GW" : "chips";
    }

    /** What the deal sells in a period, by its columns. */
    private static Sum sold(Contract contract, Amount.Unit unit, int period, List<Integer> called) {
        Sum sold = tranches(contract, unit, period);
        List<DealPart.Option> options =
                contract.deal.parts(DealPart.Option.class).toList();
        for (int i = 0; i < options.size(); i++) {
            sold.add(
                    called.get(i),
                    in(contract, unit, options.get(i).amount())
                            * contract.within(options.get(i).span(), period));
        }
        contract.deal
                .parts(DealPart.Lease.class)
                .forEach(lease -> sold.add(
                        contract.taken,
                        in(contract, unit, lease.amount())
                                * contract.within(
                                        lease.purchaseUsd() > 0
                                                ? new Span(lease.span().from(), Span.OPEN)
                                                : lease.span(),
                                        period)));
        return sold;
    }

    private static Sum tranches(Contract contract, Amount.Unit unit, int period) {
        Sum sold = new Sum();
        contract.deal
                .parts(DealPart.Capacity.class)
                .flatMap(capacity -> capacity.tranches().stream())
                .forEach(tranche -> sold.add(
                        contract.taken,
                        in(contract, unit, tranche.amount()) * contract.within(tranche.span(), period)));
        return sold;
    }

    private static double in(Contract contract, Amount.Unit unit, Amount amount) {
        if (amount.unit() == unit || contract.lots.isEmpty()) {
            return amount.value();
        }
        return amount.value() * contract.each(unit, contract.lots.getFirst());
    }

    private void all(Contract contract, Amount.Unit unit, int period) {
        boolean all = contract.deal.parts(DealPart.Capacity.class).anyMatch(DealPart.Capacity::all);
        if (!all) {
            return;
        }
        int row = contract.builder.atLeast(
                "all of " + contract.deal.name() + ", "
                        + contract.demand.periods().get(period).name(),
                0);
        for (int lot : contract.lots) {
            contract.use(lot, period).into(contract.builder, row, contract.each(unit, lot));
        }
        tranches(contract, unit, period).into(contract.builder, row, -1);
        programme.promise(row, Promise.Kind.CONTRACT, contract.deal.name(), unitName(unit), 1);
    }

    /** A column for each option: 1 when it is called. Its premium is due with the deal. */
    private List<Integer> options(Contract contract) {
        List<Integer> called = new ArrayList<>();
        for (Deal.Clause clause : contract.deal.clauses()) {
            if (clause.part() instanceof DealPart.Option option) {
                int column = contract.builder.column(
                        clause.name() + " of " + contract.deal.name() + " called", 0, 1, 0, true);
                int row = contract.builder.atMost(clause.name() + " of " + contract.deal.name() + " needs it", 0);
                contract.builder.term(row, column, 1).term(row, contract.taken, -1);
                contract.pays(clause.name(), new Sum().add(contract.taken, option.premiumUsd()));
                called.add(column);
            }
        }
        return called;
    }

    /** Traffic of a class or model runs on the deal's lots only, from day to day. */
    private void exclusivity(Contract contract, DealPart.Exclusivity exclusivity) {
        Demand demand = contract.demand;
        for (int bucket = 0; bucket < demand.buckets().size(); bucket++) {
            Bucket asked = demand.buckets().get(bucket);
            boolean meant = asked.model().equals(exclusivity.traffic())
                    || asked.requestClass().name().toLowerCase(Locale.ROOT).equals(exclusivity.traffic());
            for (int stream = 0; stream < programme.streams.size() && meant; stream++) {
                boolean inside = programme.streams.get(stream).pairs().stream()
                        .allMatch(pair ->
                                contract.lots.contains(programme.pairs.get(pair).lot()));
                for (int period = 0; period < contract.periods() && !inside; period++) {
                    for (int hour = 0; hour < demand.hours().size(); hour++) {
                        int column = programme.served[stream][bucket][period][hour];
                        if (column >= 0 && contract.within(exclusivity.span(), period) > 0) {
                            double most =
                                    demand.waits(bucket) ? demand.tokens(period) : demand.rate(period, hour, bucket);
                            int row = contract.builder.atMost(
                                    exclusivity.traffic() + " is " + contract.deal.name() + "'s", most);
                            contract.builder.term(row, column, 1).term(row, contract.taken, most);
                        }
                    }
                }
            }
        }
    }

    /** A generation's chips are to be had until the next one's. */
    private void generations(Contract contract, DealPart.Generations generations) {
        List<DealPart.Generation> all = generations.generations();
        for (int i = 0; i < all.size(); i++) {
            LocalDate until = i + 1 < all.size() ? all.get(i + 1).from().minusDays(1) : Span.OPEN;
            Span span = new Span(all.get(i).from(), until);
            String offer = all.get(i).offer();
            for (int lot : contract.lots) {
                boolean meant = programme.lots.get(lot).name().equals(offer);
                for (int period = 0; period < contract.periods() && meant; period++) {
                    if (contract.within(span, period) == 0) {
                        gone(contract, lot, period);
                    }
                }
            }
        }
    }

    private void gone(Contract contract, int lot, int period) {
        double most = contract.only(lot) ? 0 : contract.mostChips(lot, period);
        int row = contract.builder.atMost(
                programme.lots.get(lot).name() + " is not of "
                        + contract.demand.periods().get(period).name(),
                most);
        contract.use(lot, period).into(contract.builder, row, 1);
        contract.builder.term(row, contract.taken, most);
    }

    /** Streams that only one deal's lots carry must be told apart where a deal binds traffic. */
    static String sign(Deals deals, String lot) {
        return deals.deals().stream()
                .filter(deal -> deal.parts(DealPart.Exclusivity.class).findAny().isPresent()
                        && deal.offers().contains(lot))
                .map(deal -> "|" + deal.name())
                .reduce("", String::concat);
    }
}
