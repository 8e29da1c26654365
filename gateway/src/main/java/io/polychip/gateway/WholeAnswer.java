package io.polychip.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.polychip.protocol.AnswerScan;
import io.polychip.protocol.TokenUsage;
import io.polychip.routing.Fault;
import org.jspecify.annotations.Nullable;

/**
 * An answer in one piece: kept until it is whole and known to be one, then passed on as the bytes it came in. One
 * larger than {@link #MAX_BUFFERED_BYTES}, which only large batches of embeddings are, is passed on as it comes from
 * there on; then only its framing tells whether it was whole.
 */
final class WholeAnswer implements Answer {
    static final int MAX_BUFFERED_BYTES = 16 * 1024 * 1024;
    private static final int MAX_PARTS = 1024;

    private final Upstream upstream;
    private final ClientCall client;
    private final String contentType;
    private @Nullable ByteBuf body;
    private boolean passing;

    WholeAnswer(Upstream upstream, String contentType) {
        this.upstream = upstream;
        this.client = upstream.client();
        this.contentType = contentType;
    }

    @Override
    public void data(ByteBuf piece, long now) {
        if (passing) {
            client.write(piece);
            return;
        }
        ByteBuf before = body;
        if (before == null) {
            body = piece;
        } else if (before instanceof CompositeByteBuf parts) {
            parts.addComponent(true, piece);
        } else {
            body = client.lane()
                    .allocator()
                    .compositeBuffer(MAX_PARTS)
                    .addComponent(true, before)
                    .addComponent(true, piece);
        }
        if (body != null && body.readableBytes() > MAX_BUFFERED_BYTES) {
            passing = true;
            client.startWhole(contentType);
            client.write(body);
            body = null;
            upstream.firstToken(true, now);
        }
    }

    @Override
    public void readComplete(long now) {
        if (passing) {
            client.flush();
        }
    }

    @Override
    public void end(long now) {
        if (passing) {
            upstream.complete(TokenUsage.NONE, 0, now);
            return;
        }
        ByteBuf whole = body == null ? client.lane().nothing() : body;
        AnswerScan scan = scan(whole);
        switch (scan.verdict()) {
            case COMPLETE -> {
                body = null;
                client.wholeAnswer(whole, contentType);
                upstream.complete(scan.usage(), scan.usage().completionTokens(), now);
            }
            case CUT -> fail(Fault.Kind.CUT, scan, now);
            case GARBLED -> fail(Fault.Kind.GARBLED, scan, now);
            case ERROR -> fail(Fault.Kind.ERROR_IN_STREAM, scan, now);
        }
    }

    private AnswerScan scan(ByteBuf whole) {
        int length = whole.readableBytes();
        if (whole.hasArray()) {
            return AnswerScan.of(whole.array(), whole.arrayOffset() + whole.readerIndex(), length);
        }
        byte[] copy = client.lane().scratch(length);
        whole.getBytes(whole.readerIndex(), copy, 0, length);
        return AnswerScan.of(copy, 0, length);
    }

    private void fail(Fault.Kind kind, AnswerScan scan, long now) {
        upstream.fail(new Fault(kind, Upstream.OK, 0, scan.detail()), now);
    }

    @Override
    public int tokensSeen() {
        return 0;
    }

    @Override
    public void release() {
        if (body != null) {
            body.release();
            body = null;
        }
    }
}
