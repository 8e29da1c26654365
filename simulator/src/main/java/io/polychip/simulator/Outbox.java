package io.polychip.simulator;

import java.util.Arrays;

/** What a backend said while it advanced, kept until it may be called again. Allocates only to grow. */
final class Outbox implements Sink {
    /** What was said. */
    enum News {
        FIRST,
        FINISHED,
        REACHED,
        PREEMPTED
    }

    private News[] news = new News[16];
    private long[] ids = new long[16];
    private int[] counts = new int[16];
    private long[] picos = new long[16];
    private int size;

    int size() {
        return size;
    }

    News news(int index) {
        return news[index];
    }

    long id(int index) {
        return ids[index];
    }

    /** Cached tokens of a finished one, answer tokens of the others. */
    int count(int index) {
        return counts[index];
    }

    long picos(int index) {
        return picos[index];
    }

    void clear() {
        size = 0;
    }

    @Override
    public void firstToken(long id, long atPicos) {
        add(News.FIRST, id, 1, atPicos);
    }

    @Override
    public void finished(long id, int cachedTokens, long atPicos) {
        add(News.FINISHED, id, cachedTokens, atPicos);
    }

    @Override
    public void reached(long id, int produced, long atPicos) {
        add(News.REACHED, id, produced, atPicos);
    }

    @Override
    public void preempted(long id, int produced, long lastTokenPicos) {
        add(News.PREEMPTED, id, produced, lastTokenPicos);
    }

    private void add(News what, long id, int count, long atPicos) {
        if (size == ids.length) {
            news = Arrays.copyOf(news, size * 2);
            ids = Arrays.copyOf(ids, size * 2);
            counts = Arrays.copyOf(counts, size * 2);
            picos = Arrays.copyOf(picos, size * 2);
        }
        news[size] = what;
        ids[size] = id;
        counts[size] = count;
        picos[size++] = atPicos;
    }
}
