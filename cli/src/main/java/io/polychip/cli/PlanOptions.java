package io.polychip.cli;

import io.polychip.fleet.Catalogue;
import io.polychip.fleet.Deal;
import io.polychip.fleet.Deals;
import io.polychip.fleet.DealsReader;
import io.polychip.fleet.Fleet;
import io.polychip.fleet.FleetReader;
import io.polychip.fleet.Independence;
import io.polychip.fleet.Model;
import io.polychip.fleet.Objective;
import io.polychip.fleet.RequestClass;
import io.polychip.fleet.ServedModel;
import io.polychip.fleet.Supply;
import io.polychip.fleet.Workload;
import io.polychip.fleet.WorkloadReader;
import io.polychip.planner.Candidate;
import io.polychip.planner.Candidates;
import io.polychip.planner.Demand;
import io.polychip.planner.Lot;
import io.polychip.planner.Periods;
import io.polychip.planner.PlanException;
import io.polychip.planner.PlannedFleet;
import io.polychip.planner.PresentLots;
import io.polychip.planner.PublicOffers;
import io.polychip.planner.Rules;
import io.polychip.planner.SupplyLots;
import io.polychip.planner.TraceDemand;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

/** What is asked of a plan on the command line, and what it reads. */
final class PlanOptions {
    private static final long FOREVER_DAYS = 36_500;

    /** Where nobody says what is promised: as in the examples. */
    private static final Objective USUAL = new Objective(2_000_000_000L, 100_000_000L, 100_000_000L, 99);

    @Parameters(
            index = "0",
            paramLabel = "DEMAND",
            description = "A trace, as simulate takes it, or a YAML file of typical hours.")
    Path demand = Path.of("");

    @Option(
            names = "--fleet",
            paramLabel = "NOW",
            description = "The present fleet: its deployments, prices, objectives and commitments.")
    @Nullable
    Path fleet;

    @Option(names = "--deals", paramLabel = "FILE", description = "Offers and deals that can be had.")
    @Nullable
    Path deals;

    @Option(
            names = "--catalog",
            description =
                    "Also the catalogue's public prices. Taken by itself where neither --fleet nor --deals is given.")
    boolean catalog;

    @Option(
            names = "--model",
            paramLabel = "MODEL",
            description = "What a trace's requests ask for: a model of the fleet, or of the catalogue. Default: the"
                    + " fleet's first.")
    @Nullable
    String model;

    @Option(
            names = "--lose",
            paramLabel = "WHAT[@SHARE]",
            description = "What may be lost and what is served then: vendor@80%%, provider=aws, region. May be"
                    + " repeated. Default: what the fleet or the demand file says.")
    List<String> lose = new ArrayList<>();

    @Option(
            names = "--max-share",
            paramLabel = "VENDOR=PERCENT",
            split = ",",
            description = "Most of the tokens that a vendor may carry; any: each.")
    Map<String, Double> caps = Map.of();

    @Option(
            names = "--min-share",
            paramLabel = "VENDOR=PERCENT",
            split = ",",
            description = "Least of the tokens that a vendor must carry.")
    Map<String, Double> floors = Map.of();

    @Option(names = "--budget", paramLabel = "USD", description = "Most to be spent in a month.")
    double budget = Double.POSITIVE_INFINITY;

    @Option(
            names = "--horizon",
            paramLabel = "TIME",
            description =
                    "How far it looks: 12mo, 3y. Default: ${DEFAULT-VALUE}. A commitment that outlasts it is left out.")
    String horizon = "12mo";

    @Option(names = "--growth", paramLabel = "PERCENT", description = "By which a trace's rates grow in a year: 30%%.")
    String growth = "0%";

    @Option(names = "--scale", description = "Times as many clients as a trace has: 10x, 0.5. Default: 1.")
    String scale = "1";

    @Option(
            names = "--from",
            defaultValue = "0s",
            converter = TimeSpan.Converter.class,
            description = "Where in a trace to begin: 90s, 1h30m.")
    TimeSpan from = new TimeSpan(0);

