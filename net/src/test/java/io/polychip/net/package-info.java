/** Over real sockets of the loopback: raw bytes against the server, scripted servers against the client. */
@NullMarked
package io.polychip.net;

import org.jspecify.annotations.NullMarked;
