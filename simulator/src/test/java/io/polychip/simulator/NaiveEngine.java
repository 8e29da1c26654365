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

        /** Leading runs of blocks that have been offered to others; they are the first of {@link #blocks}. */
        int offered;

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

        int blocksHeld() {
            int held = 0;
            for (Block block : blocks) {
                held += block.weight;
            }
            return held;
        }

        int known() {
            return prompt + tokenTimes.size();
        }
    }

    /** One cache block, or a run of them offered under a hash: then it is shared, unless another has that content. */
    static final class Block {
        final long hash;
        final int weight;
        boolean shared;
        int users = 1;

        Block(long hash, int weight) {
            this.hash = hash;
            this.weight = weight;
        }
    }

    /** A token of a request, or its end, in the order a step brings them. */
    record News(Request request, boolean prompted, boolean finished, long at) {}

    final Map<Long, Request> requests = new HashMap<>();

    /** What the last {@link #advance} brought; of tokens alone, those of requests that do not end. */
    final List<News> news = new ArrayList<>();

    final List<Request> running = new ArrayList<>();
    final Deque<Request> waiting = new ArrayDeque<>();
    final Deque<Request> arriving = new ArrayDeque<>();
    private final Batching batching;
    private final int totalBlocks;
    private final int hashBlocks;
    private final Map<Long, Block> shared = new HashMap<>();
    private final LinkedHashSet<Block> idle = new LinkedHashSet<>();
    private StepTime stepTime;
    private int privateBlocks;
    private boolean underWay;

    /**
     * The head of the queue found no room. With single blocks it finds none before somebody leaves, tried or not; runs
     * may make room by the loss of one it could have reused, and then too it is only tried when somebody left.
     */
    private boolean headBlocked;

    private long stepBegin;
    private long stepEnd;
    long steps;
    long preemptions;

    NaiveEngine(StepTime stepTime, Batching batching, int totalBlocks) {
        this(stepTime, batching, totalBlocks, 1);
    }

    NaiveEngine(StepTime stepTime, Batching batching, int totalBlocks, int hashBlocks) {
        this.hashBlocks = hashBlocks;
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
        if (waiting.remove(request) || arriving.remove(request)) {
            headBlocked = false;
        }
    }

    void retime(StepTime changed) {
        stepTime = changed;
    }

    void advance(long until) {
        news.clear();
        while (true) {
            if (underWay) {
                if (stepEnd > until) {
                    return;
                }
                long formed = batching.schedulesAhead() ? stepBegin : stepEnd;
                endStep(stepEnd);
                startStep(stepEnd, formed);
                if (!underWay) {
                    startStep(stepEnd, stepEnd);
                }
            } else {
                if (arriving.isEmpty() || arriving.peek().eligible > until) {
                    return;
                }
                startStep(arriving.peek().eligible, arriving.peek().eligible);
            }
        }
    }

    /** When something happens next; {@link Long#MAX_VALUE} when nothing does. */
    long nextAt() {
        return underWay ? stepEnd : arriving.isEmpty() ? Long.MAX_VALUE : arriving.getFirst().eligible;
    }

    int usedBlocks() {
        return privateBlocks + (shared.size() - idle.size()) * hashBlocks;
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
                boolean prompted = request.prompting;
                request.prompting = false;
                news.add(new News(request, prompted, request.tokenTimes.size() + 1 >= request.output, at));
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

    private void startStep(long at, long formed) {
        while (!arriving.isEmpty() && arriving.peek().eligible <= formed) {
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
            stepBegin = at;
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
        if (headBlocked && hashBlocks > 1) {
            return 0;
        }
        Request request = waiting.peek();
        int hits = 0;
        int idleHits = 0;
        while (batching.prefixCache()
                && hits < request.hashes.length
                && (hits + 1) * unitTokens() < request.known()
                && shared.containsKey(request.hashes[hits])) {
            idleHits += idle.contains(shared.get(request.hashes[hits])) ? 1 : 0;
            hits++;
        }
        int tokens = Math.min(request.known() - hits * unitTokens(), budget);
        int need = blocksFor(hits * unitTokens() + tokens) - hits * hashBlocks;
        if (need + idleHits * hashBlocks > totalBlocks - usedBlocks()) {
            headBlocked = true;
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
        request.offered = hits;
        request.computed = hits * unitTokens();
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
        int need = blocksFor(request.computed + tokens) - request.blocksHeld();
        if (need > totalBlocks - usedBlocks()) {
            return false;
        }
        for (int i = 0; i < need; i++) {
            if (usedBlocks() + idle.size() * hashBlocks == totalBlocks) {
                Block oldest = idle.removeFirst();
                shared.remove(oldest.hash);
            }
            request.blocks.add(new Block(0, 1));
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
        while ((request.offered + 1) * unitTokens() <= tokens && request.offered < request.hashes.length) {
            int index = request.offered++;
            Block run = new Block(request.hashes[index], hashBlocks);
            request.blocks.subList(index, index + hashBlocks).clear();
            request.blocks.add(index, run);
            if (!shared.containsKey(run.hash)) {
                run.shared = true;
                shared.put(run.hash, run);
                privateBlocks -= hashBlocks;
            }
        }
    }

    private void evict(Request request) {
        preemptions++;
        free(request);
        request.computed = 0;
        waiting.addFirst(request);
    }

    private void free(Request request) {
        headBlocked = false;
        share(request, request.computed);
        for (int i = request.blocks.size() - 1; i >= 0; i--) {
            Block block = request.blocks.get(i);
            if (!block.shared) {
                privateBlocks -= block.weight;
                Block other = shared.get(block.hash);
                if (i < request.offered && idle.remove(other)) {
                    idle.add(other);
                }
            } else if (--block.users == 0) {
                idle.add(block);
            }
        }
        request.blocks.clear();
        request.offered = 0;
        request.scheduled = 0;
    }

    private int unitTokens() {
        return hashBlocks * batching.blockTokens();
    }

    private int blocksFor(int tokens) {
        return Math.ceilDiv(tokens, batching.blockTokens());
    }
}
