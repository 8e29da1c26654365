package io.polychip.planner;

import io.polychip.fleet.RequestClass;

/**
 * Requests that are alike: one model, one class, prompts and answers of about one length.
 *
 * @param model the name clients ask for
 * @param inputTokens mean prompt
 * @param outputTokens mean answer
 */
public record Bucket(String name, String model, RequestClass requestClass, double inputTokens, double outputTokens) {
    public Bucket {
        if (!(inputTokens >= 0) || !(outputTokens >= 0) || !(inputTokens + outputTokens > 0)) {
            throw new PlanException("Bucket %s has %s prompt and %s answer tokens; together they must be above 0."
                    .formatted(name, inputTokens, outputTokens));
        }
    }

    public double tokens() {
        return inputTokens + outputTokens;
    }
}
