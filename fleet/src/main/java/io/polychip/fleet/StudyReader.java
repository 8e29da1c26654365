package io.polychip.fleet;

import static io.polychip.fleet.Keys.closed;

import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Reads a study: traffic over years, speeds of chips, training jobs. Reports every mistake at once, with file and line.
 */
public final class StudyReader {
    static final Keys FILE = closed("study", "from", "years", "traffic", "speeds", "training");
    static final Keys TRAFFIC =
            closed("traffic", "name", "model", "class", "input", "output", "requests-per-second", "growth");
    static final Keys SPEED = closed(
            "speeds",
            "traffic",
            "chip",
            "chips",
            "tokens-per-second-per-chip",
            "low",
            "high",
            "source",
            "date",
            "confidence");
    static final Keys TRAINING = closed("training", "name", "model", "precision", "tokens", "sequence", "by");

    private final Catalogue catalogue;
    private final Environment environment;

    public StudyReader(Catalogue catalogue, Map<String, String> environment) {
        this.catalogue = catalogue;
        this.environment = new Environment(environment);
    }

    /** @throws FleetException with all mistakes */
    public Study read(Path file) {
        return read(file.toString(), FleetReader.text(file, "a study of traffic and speeds"));
    }

    /** @param name shown in messages @throws FleetException with all mistakes */
    public Study read(String name, String yaml) {
        Problems problems = new Problems(name);
        Section root = new Yaml(problems, environment).root(yaml, FILE, "from, years, traffic and speeds");
        Value from = root.required("from", "the first day, such as 2027-01");
        Value years = root.required("years", "a whole number of years");
        List<Study.Traffic> traffic = traffic(root);
        Set<String> named = new HashSet<>();
        traffic.forEach(each -> named.add(each.name()));
        Study study = new Study(
                from == null ? LocalDate.EPOCH : from.read("a day", Dates::first, LocalDate.EPOCH),
                years == null ? 1 : years.read("years", text -> Units.count(text, 1, 30), 1),
                traffic,
                speeds(root, named),
                trainings(root));
        for (Study.Traffic each : traffic) {
            boolean served =
                    study.speeds().stream().anyMatch(speed -> speed.traffic().equals(each.name()));
            if (!served && !each.name().isEmpty() && root.get("speeds") != null) {
                root.wrong("no chip has a speed for the traffic " + each.name() + "; expected at least one. "
                        + "Maybe a line under speeds.");
            }
        }
        if (problems.none()) {
            return study;
        }
        throw problems.exception();
    }

    private static List<Study.Traffic> traffic(Section root) {
        List<Study.Traffic> traffic = new ArrayList<>();
        Value list = root.required("traffic", "a list such as [{name: chat, ...}]");
        for (Value item : list == null ? List.<Value>of() : list.items("traffic such as {name: chat, ...}")) {
            Section section = item.section(TRAFFIC, "name, model, input, output and requests-per-second");
            traffic.add(new Study.Traffic(
                    SupplyReader.name(section, "traffic"),
                    SupplyReader.text(section, "model", "the model's name"),
                    section.read(
                            "class",
                            "a request class",
                            text -> RequestClass.valueOf(Section.oneOf(text, "a request class", Keys.OBJECTIVES.names())
                                    .toUpperCase(Locale.ROOT)),
                            RequestClass.DEFAULT),
                    above(section, "input", "tokens of a mean prompt"),
                    above(section, "output", "tokens of a mean answer"),
                    above(section, "requests-per-second", "requests a second at the peak of the first year"),
                    section.read("growth", "a share a year", StudyReader::growth, 0.0)));
        }
        return traffic;
    }

    private List<Study.Speed> speeds(Section root, Set<String> traffic) {
        List<Study.Speed> speeds = new ArrayList<>();
        Value list = root.required("speeds", "a list such as [{traffic: chat, chip: nvidia/h200-sxm, ...}]");
        for (Value item : list == null ? List.<Value>of() : list.items("speeds such as {traffic: chat, ...}")) {
            Section section = item.section(SPEED, "traffic, chip, tokens-per-second-per-chip and source");
            Value of = section.required("traffic", "traffic of this file");
            Value chip = section.required("chip", "a chip of the catalogue");
            double speed = above(section, "tokens-per-second-per-chip", "answer tokens a second of one chip");
            double low = section.read("low", "a speed", text -> Units.above(text, "a speed"), speed);
            double high = section.read("high", "a speed", text -> Units.above(text, "a speed"), speed);
            Value first = section.get("low");
            if (first != null && low > speed) {
                first.wrong(
                        "is above tokens-per-second-per-chip, " + Units.decimal(speed) + "; expected at most that.");
            }
            Value last = section.get("high");
            if (last != null && high < speed) {
                last.wrong(
                        "is below tokens-per-second-per-chip, " + Units.decimal(speed) + "; expected at least that.");
            }
            speeds.add(new Study.Speed(
                    of == null
                            ? ""
                            : of.read("traffic", text -> Section.oneOf(text, "traffic of this file", traffic), ""),
                    chip == null
                            ? ""
                            : chip.read(
                                    "a chip",
                                    text -> Section.oneOf(
                                            text,
                                            "a chip of the catalogue",
                                            catalogue.chips().keySet()),
                                    ""),
                    section.read("chips", "a number", text -> Units.count(text, 1, 100_000), 1),
                    speed,
                    low,
                    high,
                    DealReader.source(section)));
            if (section.get("source") == null) {
                section.missing("source", "expected where the speed was measured or how it was estimated.");
            }
        }
        return speeds;
    }

    List<Study.Training> trainings(Section root) {
        List<Study.Training> trainings = new ArrayList<>();
        Value list = root.get("training");
        for (Value item : list == null ? List.<Value>of() : list.items("jobs such as {name: next, model: ...}")) {
            Section section = item.section(TRAINING, "name, model, tokens and by");
            Value model = section.required("model", "a model of the catalogue");
            Value by = section.required("by", "the last day");
            trainings.add(new Study.Training(
                    SupplyReader.name(section, "a job"),
                    model == null
                            ? ""
                            : model.read(
                                    "a model",
                                    text -> Section.oneOf(
                                            text,
                                            "a model of the catalogue",
                                            catalogue.models().keySet()),
                                    ""),
                    section.read(
                            "precision",
                            "a precision",
                            text -> Precision.valueOf(Section.oneOf(text, "a precision", List.of("bf16", "fp8", "fp4"))
                                    .toUpperCase(Locale.ROOT)),
                            Precision.FP8),
                    above(section, "tokens", "tokens to train on"),
                    section.read("sequence", "tokens", text -> Units.count(text, 128, 10_000_000), 8192),
                    by == null ? LocalDate.EPOCH : by.read("a day", Dates::last, LocalDate.EPOCH),
                    section.line()));
        }
        return trainings;
    }

    static double growth(String text) {
        if (!text.endsWith("%")) {
            throw new Mistake("has no unit; expected growth a year such as 50 %.");
        }
        return Units.above(text.substring(0, text.length() - 1).strip(), "growth a year such as 50 %") / 100;
    }

    private static double above(Section section, String key, String expected) {
        Value value = section.required(key, expected);
        return value == null ? 1 : value.read(expected, text -> Units.above(text, expected), 1.0);
    }
}
