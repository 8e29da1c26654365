package io.polychip.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;
import io.polychip.fleet.RequestClass;
import io.polychip.net.HttpExchange;
import io.polychip.protocol.ChatScan;
import io.polychip.protocol.Endpoint;
import io.polychip.protocol.Feature;
import io.polychip.protocol.OpenAiError;
import io.polychip.protocol.Prompt;
import io.polychip.protocol.ProtocolException;
import io.polychip.routing.Ask;

/**
 * Accepts a request that runs a model: who asks, what for, how much of it; then the dispatcher decides.
 *
 * <p>The body is looked at once and never bound. About 3 microseconds for a short request, 80 for 220 KB.
 */
final class ChatHandler {
    /** Longest id of a client's own that is taken over. */
    private static final int MAX_ID = 128;

    private ChatHandler() {}

    static void handle(Lane lane, HttpExchange exchange, Endpoint endpoint) {
        String id = requestId(lane, exchange.requestHeaders());
        try {
            Caller caller = lane.keyring().authenticate(exchange.requestHeaders());
            ChatScan scan = scan(lane, exchange.body(), endpoint);
            if (!lane.view().serves(scan.model())) {
                throw new ProtocolException(unknownModel(lane, scan.model()));
            }
            RequestClass requestClass = Tiers.of(scan.serviceTier(), caller.requestClass());
            ClientCall call = new ClientCall(lane, exchange, scan, caller, requestClass, id);
            lane.began(call);
            lane.dispatcher()
                    .accept(
                            ask(
                                    lane.random(),
                                    lane.ratio(),
                                    scan,
                                    caller,
                                    requestClass,
                                    exchange.body().readableBytes()),
                            call,
                            lane.now());
            call.timeline().handled(lane.now());
        } catch (ProtocolException refused) {
            Routes.refuse(lane, exchange, id, refused.error());
        }
    }

    private static ChatScan scan(Lane lane, ByteBuf body, Endpoint endpoint) {
        int length = body.readableBytes();
        if (body.hasArray()) {
            return ChatScan.of(body.array(), body.arrayOffset() + body.readerIndex(), length, endpoint);
        }
        byte[] copy = lane.scratch(length);
        body.getBytes(body.readerIndex(), copy, 0, length);
        return ChatScan.of(copy, 0, length, endpoint);
    }

    /** What routing is told of a request. @param seed its own draw of randomness */
    static Ask ask(long seed, TokenRatio ratio, ChatScan scan, Caller caller, RequestClass requestClass, int bytes) {
        Prompt prompt = scan.prompt();
        double perByte = ratio.perByte(scan.model());
        int[] prefixBytes = prompt.prefixBytes();
        int[] prefixTokens = new int[prefixBytes.length];
        for (int i = 0; i < prefixBytes.length; i++) {
            prefixTokens[i] = (int) (prefixBytes[i] * perByte);
        }
        return new Ask(
                seed,
                scan.model(),
                caller.tenant(),
                requestClass,
                caller.weight(),
                ratio.promptTokens(scan.model(), prompt),
                bytes,
                scan.maxTokens(),
                scan.choices(),
                scan.features() & ~Feature.SERVICE_TIER.bit(), // followed here, see Tiers
                scan.stream(),
                prompt.conversation(),
                prompt.prefixHashes(),
                prefixTokens,
                scan.ignoreEos() ? scan.maxTokens() : 0,
                scan.fingerprint());
    }

    static OpenAiError unknownModel(Lane lane, String model) {
        return new OpenAiError(
                404,
                "The model '%s' does not exist here. Available: %s."
                        .formatted(shorten(model), String.join(", ", lane.view().models())),
                OpenAiError.INVALID_REQUEST,
                "model",
                "model_not_found");
    }

    private static String shorten(String text) {
        return text.length() <= 100 ? text : text.substring(0, 100) + "...";
    }

    /** The client's own id where it has one that is fit for a header and a log, else a new one. */
    static String requestId(Lane lane, HttpHeaders headers) {
        String own = headers.get("x-client-request-id");
        return own != null && usable(own) ? own : lane.newRequestId();
    }

    private static boolean usable(String id) {
        if (id.isEmpty() || id.length() > MAX_ID) {
            return false;
        }
        for (int i = 0; i < id.length(); i++) {
            char c = id.charAt(i);
            if (c <= ' ' || c > '~') {
                return false;
            }
        }
        return true;
    }
}
