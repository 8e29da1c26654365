package io.polychip.llama;

import java.nio.file.Path;

/** The real library and model, fetched once per machine. Without them a test fails and says why. */
final class RealModel {
    private RealModel() {}

    static ModelFiles files() {
        Path cache = ModelFiles.defaultCache(System.getenv(), Path.of(System.getProperty("user.home")));
        return ModelFiles.fetch(cache, (name, fetched, total) -> {});
    }

    /** An engine as the program starts it; with one thread, since machines of all sizes run the tests. */
    static LlamaEngine engine(int slots, int contextTokens, int queue) {
        ModelFiles files = files();
        EngineOptions options = EngineOptions.standard(2)
                .withSlots(slots)
                .withContextTokens(contextTokens)
                .withQueue(queue);
        return LlamaEngine.open(files.library(), files.model(), options);
    }
}
