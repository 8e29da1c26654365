package io.polychip.fleet;

/**
 * A model under the name clients ask for.
 *
 * @param continuation whether an answer cut after its first tokens may be continued on another pool
 */
public record ServedModel(String name, Model shape, Continuation continuation) {
    /** By re-sending text, by re-sending token ids, or never. */
    public enum Continuation {
        TEXT,
        TOKENS,
        OFF
    }
}
