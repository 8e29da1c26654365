package io.polychip.net;

import io.netty.util.AsciiString;

/**
 * Headers that belong to one connection or one message's framing and never travel on (RFC 9110 section 7.6.1). Server
 * and client write their own and drop these from what they are given, so a relay may pass headers as they came.
 */
public final class HopByHop {
    private HopByHop() {}

    /** In any case of letters. */
    public static boolean contains(CharSequence name) {
        return switch (name.length()) {
            case 2 -> is("te", name);
            case 7 -> is("trailer", name) || is("upgrade", name);
            case 10 -> is("connection", name) || is("keep-alive", name);
            case 14 -> is("content-length", name);
            case 16 -> is("proxy-connection", name);
            case 17 -> is("transfer-encoding", name);
            default -> false;
        };
    }

    private static boolean is(String expected, CharSequence name) {
        return AsciiString.contentEqualsIgnoreCase(expected, name);
    }
}
