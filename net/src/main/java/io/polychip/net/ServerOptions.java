package io.polychip.net;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * How a server behaves towards its clients.
 *
 * @param tls null for plain HTTP
 * @param refusalBody the JSON body for a request turned down before any handler saw it; called once for each, so it is
 *     also the place to count and log them. On the connection's loop
 */
public record ServerOptions(ServerLimits limits, @Nullable ServerTls tls, Function<Refusal, String> refusalBody) {

    /** Plain HTTP with {@link ServerLimits#standard()} and errors shaped like OpenAI's. */
    public static ServerOptions standard() {
        return new ServerOptions(
                ServerLimits.standard(),
                null,
                refusal ->
                        "{\"error\":{\"message\":\"%s\",\"type\":\"invalid_request_error\",\"param\":null,\"code\":\"%s\"}}"
                                .formatted(refusal.message(), refusal.code()));
    }

    public ServerOptions withLimits(ServerLimits newLimits) {
        return new ServerOptions(newLimits, tls, refusalBody);
    }

    public ServerOptions withTls(@Nullable ServerTls newTls) {
        return new ServerOptions(limits, newTls, refusalBody);
    }

    public ServerOptions withRefusalBody(Function<Refusal, String> newRefusalBody) {
        return new ServerOptions(limits, tls, newRefusalBody);
    }
}