    @Option(
            names = "--for",
            converter = TimeSpan.Converter.class,
            paramLabel = "TIME",
            description = "How much of a trace to plan for. Default: all of it, an hour of client models.")
    @Nullable
    TimeSpan length;

    @Option(names = "--buckets", paramLabel = "N", description = "Kinds of requests at most. Default ${DEFAULT-VALUE}.")
    int buckets = 12;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            description = "Most often head-room is raised and it is solved again. Default ${DEFAULT-VALUE}.")
    int rounds = 12;

    PlanInputs read(Catalogue catalogue) {
        if (!Files.exists(demand)) {
            throw new TypeConversionException("DEMAND %s: there is no such file or folder.".formatted(demand));
        }
        PlanChecks.of(this, catalogue);
        Path nowFile = fleet;
        Fleet now = nowFile == null ? null : new FleetReader(catalogue, System.getenv()).read(nowFile);
        Path dealsFile = deals;
        Deals all = dealsFile == null ? null : new DealsReader(catalogue, System.getenv()).read(dealsFile);
        Deals read = all == null ? null : all.base();
        Workload workload =
                PlanChecks.isTypical(demand) ? new WorkloadReader(catalogue, System.getenv()).read(demand) : null;
        List<String> notes = new ArrayList<>();
        if (all != null && read != null) {
            unfirm(all, read, notes);
        }
        PlannedFleet.Service service = service(catalogue, now, workload, notes);
        LocalDate asOf = read != null ? read.asOf() : LocalDate.now(ZoneId.systemDefault());
        PlanChecks.known(
                catalogue,
                "%s: independence: max-share".formatted(demand),
                service.independence().maxShare().keySet());
        PlanChecks.known(
                catalogue,
                "%s: independence: min-share".formatted(demand),
                service.independence().minShare().keySet());
        PlanDemand asked = workload == null ? recorded(service, notes) : typical(workload);
        Deals offered = offered(catalogue, service, now, read, asOf, notes);
        LocalDate begin = workload != null ? workload.from() : asOf;
        List<Demand.Period> periods = Periods.of(
                begin,
                PlanChecks.months(horizon),
                changes(asked, offered, workload, begin),
                asked.growth(),
                offered.discountRate());
        LocalDate end = periods.getLast().until();
        if (asOf.isAfter(end)) {
            throw new CommandException(
                    "%s: as-of %s is after %s, where the plan ends: none of these offers can be had by then. Maybe a longer --horizon, or a later from: in %s."
                            .formatted(deals, asOf, end, demand));
        }
        List<Candidate> candidates = new Candidates(catalogue, service.models(), now, Set.of()).of(offered.offers());
        LeftOut leftOut = new LeftOut(String.valueOf(deals), notes);
        Deals within = leftOut.within(offered, PlanChecks.months(horizon));
        List<Lot> lots = new ArrayList<>(SupplyLots.of(within, periods, true));
        if (now != null) {
            lots.addAll(PresentLots.of(now, periods.size(), read == null));
        }
        Workload.Energy energy = workload == null ? Workload.Energy.NONE : workload.energy();
        Rules rules = PlanEnergy.under(
                rules(service.independence(), candidates, lots, periods), energy, lots, catalogue, demand.toString());
        Set<String> unaccountable = PlanEnergy.unaccountable(rules, lots, catalogue);
        lots.removeIf(lot -> unaccountable.contains(lot.name()));
        Deals held = leftOut.accountable(within, unaccountable, lots, demand.toString());
        lots.removeIf(lot -> within.offer(lot.name()) != null && held.offer(lot.name()) == null);
        return new PlanInputs(
                demand,
                asked,
                demand(asked, periods, lots, asOf, catalogue),
                candidates,
                PlanEnergy.powered(lots, energy),
                rules,
                read == null ? new Deals(asOf, 0, Map.of(), held.offers(), List.of()) : held,
                service,
                rounds,
                notes);
    }

    private PlanDemand typical(Workload workload) {
        if (workload.traffic().stream()
                .allMatch(traffic -> traffic.perSecond().stream().allMatch(rate -> rate == 0))) {
            throw new CommandException(
                    "%s: traffic: nothing comes in any hour; expected requests-per-second above 0 in one of them."
                            .formatted(demand));
        }
        return new PlanDemand.Typical(workload);
    }

    private Demand demand(
            PlanDemand asked, List<Demand.Period> periods, List<Lot> lots, LocalDate asOf, Catalogue catalogue) {
        try {
            return asked.demand(periods, lots, asOf, catalogue, buckets);
        } catch (PlanException wrong) {
            throw new CommandException("%s, %s".formatted(demand, wrong.getMessage()));
        }
    }

    private PlannedFleet.Service service(
            Catalogue catalogue, @Nullable Fleet now, @Nullable Workload workload, List<String> notes) {
        Map<String, ServedModel> models = new LinkedHashMap<>();
        if (workload != null) {
            models.putAll(workload.models());
        } else if (now != null) {
            models.putAll(now.models());
        } else {
            models.put("model", shape(catalogue));
        }
        Map<RequestClass, Objective> objectives = new LinkedHashMap<>();
        if (now != null) {
            objectives.putAll(now.objectives());
        }
        if (workload != null) {
            objectives.putAll(workload.objectives());
        }
        if (objectives.isEmpty()) {
            objectives.put(RequestClass.DEFAULT, USUAL);
            notes.add(
                    "Nobody said what is promised: planned for a first token within 2 s + 100 ms/1k and 100 ms between"
                            + " tokens, for 99 of 100. A fleet or a demand file may say otherwise.");
        }
        Independence independence = workload != null && !workload.independence().equals(Independence.NONE)
                ? workload.independence()
                : now != null ? now.independence() : Independence.NONE;
        return new PlannedFleet.Service(models, objectives, independence, catalogue);
    }

    private ServedModel shape(Catalogue catalogue) {
        String asked = model;
        if (asked == null) {
            throw new TypeConversionException("--model: nothing says which model is asked for; expected one of the"
                    + " catalogue, or --fleet. Maybe --model meta-llama/Llama-3.1-8B-Instruct.");
        }
        Model shape = catalogue.models().get(asked);
        if (shape == null) {
            throw new TypeConversionException(
                    "--model %s: is not a model of the catalogue; see polychip catalog models.".formatted(asked));
        }
        return new ServedModel("model", shape, ServedModel.Continuation.OFF);
    }

    private PlanDemand recorded(PlannedFleet.Service service, List<String> notes) {
        Duration whole = Files.isDirectory(demand) ? Duration.ofHours(1) : Duration.ofDays(FOREVER_DAYS);
        TimeSpan part = length;
        TrafficSource source = new TrafficSource(
                demand,
                PlanChecks.factor(scale),
                Duration.ofNanos(from.nanos()),
                part == null ? whole : Duration.ofNanos(part.nanos()),
                1,
                Map.of());
        TrafficSource.Size size = source.measure();
        if (size.requests() == 0) {
            throw new TypeConversionException("%s has no request in that window.".formatted(demand));
        }
        if (size.spanNanos() == 0) {
            throw new CommandException(
                    "%s has %s in that window, all at one time: no rate follows from that. Maybe a longer --for, or a longer trace."
                            .formatted(demand, PlanText.some((int) Math.min(size.requests(), 1 << 30), "request")));
        }
        long unknown = source.clientsWithoutLengths();
        if (unknown > 0) {
            notes.add(
                    "%d client models were left out of the demand: nothing says how long their requests are. Maybe --scale, to make up for them."
                            .formatted(unknown));
        }
        String asked = model;
        String usual = asked != null && service.models().containsKey(asked)
                ? asked
                : service.models().keySet().stream().sorted().findFirst().orElseThrow();
        TraceDemand read = source.use(traffic -> TraceDemand.of(traffic, usual, size.spanNanos()));
        return new PlanDemand.Recorded(source, size, read, PlanChecks.percent("--growth", growth));
    }

    /** The file's offers, with the catalogue's where they are wanted. */
    private Deals offered(
            Catalogue catalogue,
            PlannedFleet.Service service,
            @Nullable Fleet now,
            @Nullable Deals read,
            LocalDate asOf,
            List<String> notes) {
        List<Supply> offers = new ArrayList<>(read == null ? List.of() : read.offers());
        if (catalog || (read == null && now == null)) {
            offers.addAll(PublicOffers.of(catalogue, service.models().values(), asOf));
            notes.add("Public prices of the catalogue are in it, each as of its own day; how many chips there are at"
                    + " these prices nobody says. See polychip catalog offers.");
        }
        return read == null
                ? new Deals(asOf, 0, Map.of(), offers, List.of())
                : new Deals(asOf, read.discountRate(), read.scenarios(), offers, read.deals());
    }

    /** Says which parts of deals hang on something that may not come. */
    private static void unfirm(Deals all, Deals base, List<String> notes) {
        List<String> left = new ArrayList<>();
        for (Deal deal : all.deals()) {
            Deal firm = base.deal(deal.name());
            if (firm == null) {
                left.add("%s (scenario %s)".formatted(deal.name(), deal.scenario()));
                continue;
            }
            deal.clauses().stream()
                    .filter(clause -> !firm.clauses().contains(clause))
                    .forEach(clause -> left.add(
                            "%s of %s (scenario %s)".formatted(clause.name(), deal.name(), clause.scenario())));
        }
        if (!left.isEmpty()) {
            notes.add("Left out of the deals, since it may not come: %s. polychip deals --in SCENARIO counts on it."
                    .formatted(String.join(", ", left)));
        }
    }

    private static boolean changes(PlanDemand asked, Deals offered, @Nullable Workload workload, LocalDate begin) {
        return asked.growth() != 0
                || !offered.deals().isEmpty()
                || (workload != null && !workload.training().isEmpty())
                || offered.offers().stream()
                        .anyMatch(offer ->
                                offered.asOf().plusDays(offer.leadDays()).isAfter(begin)
                                        || offer.available().from().isAfter(begin)
                                        || !offer.available().open());
    }

    private Rules rules(
            Independence independence, List<Candidate> candidates, List<Lot> lots, List<Demand.Period> periods) {
        List<Rules.Share> shares = new ArrayList<>();
        Map<String, Double> most = new LinkedHashMap<>(independence.maxShare());
        caps.forEach((vendor, percent) -> most.put(vendor, percent / 100));
        Map<String, Double> least = new LinkedHashMap<>(independence.minShare());
        floors.forEach((vendor, percent) -> least.put(vendor, percent / 100));
        most.forEach((vendor, cap) -> shares.add(new Rules.Share(
                "vendor", vendor.equals("any") ? Rules.Share.ANY : vendor, Rules.Basis.TOKENS, 0, cap, false)));
        least.forEach(
                (vendor, floor) -> shares.add(new Rules.Share("vendor", vendor, Rules.Basis.TOKENS, floor, 1, false)));
        List<Rules.Survival> survivals = new ArrayList<>();
        lose.forEach(text -> survivals.add(LossOption.of(text, candidates, lots)));
        if (lose.isEmpty() && !independence.survive().isEmpty()) {
            survivals.add(LossOption.of(independence.survive(), candidates, lots));
        }
        double months = periods.getFirst().hours() / (365.25 * 24 / 12);
        return new Rules(
                shares,
                survivals,
                List.of(),
                List.of(),
                budget * months,
                0,
                Double.POSITIVE_INFINITY,
                Map.of(),
                Rules.NONE.peakHours());
    }
}
