package io.polychip.gateway;

import io.netty.buffer.ByteBuf;

/**
 * Makes something of the body of an upstream's answer, by what kind of answer it is. Called on the loop, in the order
 * of {@link io.polychip.net.HttpListener}, and nothing more after it has settled its attempt.
 */
sealed interface Answer permits StreamedAnswer, WholeAnswer, ErrorAnswer {
    /** Owns and releases the piece. */
    void data(ByteBuf piece, long now);

    /** What one read brought is in: the moment to flush. */
    void readComplete(long now);

    /** The body is complete by its own framing. */
    void end(long now);

    /** Tokens seen so far, for an attempt that ends without usage. */
    int tokensSeen();

    /** Lets go of what is held back. */
    void release();
}
