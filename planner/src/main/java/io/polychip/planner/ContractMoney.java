package io.polychip.planner;

import io.polychip.fleet.Amount;
import io.polychip.fleet.Condition;
import io.polychip.fleet.Deal;
import io.polychip.fleet.DealPart;
import io.polychip.fleet.Span;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;

/** The parts of one deal that move money. Columns and rows of money are millions of dollars. */
final class ContractMoney {
    private static final double MILLION = Contract.MILLION;

    private final Contract contract;
    private final Milp.Builder builder;
    private final Demand demand;
    private final int taken;

    /** By period: columns that pay bills in the place of money. */
    private final List<List<Integer>> covers = new ArrayList<>();

    ContractMoney(Contract contract) {
        this.contract = contract;
        this.builder = contract.builder;
        this.demand = contract.demand;
        this.taken = contract.taken;
        for (int period = 0; period < contract.periods(); period++) {
            covers.add(new ArrayList<>());
        }
    }

    void add() {
        for (Deal.Clause clause : contract.deal.clauses()) {
            String name = clause.name();
            switch (clause.part()) {
                case DealPart.MinimumTake take -> minimumTake(name, take);
                case DealPart.Tiers tiers -> tiers(name, tiers);
                case DealPart.Credit credit -> cover(name, credit.usd(), credit.span(), credit.ofBill());
                case DealPart.Prepayment prepayment -> prepayment(name, prepayment);
                case DealPart.Investment investment -> investment(name, investment);
                case DealPart.Warrants warrants -> warrants(name, warrants);
                case DealPart.Loan loan -> contract.pays(name, new Sum().add(taken, loanUsd(loan)));
                case DealPart.Lease lease -> lease(name, lease);
                case DealPart.Backstop backstop -> backstop(name, backstop);
                case DealPart.Capacity _, DealPart.Option _, DealPart.Exclusivity _, DealPart.Generations _ -> {}
            }
        }
        bills();
    }

    /** A stretch of a contract with how much of each plan's period lies in it. */
    private record Stretch(Span span, double covered, double[] share) {
        int last() {
            int last = 0;
            for (int period = 0; period < share.length; period++) {
                last = share[period] > 0 ? period : last;
            }
            return last;
        }
    }

    /** A span cut into periods of so many months; 0: one. Those that the plan does not look at are left out. */
    private List<Stretch> stretches(Span span, int months) {
        List<Stretch> stretches = new ArrayList<>();
        LocalDate end =
                span.until().isAfter(contract.end()) && months == 0 && span.open() ? contract.end() : span.until();
        LocalDate from = span.from();
        while (!from.isAfter(end) && !from.isAfter(contract.end())) {
            LocalDate until = months == 0 ? end : from.plusMonths(months).minusDays(1);
            Span stretch = new Span(from, until.isAfter(end) ? end : until);
            double[] share = new double[contract.periods()];
            double days = 0;
            for (int period = 0; period < share.length; period++) {
                share[period] = contract.within(stretch, period);
                days += stretch.daysWithin(contract.span(period));
            }
            if (days > 0) {
                stretches.add(new Stretch(stretch, days / Contract.days(stretch), share));
            }
            from = stretch.until().plusDays(1);
        }
        return stretches;
    }

    private double discount(int period) {
        return demand.periods().get(period).discount();
    }

    private String of(String clause) {
        return clause + " of " + contract.deal.name();
    }

    /** topUp >= paid x (minimum - spend): what is not taken is paid all the same. */
    private void minimumTake(String clause, DealPart.MinimumTake take) {
        for (Stretch stretch : stretches(take.span(), take.periodMonths())) {
            String name = of(clause) + ", " + stretch.span().from();
            if (take.amount().unit() == Amount.Unit.USD) {
                int topUp = builder.column("top-up " + name, 0, Double.POSITIVE_INFINITY, 0, false);
                int row = builder.atLeast(name, 0);
                builder.term(row, topUp, 1);
                for (int period = 0; period < contract.periods(); period++) {
                    contract.spend(period).into(builder, row, stretch.share()[period] * take.paid());
                }
                builder.term(row, taken, -take.paid() * take.amount().value() * stretch.covered() / MILLION);
                contract.pays(clause, new Sum().add(topUp, MILLION * discount(stretch.last())));
            } else {
                chipsTaken(clause, take, stretch, name);
            }
        }
    }

