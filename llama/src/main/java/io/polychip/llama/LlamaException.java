package io.polychip.llama;

/**
 * The files, the library, the model or the engine cannot do what was asked; the message is one line for an operator.
 */
public final class LlamaException extends RuntimeException {
    public LlamaException(String message) {
        super(message);
    }

    public LlamaException(String message, Throwable cause) {
        super(message, cause);
    }
}
