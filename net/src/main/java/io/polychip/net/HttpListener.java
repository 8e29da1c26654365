package io.polychip.net;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;

/** What becomes of one request of a {@link HttpClient}; called on its loop, ending with exactly one end or failure. */
public interface HttpListener {
    void head(int status, HttpHeaders headers);

    /** A piece of the body, de-chunked, as one read brought it; the listener owns and releases it. */
    void data(ByteBuf piece);

    /** One read of the socket is over: the moment to flush what it brought. */
    void readComplete();

    /** The body is complete by its own framing. */
    void end();

    void failed(HttpFailure failure);
}
