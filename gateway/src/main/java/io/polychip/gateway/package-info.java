/** The gateway: accepts requests, carries out over sockets what the dispatcher decides, and accounts for the tokens. */
@NullMarked
package io.polychip.gateway;

import org.jspecify.annotations.NullMarked;
