package io.polychip.cli;

/** A command that cannot do what was asked; its message is all the user sees. Exit code 1. */
final class CommandException extends RuntimeException {
    private static final long serialVersionUID = 1;

    CommandException(String message) {
        super(message);
    }
}
