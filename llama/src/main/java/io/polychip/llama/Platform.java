package io.polychip.llama;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** A kind of machine whose llama.cpp files are pinned; any other kind needs a directory named by its operator. */
enum Platform {
    LINUX_X64("linux-x64", 10_824_547, "0d953e1503d5ab4608d8ed5b739132308c81ac05ffeb760d2a7f30e08a9f90e0"),
    LINUX_ARM64("linux-arm64", 7_340_902, "39c76b998e35ed2f236c01472fc79eda0fc558b1c8b535023c2d7ded8c327cc4");

    private final String id;
    private final long archiveBytes;
    private final String archiveSha256;

    Platform(String id, long archiveBytes, String archiveSha256) {
        this.id = id;
        this.archiveBytes = archiveBytes;
        this.archiveSha256 = archiveSha256;
    }

    /** @param osName as the system property {@code os.name}; {@code osArch} as {@code os.arch} */
    static Platform of(String osName, String osArch) {
        String os = osName.toLowerCase(Locale.ROOT);
        String architecture = osArch.toLowerCase(Locale.ROOT);
        if (os.equals("linux")) {
            switch (architecture) {
                case "amd64", "x86_64" -> {
                    return LINUX_X64;
                }
                case "aarch64", "arm64" -> {
                    return LINUX_ARM64;
                }
                default -> {}
            }
        }
        throw new LlamaException(
                "No checked llama.cpp library is known for %s on %s; known are %s. Maybe name a directory with llama.cpp %s by --library."
                        .formatted(osName, osArch, known(), LlamaLibrary.RELEASE));
    }

    private static String known() {
        return Arrays.stream(values()).map(platform -> platform.id).collect(Collectors.joining(", "));
    }

    String id() {
        return id;
    }

    /** The shared libraries of this platform, as llama.cpp's makers package them for Node. */
    Bundle library() {
        String prefix = "package/bins/" + id + "/";
        return new Bundle(
                "llama.cpp " + LlamaLibrary.RELEASE,
                "llama.cpp-" + LlamaLibrary.RELEASE + "-" + id,
                Bundle.Registry.NPM,
                "@node-llama-cpp/" + id + "@3.22.1",
                archiveBytes,
                archiveSha256,
                entry -> entry.equals("package/LICENSE")
                        || (entry.startsWith(prefix) && entry.endsWith(".so") && !entry.contains("libllama-common")));
    }
}
