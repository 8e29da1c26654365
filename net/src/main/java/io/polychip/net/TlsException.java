package io.polychip.net;

/** Certificates or keys that cannot be used. */
public final class TlsException extends RuntimeException {
    TlsException(String message, Throwable cause) {
        super(message, cause);
    }
}
