package io.polychip.emulator;

import io.netty.handler.codec.http.HttpHeaders;
import org.jspecify.annotations.Nullable;

/** An answer in one piece, once everything is there. */
final class WholeReply extends Reply {
    private final HttpHeaders headers;

    WholeReply(Outlet outlet, Order order, ReplyText text, @Nullable Fault fault, HttpHeaders headers) {
        super(outlet, order, text, fault);
        this.headers = headers;
    }

    @Override
    void begin() {}

    @Override
    void tokens(Choice choice, int from, int count) {}

    @Override
    void end(Choice choice) {}

    @Override
    void endAll() {
        outlet.respond(200, headers, order.embeddings() ? text.embeddings() : text.whole(choices));
    }

    @Override
    void flush() {}

    @Override
    void cut() {
        String whole = text.whole(choices);
        outlet.respond(200, headers, whole.substring(0, whole.length() / 2));
    }

    @Override
    void broken() {
        close();
        outlet.respond(200, headers, ReplyText.BROKEN);
    }

    @Override
    void failed() {
        outlet.respond(200, headers, ReplyText.ERROR);
    }
}
