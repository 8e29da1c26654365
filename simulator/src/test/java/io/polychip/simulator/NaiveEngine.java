package io.polychip.simulator;

import io.polychip.performance.Batching;
import io.polychip.performance.StepTime;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * One replica, one step at a time, every token and block by itself: slow and plain, to hold {@link Engine} against. It
 * shares no code with it but the timing of a single step.
 */
final class NaiveEngine {
    /** What happened to one request. */
    static final class Request {
        final long id;
        final int prompt;
        final int output;
        final long[] hashes;
        final long eligible;
        final List<Long> tokenTimes = new ArrayList<>();
        final List<Block> blocks = new ArrayList<>();
        int computed;
        int scheduled;
        int cached = -1;

        /** Computing tokens that are known, rather than decoding the next. */
        boolean prompting;

        long finishedAt = -1;

        Request(long id, int prompt, int output, long[] hashes, long eligible) {
            this.id = id;
            this.prompt = prompt;
            this.output = output;
            this.hashes = hashes;
            this.eligible = eligible;
        }

        int known() {
            return prompt + tokenTimes.size();
        }
    }

    /** One cache block; once offered under its hash it is shared, unless another has that content. */
    static final class Block {
        final long hash;
        boolean shared;
        boolean offered;
        int users = 1;

        Block(long hash) {
            this.hash = hash;
        }
    }

    final Map<Long, Request> requests = new HashMap<>();
    final List<Request> running = new ArrayList<>();
    final Deque<Request> waiting = new ArrayDeque<>();
    final Deque<Request> arriving = new ArrayDeque<>();
    private final Batching batching;
    private final int totalBlocks;
    private final Map<Long, Block> shared = new HashMap<>();
    private final LinkedHashSet<Block> idle = new LinkedHashSet<>();
    private StepTime stepTime;
    private int privateBlocks;
    private boolean underWay;
    private long stepEnd;
    long steps;
    long preemptions;

    NaiveEngine(StepTime stepTime, Batching batching, int totalBlocks) {
        this.stepTime = stepTime;
        this.batching = batching;
        this.totalBlocks = totalBlocks;
    }

    void submit(long id, int prompt, int output, long[] hashes, long now) {
        Request request = new Request(id, prompt, output, hashes, now + stepTime.arrivalPicos());
        requests.put(id, request);
        arriving.add(request);
    }

    void cancel(long id) {
        Request request = Objects.requireNonNull(requests.get(id));
        if (running.remove(request)) {
            free(request);
        }
        waiting.remove(request);
        arriving.remove(request);
    }

    void retime(StepTime changed) {
        stepTime = changed;
    }

    void advance(long until) {
        while (true) {
            if (underWay) {
                if (stepEnd > until) {
                    return;
                }
                endStep(stepEnd);
                startStep(stepEnd);
            } else {
                if (arriving.isEmpty() || arriving.peek().eligible > until) {
                    return;
                }
                startStep(arriving.peek().eligible);
            }
        }
    }

    long nextStepEnd() {
        return stepEnd;
    }

    int usedBlocks() {
        return privateBlocks + shared.size() - idle.size();
    }

    private void endStep(long at) {
        underWay = false;
        for (Request request : List.copyOf(running)) {
            if (request.scheduled == 0) {
                continue;
            }
            request.computed += request.scheduled;
            request.scheduled = 0;
            if (request.computed == request.known()) {
                request.prompting = false;
                if (request.output > 0) {
                    request.tokenTimes.add(at);
                }
                if (request.tokenTimes.size() == request.output) {
                    request.finishedAt = at;
                    running.remove(request);
                    free(request);
                }
            }
        }
    }

    private void startStep(long at) {
        while (!arriving.isEmpty() && arriving.peek().eligible <= at) {
            waiting.add(arriving.poll());
        }
        if (batching.chunkedPrefill()) {
            scheduleChunked();
        } else {
            scheduleWhole();
        }
        long prefill = 0;
        int decoding = 0;
        long reach = 0;
        for (Request request : running) {
            if (request.scheduled == 0) {
                continue;
            }
            underWay = true;
            if (request.prompting) {
                prefill += stepTime.prefillPicos(batching.paddedTokens(request.scheduled), request.computed);
            } else {
                decoding++;
                reach += request.computed;
            }
        }
        if (underWay) {
            steps++;
            stepEnd = at + stepTime.stepPicos(prefill, decoding, reach);
        }
    }

