package io.polychip.llama;

/** A prompt leaves no room for an answer in the context. */
public final class ContextLengthException extends RuntimeException {
    ContextLengthException(String message) {
        super(message);
    }
}
