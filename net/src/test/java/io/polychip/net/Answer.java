package io.polychip.net;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A listener that gathers an answer and checks that callbacks come in order and end once. */
final class Answer implements HttpListener {
    private final CompletableFuture<Answer> ended = new CompletableFuture<>();
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private volatile int status;
    private volatile HttpHeaders headers = EmptyHttpHeaders.INSTANCE;
    private volatile @Nullable HttpFailure failure;
    private final AtomicInteger pieces = new AtomicInteger();
    private final AtomicInteger readsCompleted = new AtomicInteger();

    @Override
    public void head(int newStatus, HttpHeaders newHeaders) {
        requireOpen("head");
        if (status != 0) {
            ended.completeExceptionally(new AssertionError("a second head"));
        }
        status = newStatus;
        headers = newHeaders;
    }

    @Override
    public void data(ByteBuf piece) {
        requireOpen("data");
        byte[] copy = new byte[piece.readableBytes()];
        piece.readBytes(copy);
        piece.release();
        synchronized (bytes) {
            bytes.writeBytes(copy);
        }
        pieces.incrementAndGet();
    }

    @Override
    public void readComplete() {
        requireOpen("readComplete");
        readsCompleted.incrementAndGet();
    }

    @Override
    public void end() {
        requireOpen("end");
        ended.complete(this);
    }

    @Override
    public void failed(HttpFailure newFailure) {
        requireOpen("failed");
        failure = newFailure;
        ended.complete(this);
    }

    private void requireOpen(String what) {
        if (ended.isDone()) {
            throw new AssertionError(what + " after the end");
        }
    }

    /** Waits for the end or failure. */
    Answer await() {
        try {
            return ended.get(10, TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new AssertionError("no end of the answer; so far status " + status + ", body " + text(), e);
        }
    }

    boolean done() {
        return ended.isDone();
    }

    int status() {
        return status;
    }

    HttpHeaders headers() {
        return headers;
    }

    String text() {
        synchronized (bytes) {
            return bytes.toString(StandardCharsets.UTF_8);
        }
    }

    int size() {
        synchronized (bytes) {
            return bytes.size();
        }
    }

    int pieces() {
        return pieces.get();
    }

    int readsCompleted() {
        return readsCompleted.get();
    }

    @Nullable
    HttpFailure failure() {
        return failure;
    }

    HttpFailure.Kind failureKind() {
        HttpFailure seen = failure;
        if (seen == null) {
            throw new AssertionError("no failure; status " + status + ", body " + text());
        }
        return seen.kind();
    }
}
