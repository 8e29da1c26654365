package io.polychip.fleet;

import java.time.LocalDate;
import java.util.List;

/**
 * What contracts of many years are weighed on, as a study file describes it: traffic that grows, what a chip does of
 * it, and training jobs. Coarser than a plan's demand: one typical hour at the peak, one period a year.
 *
 * @param from first day of the first year
 * @param years how far it looks
 */
public record Study(LocalDate from, int years, List<Traffic> traffic, List<Speed> speeds, List<Training> training) {
    public Study {
        traffic = List.copyOf(traffic);
        speeds = List.copyOf(speeds);
        training = List.copyOf(training);
    }

    /**
     * Requests that are alike.
     *
     * @param inputTokens mean prompt
     * @param outputTokens mean answer
     * @param perSecond requests in the first year
     * @param yearlyGrowth 0.5 for half as much again each year
     */
    public record Traffic(
            String name,
            String model,
            RequestClass requestClass,
            double inputTokens,
            double outputTokens,
            double perSecond,
            double yearlyGrowth) {}

    /**
     * Answer tokens a second that one chip gives of some traffic at its objective.
     *
     * @param chips of one replica
     * @param low of the band that the evidence allows
     */
    public record Speed(
            String traffic,
            String chip,
            int chips,
            double tokensPerSecondPerChip,
            double low,
            double high,
            Source source) {}

    /**
     * A model to be trained from nothing.
     *
     * @param model of the catalogue
     * @param by last day
     * @param line where the file speaks of it
     */
    public record Training(
            String name,
            String model,
            Precision precision,
            double tokens,
            int sequenceTokens,
            LocalDate by,
            int line) {}
}