    private void chipsTaken(String clause, DealPart.MinimumTake take, Stretch stretch, String name) {
        for (int period = 0; period < contract.periods() && !contract.lots.isEmpty(); period++) {
            if (stretch.share()[period] == 0) {
                continue;
            }
            int lot = inForce(period);
            double each = contract.each(take.amount().unit(), lot);
            double price = contract.offer(lot).usdPerChipHour()
                    * demand.periods().get(period).hours()
                    * stretch.share()[period]
                    * take.paid()
                    / MILLION;
            int topUp = builder.column("top-up " + name, 0, Double.POSITIVE_INFINITY, 0, false);
            int row = builder.atLeast(name, 0);
            builder.term(row, topUp, 1);
            for (int other : contract.lots) {
                contract.use(other, period)
                        .into(builder, row, price * contract.each(take.amount().unit(), other) / each);
            }
            builder.term(row, taken, -price * take.amount().value() / each);
            contract.pays(clause, new Sum().add(topUp, MILLION * discount(period)));
        }
    }

    /** The lot that a deal's gigawatts are priced at: the generation of that time, else the first. */
    private int inForce(int period) {
        int lot = contract.lots.getFirst();
        List<DealPart.Generation> generations = contract.deal
                .parts(DealPart.Generations.class)
                .flatMap(part -> part.generations().stream())
                .filter(generation ->
                        !generation.from().isAfter(contract.span(period).from()))
                .toList();
        for (int other : contract.lots) {
            boolean now = !generations.isEmpty()
                    && contract.programme
                            .lots
                            .get(other)
                            .name()
                            .equals(generations.getLast().offer());
            lot = now ? other : lot;
        }
        return lot;
    }

    private void tiers(String clause, DealPart.Tiers tiers) {
        Span plan = new Span(contract.span(0).from(), contract.end());
        for (Stretch stretch : stretches(plan, tiers.periodMonths())) {
            double most = 0;
            Sum spend = new Sum();
            for (int period = 0; period < contract.periods(); period++) {
                spend.add(contract.spend(period), stretch.share()[period]);
                most += stretch.share()[period] * contract.mostSpend(period);
            }
            Sum rebate = tiers.whole()
                    ? wholeVolume(of(clause), tiers.steps(), spend, most, stretch.covered())
                    : excess(of(clause), tiers.steps(), spend, most, stretch.covered());
            Sum pays = new Sum();
            pays.add(rebate, -MILLION * discount(stretch.last()));
            contract.pays(clause, pays);
        }
    }

    /** A higher step's discount begins only when all below it is full. */
    private Sum excess(String name, List<DealPart.Step> steps, Sum spend, double most, double covered) {
        Sum rebate = new Sum();
        int total = builder.atMost(name + " is for spend", 0);
        spend.into(builder, total, -1);
        int below = builder.column(name + " below", 0, Double.POSITIVE_INFINITY, 0, false);
        builder.term(total, below, 1);
        int full = below;
        double fullAt = steps.getFirst().fromUsd() * covered / MILLION;
        for (int i = 0; i < steps.size(); i++) {
            double from = steps.get(i).fromUsd() * covered / MILLION;
            double to = i + 1 < steps.size() ? steps.get(i + 1).fromUsd() * covered / MILLION : Math.max(from, most);
            int reached = builder.column(name + " step " + (i + 1), 0, 1, 0, true);
            int part = builder.column(name + " in step " + (i + 1), 0, Math.max(0, to - from), 0, false);
            builder.term(total, part, 1);
            int filled = builder.atLeast(name + " fills up to " + (i + 1), 0);
            builder.term(filled, full, 1).term(filled, reached, -fullAt);
            int opened = builder.atMost(name + " opens " + (i + 1), 0);
            builder.term(opened, part, 1).term(opened, reached, -Math.max(0, to - from));
            int with = builder.atMost(name + " needs the deal", 0);
            builder.term(with, reached, 1).term(with, taken, -1);
            rebate.add(part, steps.get(i).discount());
            full = part;
            fullAt = Math.max(0, to - from);
        }
        return rebate;
    }

    /** One step at most holds, for all that was spent. */
    private Sum wholeVolume(String name, List<DealPart.Step> steps, Sum spend, double most, double covered) {
        Sum rebate = new Sum();
        int one = builder.atMost(name + " one step", 0);
        builder.term(one, taken, -1);
        int within = builder.atMost(name + " is for spend", 0);
        spend.into(builder, within, -1);
        for (int i = 0; i < steps.size(); i++) {
            int holds = builder.column(name + " step " + (i + 1), 0, 1, 0, true);
            int volume = builder.column(name + " volume " + (i + 1), 0, Math.max(0, most), 0, false);
            builder.term(one, holds, 1);
            int reached = builder.atLeast(name + " reaches " + (i + 1), 0);
            spend.into(builder, reached, 1);
            builder.term(reached, holds, -steps.get(i).fromUsd() * covered / MILLION);
            builder.term(within, volume, 1);
            int open = builder.atMost(name + " opens " + (i + 1), 0);
            builder.term(open, volume, 1).term(open, holds, -Math.max(0, most));
            rebate.add(volume, steps.get(i).discount());
        }
        return rebate;
    }

