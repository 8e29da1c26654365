package io.polychip.fleet;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads the catalogue's tables that only planning needs: power of chips and regions, training speeds, public deals. */
final class PlanningTables {
    private PlanningTables() {}

    static Map<String, ChipPower> chipPowers() {
        Map<String, ChipPower> powers = new LinkedHashMap<>();
        for (Csv.Row row : Csv.resource("chip-power.csv")) {
            powers.put(
                    row.text("chip"),
                    new ChipPower(
                            row.text("chip"),
                            row.number("tdp_w"),
                            row.number("all_in_w"),
                            row.number("it_w"),
                            row.number("at_most_w"),
                            row.number("training_w"),
                            row.number("inference_w"),
                            row.text("note"),
                            row.source()));
        }
        return powers;
    }

    static List<RegionEnergy> regions() {
        return Csv.resource("region-energy.csv").stream()
                .map(row -> new RegionEnergy(
                        row.text("cloud"),
                        row.text("region"),
                        row.text("place"),
                        row.number("pue"),
                        row.number("gco2_per_kwh"),
                        row.number("usd_per_kwh"),
                        row.text("note"),
                        row.source()))
                .toList();
    }

    static List<TrainingRate> trainingRates() {
        return Csv.resource("training-rates.csv").stream()
                .map(row -> new TrainingRate(
                        row.text("chip"),
                        row.text("model"),
                        row.text("shape"),
                        row.text("task"),
                        row.text("precision"),
                        row.count("chips"),
                        row.count("sequence_tokens"),
                        row.number("tokens_per_s_per_chip"),
                        row.number("tflops_per_chip"),
                        row.text("basis").equals("mlperf"),
                        row.text("note"),
                        row.source()))
                .toList();
    }

    static List<PublicDeal> publicDeals() {
        return Csv.resource("public-deals.csv").stream()
                .map(row -> new PublicDeal(
                        row.text("id"),
                        row.text("when"),
                        row.text("buyer"),
                        row.text("supplier"),
                        row.text("chip"),
                        row.number("usd"),
                        row.text("sum"),
                        row.text("term"),
                        row.number("gigawatts"),
                        row.text("structure"),
                        row.text("conditions"),
                        row.text("status"),
                        row.text("form"),
                        row.source()))
                .toList();
    }
}
