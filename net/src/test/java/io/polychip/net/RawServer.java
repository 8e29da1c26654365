package io.polychip.net;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;

/** A server that speaks bytes; each connection runs the script on a thread of its own. */
final class RawServer implements AutoCloseable {
    /** What happens on one connection, which is closed afterwards. */
    @FunctionalInterface
    interface Script {
        void run(Peer peer, int connection) throws IOException;
    }

    /** The server's end of one connection. */
    record Peer(Socket socket) {
        /** Reads a request up to its head's end; bodies are not looked at. @return false when the client has closed */
        boolean readHead() throws IOException {
            int matched = 0;
            while (matched < 4) {
                int next = socket.getInputStream().read();
                if (next < 0) {
                    return false;
                }
                matched = next == "\r\n\r\n".charAt(matched) ? matched + 1 : next == '\r' ? 1 : 0;
            }
            return true;
        }

        void send(String latin1) throws IOException {
            socket.getOutputStream().write(latin1.getBytes(StandardCharsets.ISO_8859_1));
        }

        /** Waits until the client closes or resets. */
        void awaitClose() throws IOException {
            try {
                socket.getInputStream().transferTo(OutputStream.nullOutputStream());
            } catch (SocketException reset) {
                // closed all the same
            }
        }

        void reset() throws IOException {
            socket.setSoLinger(true, 0);
        }
    }

    private final ServerSocket listener;
    private final AtomicInteger connections = new AtomicInteger();

    RawServer(Script script) {
        try {
            listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofVirtual().start(() -> accept(script));
    }

    private void accept(Script script) {
        while (!listener.isClosed()) {
            try {
                Socket socket = listener.accept();
                socket.setTcpNoDelay(true);
                int number = connections.getAndIncrement();
                Thread.ofVirtual().start(() -> run(script, socket, number));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private static void run(Script script, Socket socket, int number) {
        try (socket) {
            script.run(new Peer(socket), number);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    int port() {
        return listener.getLocalPort();
    }

    int connections() {
        return connections.get();
    }

    @Override
    public void close() {
        try {
            listener.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
