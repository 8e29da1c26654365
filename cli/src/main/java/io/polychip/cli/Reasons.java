package io.polychip.cli;

import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpTimeoutException;
import java.nio.charset.MalformedInputException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;

/** Why reading, writing or connecting did not work: Java's exceptions often say the file's name again, or nothing. */
final class Reasons {
    private Reasons() {}

    /** @param wrong an {@link IOException}, or what wraps one */
    static String of(Exception wrong) {
        Throwable cause = wrong.getCause() instanceof IOException inner ? inner : wrong;
        return switch (cause) {
            case NoSuchFileException _ -> "there is no such file";
            case AccessDeniedException _ -> "access is denied";
            case FileAlreadyExistsException _ -> "there is a file of that name";
            case MalformedInputException _ -> "it is no text in UTF-8. Maybe it is compressed: gunzip it first";
            case ConnectException _ -> "the connection was refused";
            case HttpTimeoutException _ -> "no answer came in time";
            default -> cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
        };
    }
}
