package io.polychip.cli;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;

/**
 * Hears the system's signals. {@code sun.misc.Signal} is the only way Java has, exported to all by
 * {@code jdk.unsupported} and reached by name because the compiler warns of it.
 */
final class Signals {
    private Signals() {}

    /**
     * Calls a handler, on a thread of its own, each time the signal comes, instead of the usual effect.
     *
     * @param name {@code TERM}, {@code INT}, {@code HUP}
     * @return false where this system has no such signal
     */
    @SuppressWarnings("ReferenceEquality") // a proxy is equal to itself alone
    static boolean on(String name, Runnable handler) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> listener = Class.forName("sun.misc.SignalHandler");
            Object proxy = Proxy.newProxyInstance(
                    Signals.class.getClassLoader(), new Class<?>[] {listener}, (self, method, arguments) -> {
                        if (method.getName().equals("handle")) {
                            handler.run();
                            return null;
                        }
                        return switch (method.getName()) {
                            case "hashCode" -> System.identityHashCode(self);
                            case "equals" -> self == arguments[0];
                            default -> "handler of SIG" + name;
                        };
                    });
            signal.getMethod("handle", signal, listener)
                    .invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
            return true;
        } catch (InvocationTargetException e) {
            return false; // not a signal of this system, or taken by the JVM itself
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("This Java has no sun.misc.Signal.", e);
        }
    }
}
