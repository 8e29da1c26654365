package io.polychip.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.polychip.planner.Milp;
import io.polychip.planner.Search;
import io.polychip.planner.Solution;
import io.polychip.planner.Solver;
import io.polychip.planner.Stop;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class SignalsTest {
    @Test
    void ctrlCWhileScipSolvesIsHeardByUsNotByScip() throws Exception {
        AtomicInteger heard = new AtomicInteger();
        Stop stop = new Stop();
        assertThat(Signals.on("INT", () -> {
                    heard.incrementAndGet();
                    stop.stop();
                }))
                .isTrue();
        AtomicReference<Solution> found = new AtomicReference<>();
        Thread solving = new Thread(() -> found.set(Search.named("scip")
                .run(hard(), new double[0], new Solver.Effort(60, 0), stop, Solver.Progress.SILENT)));
        solving.start();
        while (solving.isAlive()
                && Stream.of(solving.getStackTrace())
                        .noneMatch(frame ->
                                frame.isNativeMethod() && frame.getMethodName().contains("solve"))) {
            Thread.onSpinWait();
        }
        Class<?> signal = Class.forName("sun.misc.Signal");
        signal.getMethod("raise", signal)
                .invoke(null, signal.getConstructor(String.class).newInstance("INT"));
        solving.join();

        assertThat(heard.get())
                .as("SCIP took it, ended one search and told nobody")
                .isOne();
        assertThat(found.get()).isNotNull();
    }

    /** Takes SCIP minutes. */
    private static Milp hard() {
        Random random = new Random(1);
        Milp.Builder builder = new Milp.Builder();
        for (int column = 0; column < 200; column++) {
            builder.column("x" + column, 0, 50, 10 + random.nextInt(90) + random.nextDouble(), true);
        }
        for (int row = 0; row < 40; row++) {
            int index = builder.atLeast("row" + row, 100 + random.nextInt(100));
            random.ints(0, 200).distinct().limit(50).forEach(column -> builder.term(index, column, 1 + column % 9));
        }
        return builder.build();
    }
}
