package io.polychip.cli;

import static com.tngtech.archunit.base.DescribedPredicate.describe;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import java.util.Set;

/**
 * What makes a result depend on more than its arguments: clocks, threads, locks, files, sockets, settings of the
 * machine, global randomness, the order of identity hashes.
 */
final class Purity {
    private static final Set<String> IMPURE_PACKAGES = Set.of(
            "java.io.",
            "java.lang.Process",
            "java.lang.System$Logger",
            "java.lang.Thread",
            "java.net.",
            "java.nio.channels.",
            "java.nio.file.",
            "java.security.SecureRandom",
            "java.util.IdentityHashMap",
            "java.util.Timer",
            "java.util.concurrent.");

    /** Values that live among the impure. */
    private static final Set<String> PURE_ALL_THE_SAME = Set.of(
            "java.io.Serializable",
            "java.net.InetSocketAddress",
            "java.net.URI",
            "java.net.URISyntaxException",
            "java.nio.file.Path",
            "java.util.concurrent.TimeUnit",
            "java.util.concurrent.atomic.");

    private static final Set<String> FILES_AND_SOCKETS = Set.of(
            "java.io.Console",
            "java.io.File",
            "java.io.PrintStream",
            "java.io.RandomAccessFile",
            "java.net.",
            "java.nio.channels.",
            "java.nio.file.");

    private static final Set<String> IMPURE_METHODS = Set.of(
            "java.lang.Math.random",
            "java.lang.Runtime.getRuntime",
            "java.lang.System.currentTimeMillis",
            "java.lang.System.exit",
            "java.lang.System.getProperties",
            "java.lang.System.getProperty",
            "java.lang.System.getenv",
            "java.lang.System.identityHashCode",
            "java.lang.System.nanoTime",
            "java.util.Collection.parallelStream",
            "java.util.List.parallelStream",
            "java.util.Set.parallelStream",
            "java.util.UUID.randomUUID",
            "java.util.random.RandomGenerator.getDefault",
            "java.util.random.RandomGenerator.of");

    /** Impure only without arguments. */
    private static final Set<String> UNSEEDED = Set.of(
            "java.util.Random.<init>",
            "java.util.SplittableRandom.<init>",
            "java.util.random.RandomGeneratorFactory.create");

    static final DescribedPredicate<JavaClass> IMPURE_TYPE = describe(
            "are threads, locks, files or sockets",
            type -> startsWithOneOf(IMPURE_PACKAGES, type.getName())
                    && !startsWithOneOf(PURE_ALL_THE_SAME, type.getName()));

    static final DescribedPredicate<JavaClass> FILE_OR_SOCKET = describe(
            "are files or sockets",
            type -> startsWithOneOf(FILES_AND_SOCKETS, type.getName())
                    && !startsWithOneOf(PURE_ALL_THE_SAME, type.getName()));

    static final DescribedPredicate<JavaAccess<?>> IMPURE_ACCESS = describe(
            "is a clock, a setting of the machine or global randomness", access -> isImpure(access.getTarget()));

    private Purity() {}

    private static boolean isImpure(AccessTarget target) {
        String owner = target.getOwner().getName();
        String name = target.getName();
        String method = owner + "." + name;
        return IMPURE_METHODS.contains(method)
                || (UNSEEDED.contains(method) && parametersOf(target) == 0)
                || (method.equals("java.util.Collections.shuffle") && parametersOf(target) == 1)
                || (owner.startsWith("java.time.") && (name.equals("now") || name.startsWith("system")));
    }

    private static int parametersOf(AccessTarget target) {
        return target instanceof AccessTarget.CodeUnitAccessTarget method
                ? method.getRawParameterTypes().size()
                : 0;
    }

    private static boolean startsWithOneOf(Set<String> prefixes, String name) {
        return prefixes.stream().anyMatch(name::startsWith);
    }
}
