package io.polychip.load;

import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a cell's number of requests under way at a real endpoint until enough answers count, or time is up. Requests
 * that fail are replaced and told, never left out silently; three in a row, or more than every fifth, end the cell.
 */
final class CellRun {
    private static final int MOST_FAILURES_IN_A_ROW = 3;
    private static final int LEAST_ANSWERS = 2;

    private final Caller caller;
    private final Cell cell;
    private final int wanted;
    private final CellTally tally;
    private final StepTally steps;
    private final Map<ReplayCall, Integer> underWay = new LinkedHashMap<>();
    private final CompletableFuture<CellResult> done = new CompletableFuture<>();
    private final Map<String, Integer> failures = new TreeMap<>();
    private final ScheduledFuture<?> limit;
    private final long beganNanos;
    private int ended;
    private int failed;
    private int failedInARow;
    private int early;
    private boolean over;

    private CellRun(Caller caller, Cell cell, int wanted, Duration most) {
        this.caller = caller;
        this.cell = cell;
        this.wanted = wanted;
        this.tally = new CellTally(cell, wanted);
        this.steps = new StepTally(cell.concurrency());
        this.beganNanos = caller.now();
        this.limit = caller.loop().schedule(this::timeIsUp, most.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** @param most time after which it ends with what there is */
    static CompletableFuture<CellResult> start(Caller caller, Cell cell, int wanted, Duration most) {
        CellRun run = new CellRun(caller, cell, wanted, most);
        for (int i = 0; i < cell.concurrency(); i++) {
            run.send();
        }
        return run.done;
    }

    private void send() {
        int index = tally.send();
        ReplayCall call = caller.send(
                caller.freshPrompt(cell.promptTokens()),
                cell.outputOf(index),
                (ended, answer) -> ended(index, ended, answer));
        underWay.put(call, index);
        call.onEvent(events -> began(index, events));
    }

    /** Steps are bare once the last of all has its second token: with its first, others' may still be to come. */
    private void began(int index, int events) {
        if (events == 1) {
            tally.begun(index, caller.now());
        }
        if (events == 2 && underWay.keySet().stream().allMatch(call -> call.visible() > 1)) {
            steps.open(underWay.keySet());
        }
    }

    private void ended(int index, ReplayCall call, Answer answer) {
        if (over) {
            return;
        }
        ended++;
        steps.close(underWay.keySet().stream()
                .mapToDouble(each -> cell.promptTokens() + each.visible())
                .sum());
        underWay.remove(call);
        if (answer.ok() && answer.ttftNanos() >= 0 && answer.itlNanos() > 0) {
            failedInARow = 0;
            early += answer.completionTokens() * 10 < cell.outputOf(index) * 9 ? 1 : 0;
            tally.answered(
                    call.dueNanos(),
                    (double) answer.ttftNanos(),
                    (double) answer.itlNanos(),
                    answer.promptTokens() > 0 ? answer.computedTokens() : cell.promptTokens(),
                    answer.completionTokens());
        } else {
            tally.begun(index, caller.now());
            failed++;
            failedInARow++;
            failures.merge(words(answer), 1, Integer::sum);
        }
        if (tally.enough()) {
            finish(null);
        } else if (failedInARow >= MOST_FAILURES_IN_A_ROW || failed * 5 > wanted + cell.concurrency()) {
            finish(String.join("; ", failures.keySet()));
        } else {
            send();
        }
    }

    private static String words(Answer answer) {
        String outcome = answer.ok() ? "answered with less than two tokens" : answer.outcome();
        return answer.detail().isEmpty() ? outcome : outcome + ": " + answer.detail();
    }

    private void timeIsUp() {
        boolean some = tally.counted() >= Math.max(LEAST_ANSWERS, wanted / 3);
        finish(some ? null : "took too long: %d answers in %.0f s".formatted(ended, seconds()));
    }

    private double seconds() {
        return (caller.now() - beganNanos) / 1e9;
    }

    private void finish(@Nullable String dropped) {
        if (over) {
            return;
        }
        over = true;
        limit.cancel(false);
        caller.hangUp();
        done.complete(new CellResult(
                cell,
                tally.timing(),
                steps.step(caller.tokensPerEvent()),
                failed,
                Map.copyOf(failures),
                early,
                seconds(),
                dropped));
    }
}