    /** Money that pays bills of the deal's lots only, while it lasts. */
    private void cover(String clause, double usd, Span span, double ofBill) {
        int all = builder.atMost(of(clause) + " in all", 0);
        builder.term(all, taken, -usd / MILLION);
        Sum pays = new Sum();
        for (int period = 0; period < contract.periods(); period++) {
            double within = contract.within(span, period);
            if (within > 0) {
                int used = builder.column(
                        of(clause) + ", " + demand.periods().get(period).name(), 0, usd / MILLION, 0, false);
                int bill = builder.atMost(of(clause) + " of the bill", 0);
                builder.term(bill, used, 1);
                contract.spend(period).into(builder, bill, -ofBill * within);
                builder.term(all, used, 1);
                covers.get(period).add(used);
                pays.add(used, -MILLION * discount(period));
            }
        }
        contract.pays(clause, pays);
    }

    /** No bill is paid twice. */
    private void bills() {
        for (int period = 0; period < contract.periods(); period++) {
            if (covers.get(period).size() > 1) {
                int row = builder.atMost("bills of " + contract.deal.name(), 0);
                covers.get(period).forEach(used -> builder.term(row, used, 1));
                contract.spend(period).into(builder, row, -1);
            }
        }
    }

    private void prepayment(String clause, DealPart.Prepayment prepayment) {
        contract.pays(clause, new Sum().add(taken, prepayment.usd() * contract.discount(prepayment.at())));
        cover(clause, prepayment.usd() / (1 - prepayment.discount()), new Span(prepayment.at(), Span.OPEN), 1);
    }

    /** Money of a day beyond the plan's end is left out: its condition cannot be looked at. */
    private void investment(String clause, DealPart.Investment investment) {
        if (investment.at().isAfter(contract.end())) {
            return;
        }
        int paid = switch (investment.condition()) {
            case Condition.None _ -> taken;
            case Condition.Share share -> share(clause, share);
            case Condition.Volume volume -> reached(clause, volume.amount(), volume.of(), volume.by());
        };
        contract.pays(clause, new Sum().add(paid, -investment.usd() * contract.discount(investment.at())));
    }

    private int switched(String clause) {
        int holds = builder.column(of(clause) + " holds", 0, 1, 0, true);
        int needs = builder.atMost(of(clause) + " needs the deal", 0);
        builder.term(needs, holds, 1).term(needs, taken, -1);
        return holds;
    }

    /** part >= share x all in each period from the day on, or the condition does not hold. */
    private int share(String clause, Condition.Share share) {
        int holds = switched(clause);
        boolean looked = false;
        for (int period = 0; period < contract.periods(); period++) {
            if (contract.span(period).from().isBefore(share.from())) {
                continue;
            }
            looked = true;
            Sum part = new Sum();
            Sum all = new Sum();
            double most = weigh(share, period, part, all);
            int row = builder.atLeast(
                    of(clause) + " asks, " + demand.periods().get(period).name(), -most);
            part.into(builder, row, 1);
            all.into(builder, row, -share.share());
            builder.term(row, holds, -most);
        }
        if (!looked) {
            builder.term(builder.atMost(of(clause) + " is never looked at", 0), holds, 1);
        }
        return holds;
    }

    /** @return a bound on share x all */
    private double weigh(Condition.Share share, int period, Sum part, Sum all) {
        Programme programme = contract.programme;
        if (share.measure() == Condition.Measure.TOKENS) {
            double total = demand.tokens(period) / 3600;
            for (int stream = 0; stream < programme.streams.size(); stream++) {
                String chip = programme
                        .capacities
                        .get(programme.streams.get(stream).capacity())
                        .chip();
                for (int hour = 0; hour < demand.hours().size(); hour++) {
                    Sum tokens = programme.tokens(stream, period, hour);
                    all.add(tokens, demand.hours(period, hour) / total);
                    if (Condition.covers(share.of(), chip)) {
                        part.add(tokens, demand.hours(period, hour) / total);
                    }
                }
            }
            return share.share();
        }
        double most = 0;
        for (int lot = 0; lot < programme.lots.size(); lot++) {
            boolean spend = share.measure() == Condition.Measure.SPEND;
            Sum of = new Sum();
            of.add(spend ? programme.spend(lot, period) : contract.use(lot, period), spend ? 1 / MILLION : 1);
            all.add(of, 1);
            if (Condition.covers(share.of(), programme.lots.get(lot).chip())) {
                part.add(of, 1);
            } else {
                double chips = contract.mostChips(lot, period);
                double price = programme.lots.get(lot) instanceof Lot.Chips each ? each.usdPerChipHour() : 0;
                most += spend ? chips * price * demand.periods().get(period).hours() / MILLION : chips;
            }
        }
        return Math.max(1, share.share() * most);
    }

