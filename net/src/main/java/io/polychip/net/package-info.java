/**
 * Sockets, event loops and HTTP/1.1 on Netty, behind the port {@link io.polychip.net.Network} so that everything above
 * also runs on virtual time. A server hands each whole request to an {@link io.polychip.net.HttpHandler}; a client
 * streams an answer to an {@link io.polychip.net.HttpListener} on the same loop. Nothing here knows what a model is.
 */
@NullMarked
package io.polychip.net;

import org.jspecify.annotations.NullMarked;