    private void scheduleChunked() {
        int budget = batching.stepTokens();
        boolean evicted = false;
        for (int i = 0; i < running.size() && budget > 0; i++) {
            Request request = running.get(i);
            int tokens = Math.min(request.known() - request.computed, budget);
            boolean self = false;
            while (!grow(request, tokens)) {
                Request newest = running.removeLast();
                evict(newest);
                evicted = true;
                if (newest == request) {
                    self = true;
                    break;
                }
            }
            if (self) {
                break;
            }
            request.scheduled = tokens;
            budget -= tokens;
        }
        while (!evicted && budget > 0 && !waiting.isEmpty() && running.size() < batching.maxSequences()) {
            int tokens = admit(budget);
            if (tokens == 0) {
                break;
            }
            budget -= tokens;
        }
    }

    private void scheduleWhole() {
        if (!waiting.isEmpty() && running.size() < batching.maxSequences() && admit(Integer.MAX_VALUE) > 0) {
            return;
        }
        for (int i = 0; i < running.size(); i++) {
            Request request = running.get(i);
            while (!grow(request, 1)) {
                Request newest = running.removeLast();
                evict(newest);
                if (newest == request) {
                    return;
                }
            }
            request.scheduled = 1;
        }
    }

    /** Admits the head of the queue if its blocks are there. @return tokens it computes, 0 if it stays */
    private int admit(int budget) {
        Request request = waiting.peek();
        int hits = 0;
        int idleHits = 0;
        while (batching.prefixCache()
                && hits < request.hashes.length
                && (hits + 1) * batching.blockTokens() < request.known()
                && shared.containsKey(request.hashes[hits])) {
            idleHits += idle.contains(shared.get(request.hashes[hits])) ? 1 : 0;
            hits++;
        }
        int tokens = Math.min(request.known() - hits * batching.blockTokens(), budget);
        int need = blocksFor(hits * batching.blockTokens() + tokens) - hits;
        if (need + idleHits > totalBlocks - usedBlocks()) {
            return 0;
        }
        waiting.poll();
        running.add(request);
        for (int i = 0; i < hits; i++) {
            Block block = Objects.requireNonNull(shared.get(request.hashes[i]));
            if (!idle.remove(block)) {
                block.users++;
            } else {
                block.users = 1;
            }
            request.blocks.add(block);
        }
        request.computed = hits * batching.blockTokens();
        if (request.cached < 0) {
            request.cached = request.computed;
        }
        request.prompting = true;
        if (!grow(request, tokens)) {
            throw new IllegalStateException("no room after all");
        }
        request.scheduled = tokens;
        return tokens;
    }

    /** Gives a request the blocks for so many more tokens, all or none. */
    private boolean grow(Request request, int tokens) {
        int need = blocksFor(request.computed + tokens) - request.blocks.size();
        if (need > totalBlocks - usedBlocks()) {
            return false;
        }
        for (int i = 0; i < need; i++) {
            if (usedBlocks() + idle.size() == totalBlocks) {
                Block oldest = idle.removeFirst();
                shared.remove(oldest.hash);
            }
            int index = request.blocks.size();
            long hash = index < request.hashes.length ? request.hashes[index] : 0;
            request.blocks.add(new Block(hash));
            privateBlocks++;
        }
        if (request.prompting) {
            share(request, request.computed + tokens);
        }
        return true;
    }

    /** Lets others find the whole blocks among the first tokens of a request. */
    private void share(Request request, int tokens) {
        if (!batching.prefixCache()) {
            return;
        }
        for (int i = 0; i < tokens / batching.blockTokens() && i < request.hashes.length; i++) {
            Block block = request.blocks.get(i);
            if (!block.offered && !shared.containsKey(block.hash)) {
                block.shared = true;
                shared.put(block.hash, block);
                privateBlocks--;
            }
            block.offered = true;
        }
    }

    private void evict(Request request) {
        preemptions++;
        free(request);
        request.computed = 0;
        waiting.addFirst(request);
    }

    private void free(Request request) {
        share(request, request.computed);
        for (Block block : request.blocks.reversed()) {
            if (!block.shared) {
                privateBlocks--;
                Block other = shared.get(block.hash);
                if (block.offered && idle.remove(other)) {
                    idle.add(other);
                }
            } else if (--block.users == 0) {
                idle.add(block);
            }
        }
        request.blocks.clear();
        request.scheduled = 0;
    }

    private int blocksFor(int tokens) {
        return Math.ceilDiv(tokens, batching.blockTokens());
    }
}