    /** So much is in use in some period that ends by the day, or the condition does not hold. */
    private int reached(String clause, Amount amount, String of, LocalDate by) {
        int holds = switched(clause);
        Sum any = new Sum();
        for (int period = 0; period < contract.periods(); period++) {
            if (contract.span(period).from().isAfter(by)) {
                continue;
            }
            int here = builder.column(
                    of(clause) + " by " + demand.periods().get(period).name(), 0, 1, 0, true);
            int row = builder.atLeast(
                    of(clause) + " in " + demand.periods().get(period).name(), 0);
            for (int lot : contract.lots) {
                if (Condition.covers(of, contract.programme.lots.get(lot).chip())) {
                    contract.use(lot, period).into(builder, row, contract.each(amount.unit(), lot));
                }
            }
            builder.term(row, here, -amount.value());
            any.add(here, 1);
        }
        int some = builder.atMost(of(clause) + " in some period", 0);
        builder.term(some, holds, 1);
        any.into(builder, some, -1);
        return holds;
    }

    /** Each step vests in the first period in which so much is in use. */
    private void warrants(String clause, DealPart.Warrants warrants) {
        for (int step = 0; step < warrants.steps().size(); step++) {
            Amount amount = warrants.steps().get(step).amount();
            String name = of(clause) + " step " + (step + 1);
            int once = builder.atMost(name + " once", 0);
            builder.term(once, taken, -1);
            for (int period = 0; period < contract.periods(); period++) {
                if (contract.span(period).until().isAfter(warrants.expires())) {
                    continue;
                }
                int vests = builder.column(
                        name + ", " + demand.periods().get(period).name(), 0, 1, 0, true);
                builder.term(once, vests, 1);
                int row = builder.atLeast(
                        name + " in " + demand.periods().get(period).name(), 0);
                for (int lot : contract.lots) {
                    contract.use(lot, period).into(builder, row, contract.each(amount.unit(), lot));
                }
                builder.term(row, vests, -amount.value());
                contract.pays(clause, new Sum().add(vests, -warrants.usd(step) * discount(period)));
            }
        }
    }

    /** Principal out and back with yearly interest, in dollars of now; the side that owes gets it first. */
    private double loanUsd(DealPart.Loan loan) {
        double now = loan.usd() * contract.discount(loan.span().from());
        LocalDate day = loan.span().from();
        while (day.isBefore(loan.span().until())) {
            LocalDate next = day.plusYears(1);
            LocalDate due = next.isAfter(loan.span().until()) ? loan.span().until() : next;
            double years = (due.toEpochDay() - day.toEpochDay()) / 365.25;
            now -= loan.usd() * loan.yearlyRate() * years * contract.discount(due);
            day = due;
        }
        now -= loan.usd() * contract.discount(loan.span().until());
        return loan.lent() ? now : -now;
    }

    /** Payments as far as the plan looks; the right to buy is used in the end where what follows is worth it. */
    private void lease(String clause, DealPart.Lease lease) {
        double now = 0;
        for (int period = 0; period < contract.periods(); period++) {
            double years = lease.span().daysWithin(contract.span(period)) / 365.25;
            now += lease.usdPerYear() * years * discount(period);
        }
        boolean bought = lease.purchaseUsd() > 0 && lease.span().until().isBefore(contract.end());
        double purchase =
                bought ? lease.purchaseUsd() * contract.discount(lease.span().until()) : 0;
        contract.pays(clause, new Sum().add(taken, now + purchase));
    }

    /** Chips bound for a term that nothing runs on go back at a price. */
    private void backstop(String clause, DealPart.Backstop backstop) {
        int all = Double.isFinite(backstop.mostUsd())
                ? builder.atMost(of(clause) + " in all", backstop.mostUsd() / MILLION)
                : -1;
        Sum pays = new Sum();
        for (int period = 0; period < contract.periods(); period++) {
            double within = contract.within(backstop.span(), period);
            for (int lot : contract.lots) {
                Sum bound = contract.programme.bound(lot, period);
                if (bound.isEmpty() || within == 0) {
                    continue;
                }
                int sold = builder.column(of(clause) + " chips", 0, contract.mostChips(lot, period), 0, false);
                int row = builder.atMost(of(clause) + " unused", 0);
                builder.term(row, sold, 1);
                bound.into(builder, row, -1);
                contract.programme.chips(lot, period, 0).into(builder, row, 1);
                int with = builder.atMost(of(clause) + " needs the deal", 0);
                builder.term(with, sold, 1).term(with, taken, -contract.mostChips(lot, period));
                double usd =
                        backstop.usdPerChipHour() * demand.periods().get(period).hours() * within;
                pays.add(sold, -usd * discount(period));
                if (all >= 0) {
                    builder.term(all, sold, usd / MILLION);
                }
            }
        }
        contract.pays(clause, pays);
    }
}
