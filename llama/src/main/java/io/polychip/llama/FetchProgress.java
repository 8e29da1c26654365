package io.polychip.llama;

/** Told how far a download is, several times a second, on the thread that waits for it. */
@FunctionalInterface
public interface FetchProgress {
    /**
     * @param name what is being fetched, for people
     * @param fetchedBytes as far as can be seen from outside the registry's client; reaches {@code totalBytes} at the
     *     end
     */
    void fetched(String name, long fetchedBytes, long totalBytes);
}
