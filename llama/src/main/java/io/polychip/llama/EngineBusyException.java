package io.polychip.llama;

/** The queue is full; nothing was taken on. */
public final class EngineBusyException extends RuntimeException {
    EngineBusyException(int waiting, int queue) {
        super("%d requests wait for a slot and at most %d may. Maybe try again in a moment.".formatted(waiting, queue));
    }
}
