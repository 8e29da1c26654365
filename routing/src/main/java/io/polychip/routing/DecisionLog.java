package io.polychip.routing;

/** Takes explanations of sampled decisions; keeps as many as it likes. Called on the dispatcher's own turn. */
@FunctionalInterface
public interface DecisionLog {
    void decided(Decision decision);
}
