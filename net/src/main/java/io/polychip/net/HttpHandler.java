package io.polychip.net;

/** Answers requests of one server, on the event loop of their connection. Must not block. */
@FunctionalInterface
public interface HttpHandler {
    void handle(HttpExchange exchange);
}
