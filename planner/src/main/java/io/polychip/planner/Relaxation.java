package io.polychip.planner;

/**
 * The best with fractions allowed, and what each thing is worth there.
 *
 * @param rowPrices change of the cost per unit more on a row's right-hand side; 0 where the row does not bind
 * @param reducedCosts change of the cost per unit more of a column beyond its bound
 */
public record Relaxation(Solution solution, double[] rowPrices, double[] reducedCosts) {}
