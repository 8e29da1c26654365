package io.polychip.llama;

import java.nio.file.Path;
import java.util.function.LongConsumer;

/** Brings a bundle's archive from its registry. */
@FunctionalInterface
interface Downloader {
    /**
     * Returns the archive, somewhere below {@code directory}. Its content is not checked yet.
     *
     * @param fetchedBytes told now and then how much has arrived
     * @throws LlamaException when the registry or its client cannot be used
     */
    Path download(Bundle bundle, Path directory, LongConsumer fetchedBytes);
}
