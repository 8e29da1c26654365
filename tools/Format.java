import com.palantir.javaformat.java.Formatter;
import com.palantir.javaformat.java.FormatterException;
import com.palantir.javaformat.java.JavaFormatterOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Formats every Java source below a directory by palantir-java-format, 120 columns. {@code check} names the files that
 * are not so formatted and exits with 1, {@code apply} rewrites them. Run by {@code mvn verify} and {@code ./format}.
 */
final class Format {
    private static final List<String> NOT_OURS = List.of("target", "node_modules");

    public static void main(String[] arguments) throws Exception {
        boolean apply = switch (arguments[0]) {
            case "apply" -> true;
            case "check" -> false;
            default -> throw new IllegalArgumentException(arguments[0] + " is neither check nor apply.");
        };
        Path root = Path.of(arguments[1]).toAbsolutePath().normalize();
        var formatter = Formatter.createFormatter(JavaFormatterOptions.builder()
                .style(JavaFormatterOptions.Style.PALANTIR)
                .formatJavadoc(true)
                .build());
        List<Path> sources = sources(root);
        if (sources.isEmpty()) {
            throw new IllegalStateException("No Java source below " + root + ".");
        }
        int unformatted = 0;
        for (Path source : sources) {
            String text = Files.readString(source);
            String formatted;
            try {
                formatted = formatter.formatSourceAndFixImports(text);
            } catch (FormatterException e) {
                unformatted++;
                System.err.println("not Java: " + root.relativize(source) + ":" + e.getMessage());
                continue;
            }
            if (!formatted.equals(text)) {
                unformatted++;
                System.err.println((apply ? "formatted " : "not formatted: ") + root.relativize(source));
                if (apply) {
                    Files.writeString(source, formatted);
                }
            }
        }
        if (apply) {
            return;
        }
        if (unformatted > 0) {
            System.err.println(unformatted + " of " + sources.size() + " sources are not formatted. Run ./format");
            System.exit(1);
        }
    }

    private static List<Path> sources(Path root) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(file -> file.toString().endsWith(".java"))
                    .filter(file -> {
                        Path inside = root.relativize(file);
                        return Stream.iterate(inside, p -> p != null, Path::getParent)
                                .map(p -> p.getFileName().toString())
                                .noneMatch(name -> NOT_OURS.contains(name) || name.startsWith("."));
                    })
                    .sorted()
                    .toList();
        }
    }
}
