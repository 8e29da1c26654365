package io.polychip.cli;

import java.io.IOException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Single keys from the terminal, without Enter. Puts the terminal back on {@link #close}. Nothing where none is. */
final class Keyboard implements AutoCloseable {
    private final BlockingQueue<Integer> pressed = new LinkedBlockingQueue<>();
    private final boolean raw;

    Keyboard() {
        raw = Terminal.interactive() && stty("-icanon -echo min 1");
        if (raw) {
            Thread.ofPlatform().daemon().name("keyboard").start(this::read);
        }
    }

    /** Waits for a key. @return -1 when none came in time */
    int key(long millis) throws InterruptedException {
        Integer key = pressed.poll(millis, TimeUnit.MILLISECONDS);
        return key == null ? -1 : key;
    }

    private void read() {
        try {
            for (int key = System.in.read(); key >= 0; key = System.in.read()) {
                pressed.add(key);
            }
        } catch (IOException gone) {
            System.getLogger(Keyboard.class.getName()).log(System.Logger.Level.DEBUG, "the terminal is gone", gone);
        }
    }

    private static boolean stty(String mode) {
        try {
            return new ProcessBuilder("sh", "-c", "stty " + mode + " < /dev/tty")
                            .redirectErrorStream(true)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException noTerminal) {
            return false;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    @Override
    public void close() {
        if (raw) {
            stty("sane");
        }
    }
}
