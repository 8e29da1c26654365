package io.polychip.net;

/** Character classes of RFC 9110 section 5.6 and RFC 3986. */
final class Grammar {
    private static final boolean[] TOKEN = new boolean[128];
    private static final boolean[] HOST = new boolean[128];

    static {
        for (char c = '0'; c <= 'z'; c++) {
            TOKEN[c] = Character.isLetterOrDigit(c);
            HOST[c] = TOKEN[c];
        }
        for (char c : "!#$%&'*+-.^_`|~".toCharArray()) {
            TOKEN[c] = true;
        }
        for (char c : "-._~:[]%!$&'()*+,;=".toCharArray()) {
            HOST[c] = true;
        }
    }

    private Grammar() {}

    static boolean isToken(byte b) {
        return b >= 0 && TOKEN[b];
    }

    static boolean isBlank(byte b) {
        return b == ' ' || b == '\t';
    }

    /** Visible, blank, or above ASCII. */
    static boolean isFieldByte(byte b) {
        return b >= ' ' ? b != 0x7f : b == '\t' || b < 0;
    }

    /** What a request target may consist of: visible ASCII but the fragment's mark. */
    static boolean isTargetByte(byte b) {
        return b > ' ' && b != 0x7f && b != '#';
    }

    static boolean isHostCharacter(char c) {
        return c < 128 && HOST[c];
    }

    /** @return the value of a hexadecimal digit, or -1 */
    static int hex(byte b) {
        if (b >= '0' && b <= '9') {
            return b - '0';
        }
        int lower = b | 0x20;
        return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
    }
}
