package io.polychip.gateway;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;

/** All lanes of a gateway, reached from any thread: whatever is wanted of one happens on its own loop. */
record Lanes(List<Lane> all) {
    Lanes {
        all = List.copyOf(all);
    }

    /** Asks every lane; completed on the loop that answers last, in the order of the lanes. */
    <T> CompletableFuture<List<T>> ask(Function<Lane, T> question) {
        List<CompletableFuture<T>> answers = new ArrayList<>();
        for (Lane lane : all) {
            CompletableFuture<T> answer = new CompletableFuture<>();
            answers.add(answer);
            lane.loop().execute(() -> {
                try {
                    answer.complete(question.apply(lane));
                } catch (RuntimeException e) {
                    answer.completeExceptionally(e);
                }
            });
        }
        return CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
                .thenApply(done -> answers.stream().map(CompletableFuture::join).toList());
    }

    /** Tells every lane; completed when all have done it. */
    CompletableFuture<Void> tell(Consumer<Lane> order) {
        return ask(lane -> {
                    order.accept(lane);
                    return lane;
                })
                .thenAccept(done -> {});
    }
}
