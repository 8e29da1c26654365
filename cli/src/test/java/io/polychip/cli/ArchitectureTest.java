package io.polychip.cli;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The plan of the house, checked on the compiled classes: which module may know which, what the pure ones may not
 * touch, and where sockets, databases and native code may be.
 *
 * <p>Maven hands on what a dependency depends on, so the poms alone do not keep a module from knowing too much. A new
 * module gets a line in {@link #ARROWS}; {@code benchmarks}, above everything, is not on this class path.
 */
final class ArchitectureTest {
    private static final String HOUSE = "io.polychip.";

    /** A module to those it builds upon; what these build upon is included. */
    private static final Map<String, Set<String>> ARROWS = Map.ofEntries(
            Map.entry("fleet", Set.of()),
            Map.entry("performance", Set.of("fleet")),
            Map.entry("routing", Set.of("performance")),
            Map.entry("simulator", Set.of("routing")),
            Map.entry("planner", Set.of("simulator")),
            Map.entry("protocol", Set.of("fleet")),
            Map.entry("net", Set.of()),
            Map.entry("report", Set.of()),
            Map.entry("emulator", Set.of("simulator", "protocol", "net")),
            Map.entry("testkit", Set.of("net", "routing", "simulator", "emulator")),
            Map.entry("gateway", Set.of("routing", "protocol", "net")),
            Map.entry("llama", Set.of("protocol", "net")),
            Map.entry("load", Set.of("simulator", "routing", "protocol", "net")),
            Map.entry("validation", Set.of("simulator", "planner")),
            Map.entry("cli", Set.of("emulator", "gateway", "llama", "load", "planner", "report", "validation")));

    /** The packages of a library, by prefix, to the only modules that may know it. */
    private static final Map<String, Set<String>> LIBRARIES = Map.of(
            "com.google.ortools.", Set.of("planner"),
            "io.netty.", Set.of("net", "gateway", "emulator", "llama", "load", "testkit", "cli"),
            "io.prometheus.", Set.of("gateway"),
            "java.lang.foreign.", Set.of("llama"),
            "java.sql.", Set.of("gateway"),
            "org.ojalgo.", Set.of("performance", "planner"),
            "picocli.", Set.of("cli"));

    private static final Set<String> PURE = Set.of("fleet", "performance", "routing", "simulator", "planner");

    /** The classes of fleet that read files or streams; all others there are pure. */
    private static final Pattern FILE_READERS =
            Pattern.compile("io\\.polychip\\.fleet\\.\\w*(Reader|Csv|Yaml)(\\$.*)?");

    /** The solvers' adapters and what starts and stops them; the planner's model is pure. */
    private static final Pattern SOLVERS =
            Pattern.compile("io\\.polychip\\.planner\\.\\w*(Solver|Search|Stop|Deadline)(\\$.*)?");

    private static final JavaClasses SHIPPED = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.polychip");

    static Stream<String> modules() {
        return ARROWS.keySet().stream().sorted();
    }

    static Stream<String> libraries() {
        return LIBRARIES.keySet().stream().sorted();
    }

    static Stream<String> pureModules() {
        return PURE.stream().sorted();
    }

    @Test
    void theModulesOfTheTableAreAllThereAndNoOthers() {
        Set<String> found = new TreeSet<>();
        SHIPPED.forEach(type -> found.add(moduleOf(type)));
        assertThat(found).containsExactlyInAnyOrderElementsOf(ARROWS.keySet());
    }

    @ParameterizedTest
    @MethodSource("modules")
    void aModuleKnowsOnlyThoseBelowIt(String module) {
        Set<String> known = below(module);
        known.add(module);
        noClasses()
                .that(areIn(Set.of(module)))
                .should()
                .dependOnClassesThat(describe(
                        "are of another module than " + known,
                        type -> type.getName().startsWith(HOUSE) && !known.contains(moduleOf(type))))
                .check(SHIPPED);
    }

    @ParameterizedTest
    @MethodSource("libraries")
    void aLibraryIsKnownOnlyWhereItBelongs(String library) {
        Set<String> allowed = LIBRARIES.getOrDefault(library, Set.of());
        noClasses()
                .that(describe("are outside " + allowed, type -> !allowed.contains(moduleOf(type))))
                .should()
                .dependOnClassesThat(
                        describe("are of " + library, type -> type.getName().startsWith(library)))
                .check(SHIPPED);
    }

    @ParameterizedTest
    @MethodSource("pureModules")
    void aPureModuleHasNoThreadLockFileOrSocket(String module) {
        noClasses()
                .that(arePureIn(module))
                .should()
                .dependOnClassesThat(Purity.IMPURE_TYPE)
                .check(SHIPPED);
    }

    @ParameterizedTest
    @MethodSource("pureModules")
    void aPureModuleAsksForNoTimeSettingOrGlobalRandomness(String module) {
        noClasses()
                .that(arePureIn(module))
                .should()
                .accessTargetWhere(Purity.IMPURE_ACCESS)
                .check(SHIPPED);
    }

    @Test
    void theWireOpensNeitherFilesNorSockets() {
        noClasses()
                .that(areIn(Set.of("protocol")))
                .should()
                .dependOnClassesThat(Purity.FILE_OR_SOCKET)
                .check(SHIPPED);
    }

    @Test
    void everyModuleIsOneFlatPackage() {
        classes()
                .should()
                .resideInAnyPackage(modules().map(module -> HOUSE + module).toArray(String[]::new))
                .check(SHIPPED);
    }

    @ParameterizedTest
    @MethodSource("modules")
    void aModulesPackageIsNullMarked(String module) {
        assertThat(SHIPPED.getPackage(HOUSE + module).isAnnotatedWith(NullMarked.class))
                .isTrue();
    }

    private static Set<String> below(String module) {
        Set<String> below = new TreeSet<>();
        for (String each : ARROWS.getOrDefault(module, Set.of())) {
            below.add(each);
            below.addAll(below(each));
        }
        return below;
    }

    private static DescribedPredicate<JavaClass> areIn(Set<String> modules) {
        return describe("are in " + modules, type -> modules.contains(moduleOf(type)));
    }

    private static DescribedPredicate<JavaClass> arePureIn(String module) {
        return describe(
                "are pure in " + module,
                type -> moduleOf(type).equals(module)
                        && !FILE_READERS.matcher(type.getName()).matches()
                        && !SOLVERS.matcher(type.getName()).matches());
    }

    private static String moduleOf(JavaClass type) {
        String inside = type.getPackageName().substring(HOUSE.length());
        int dot = inside.indexOf('.');
        return dot < 0 ? inside : inside.substring(0, dot);
    }
}
