package io.polychip.fleet;

import java.time.LocalDate;
import java.util.List;
import java.util.Map;

/**
 * What a service will be asked for, as a demand file describes it: typical hours with a rate for each kind of traffic,
 * lengths as distributions, growth, and training beside it.
 *
 * @param from first day of the plan
 * @param objectives of the classes that have one
 * @param hours typical ones; their parts of a day add up to anything
 */
public record Workload(
        LocalDate from,
        Map<String, ServedModel> models,
        Map<RequestClass, Objective> objectives,
        List<Hour> hours,
        List<Traffic> traffic,
        List<Study.Training> training,
        Independence independence,
        Energy energy) {
    public Workload {
        models = Map.copyOf(models);
        objectives = Map.copyOf(objectives);
        hours = List.copyOf(hours);
        traffic = List.copyOf(traffic);
        training = List.copyOf(training);
    }

    /**
     * What power and its carbon cost, and how much of it there is.
     *
     * @param usdPerTonneCo2 counted for every tonne; 0: carbon is not counted
     * @param tonnesCo2PerYear most of it in a year; infinite where nobody says
     * @param gramsCo2PerKwh of chips whose region's is known to nobody, or that name no region; negative: not given
     */
    public record Energy(
            double usdPerTonneCo2, double tonnesCo2PerYear, double gramsCo2PerKwh, Map<String, Region> regions) {
        public static final Energy NONE = new Energy(0, Double.POSITIVE_INFINITY, -1, Map.of());

        public Energy {
            regions = Map.copyOf(regions);
        }

        /**
         * One region of the offers.
         *
         * @param usdPerKwh paid beside the chips; 0: their price holds it
         * @param gramsCo2PerKwh negative: as the catalogue has it
         * @param watts there are, host and facility included; infinite where nobody says
         */
        public record Region(double usdPerKwh, double gramsCo2PerKwh, double watts) {}
    }

    /** A typical hour. @param ofDay how many hours of a day are like it */
    public record Hour(String name, double ofDay) {}

    /**
     * Requests that belong together.
     *
     * @param model the name clients ask for
     * @param perSecond requests in each typical hour, at the plan's begin
     * @param yearlyGrowth 0.5 for half as much again each year
     * @param line where the file speaks of it
     */
    public record Traffic(
            String name,
            String model,
            RequestClass requestClass,
            Lengths input,
            Lengths output,
            List<Double> perSecond,
            double yearlyGrowth,
            int line) {
        public Traffic {
            perSecond = List.copyOf(perSecond);
        }
    }

    /** How long prompts or answers are, in tokens. */
    public sealed interface Lengths {
        /** The length that a share {@code q} of all, 0 to 1, do not exceed. */
        double quantile(double q);

        /** All of one length. */
        record Fixed(double tokens) implements Lengths {
            @Override
            public double quantile(double q) {
                return tokens;
            }
        }

        /**
         * Log-normal, as lengths of prompts and answers roughly are.
         *
         * @param median half are shorter
         * @param sigma of the logarithm
         */
        record Skewed(double median, double sigma) implements Lengths {
            @Override
            public double quantile(double q) {
                return Math.max(1, median * StrictMath.exp(sigma * normal(q)));
            }
        }

        /**
         * Counted: straight between the points.
         *
         * @param upTo ascending lengths @param share of all that are at most so long, ascending to 1
         */
        record Counted(List<Double> upTo, List<Double> share) implements Lengths {
            public Counted {
                upTo = List.copyOf(upTo);
                share = List.copyOf(share);
            }

            @Override
            public double quantile(double q) {
                double below = 0;
                double shareBelow = 0;
                for (int i = 0; i < upTo.size(); i++) {
                    if (q <= share.get(i) || i == upTo.size() - 1) {
                        double part = (q - shareBelow) / Math.max(1e-12, share.get(i) - shareBelow);
                        return Math.max(1, below + (upTo.get(i) - below) * Math.clamp(part, 0, 1));
                    }
                    below = upTo.get(i);
                    shareBelow = share.get(i);
                }
                return below;
            }
        }

        /**
         * Quantile of the standard normal distribution, good to 0.005 (Abramowitz and Stegun, Handbook of Mathematical
         * Functions, 26.2.23: 4.5e-4).
         */
        static double normal(double q) {
            double tail = Math.clamp(Math.min(q, 1 - q), 1e-12, 0.5);
            double t = StrictMath.sqrt(-2 * StrictMath.log(tail));
            double z = t
                    - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
            return q < 0.5 ? -z : z;
        }
    }
}
