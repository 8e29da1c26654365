package io.polychip.planner;

import io.polychip.fleet.RequestClass;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;

/** One kind of request in one hour, and chips that serve 3 (amd) or 4 (nvidia) of them a second. */
final class Chats {
    static final Search SEARCH = Search.best();

    private Chats() {}

    static Lot.Chips amd(double most) {
        return lot("amd", 2, most);
    }

    static Lot.Chips nvidia(double usd) {
        return lot("nvidia", usd, 99);
    }

    static Lot.Chips lot(String vendor, double usd, double most) {
        return Lot.Chips.of(
                vendor + "-od", vendor + "/chip", Lot.Kind.ON_DEMAND, Map.of("vendor", vendor), usd, most, 1);
    }

    static Capacity capacity(String vendor, int chips, double perSecond) {
        return new Capacity(
                vendor + "-pool", vendor + "/chip", chips, new double[] {perSecond}, Map.of("vendor", vendor));
    }

    static Problem problem(double perSecond, Lot... lots) {
        return new Problem(
                new Demand(
                        List.of(new Bucket("chat", "m", RequestClass.DEFAULT, 900, 100)),
                        List.of(new Demand.Hour("hour", 1, new double[] {perSecond})),
                        List.of(new Demand.Period("now", LocalDate.EPOCH, LocalDate.EPOCH, 1, 1, 1)),
                        List.of()),
                List.of(capacity("amd", 1, 3), capacity("nvidia", 1, 4), capacity("google", 8, 32)),
                List.of(lots),
                Rules.NONE);
    }

    static Plan plan(Problem problem) {
        Programme programme = new Programme(problem);
        return Plan.of(programme, SEARCH.run(programme.milp(), new Solver.Effort(30, 1e-9)));
    }
}
