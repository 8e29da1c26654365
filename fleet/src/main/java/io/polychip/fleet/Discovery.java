package io.polychip.fleet;

/** Where a pool's replicas are found when the file does not list them. */
public sealed interface Discovery {
    /** Every address of a DNS name is a replica. @param scheme {@code http} or {@code https} */
    record Dns(String scheme, String host, int port) implements Discovery {}

    /**
     * A file with one URL a line; read again when it changes. @param file absolute, or relative to the working
     * directory
     */
    record WatchedFile(String file) implements Discovery {}

    /** The ready endpoints of a Kubernetes service. */
    record Kubernetes(String service, String namespace, int port) implements Discovery {}
}
