package io.polychip.emulator;

/** One answer inside an engine. Home loop only. */
final class Choice {
    final Reply reply;
    final int index;
    final Script script;
    final long id;
    /** Tokens the engine has produced. */
    int produced;

    int cachedTokens;
    long submittedPicos;
    long firstPicos;
    long lastPicos;
    boolean running;

    Choice(Reply reply, int index, Script script, long id) {
        this.reply = reply;
        this.index = index;
        this.script = script;
        this.id = id;
    }
}
