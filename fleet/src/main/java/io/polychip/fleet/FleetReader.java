package io.polychip.fleet;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@code fleet.yaml}. Reports every mistake of a file at once, each with file, line, value, what is allowed and
 * what to try. {@code fleet.schema.json} beside this class describes the same file to editors.
 *
 * <p>Stateless between calls; safe for any thread. Eight pools of 128 replicas take a few milliseconds.
 */
public final class FleetReader {
    private static final InetSocketAddress LISTEN = new InetSocketAddress(loopback(), 8080);
    private static final int SHORTEST_KEY = 16;

    private final Catalogue catalogue;
    private final Environment environment;

    public FleetReader(Catalogue catalogue, Map<String, String> environment) {
        this.catalogue = catalogue;
        this.environment = new Environment(environment);
    }

    /**
     * Reads a file; file names in it are relative to its folder.
     *
     * @throws FleetException with all mistakes
     */
    public Fleet read(Path file) {
        String text = text(file, "a fleet file");
        Path folder = file.toAbsolutePath().getParent();
        return read(file.toString(), text, folder == null ? Path.of("") : folder);
    }

    /**
     * Reads a text; file names in it are relative to the working directory.
     *
     * @param name shown in messages
     * @throws FleetException with all mistakes
     */
    public Fleet read(String name, String yaml) {
        return read(name, yaml, Path.of(""));
    }

    private Fleet read(String name, String yaml, Path folder) {
        Problems problems = new Problems(name);
        Section root = new Yaml(problems, environment).root(yaml, Keys.FLEET, "models and pools");
        List<ApiKey> keys = keys(root);
        Map<String, ServedModel> models = models(root);
        List<Pool> pools = new PoolReader(catalogue, models, folder, environment).read(root);
        Fleet fleet = new Fleet(
                listen(root, keys),
                tls(root, folder),
                keys,
                timeouts(root.section("timeouts", Keys.TIMEOUTS, "first-token, stall and request")),
                limits(root.section("limits", Keys.LIMITS, "body-size, connections and the like")),
                models,
                pools,
                objectives(root.section("objectives", Keys.OBJECTIVES, "priority, default, flex or batch")),
                new IndependenceReader(catalogue, models.keySet(), pools).read(root),
                disclosure(root.section("disclosure", Keys.DISCLOSURE, "route-header or decision-sample")),
                catalogue);
        if (problems.none()) {
            return fleet;
        }
        throw problems.exception();
    }

    /** The text of a file. @param what it should hold, for the message */
    static String text(Path file, String what) {
        try {
            return Files.readString(file);
        } catch (NoSuchFileException e) {
            throw unreadable(file, "does not exist; expected " + what + ". Maybe another folder.", e);
        } catch (MalformedInputException e) {
            throw unreadable(file, "is not UTF-8 text; expected " + what + " in YAML.", e);
        } catch (IOException e) {
            throw unreadable(file, "cannot be read: " + e.getMessage() + ".", e);
        }
    }

    private static FleetException unreadable(Path file, String message, IOException cause) {
        FleetException exception = new FleetException(List.of(new FleetException.Problem(file.toString(), 0, message)));
        exception.initCause(cause);
        return exception;
    }

    private static InetSocketAddress listen(Section root, List<ApiKey> keys) {
        Value value = root.get("listen");
        if (value == null) {
            return LISTEN;
        }
        InetSocketAddress listen = value.read("an address and port", FleetReader::address, LISTEN);
        if (!listen.getAddress().isLoopbackAddress() && keys.isEmpty() && root.get("keys") == null) {
            value.wrong(
                    "is reachable from other machines, but no keys are given; expected keys, or a loopback address. "
                            + "Maybe 127.0.0.1:" + listen.getPort() + ".");
        }
        return listen;
    }

    private static InetSocketAddress address(String text) {
        String expected = "is not an address and port; expected such as 127.0.0.1:8080 or [::]:8080.";
        int colon = text.lastIndexOf(':');
        if (colon < 0) {
            String maybe = text.matches("[0-9]{1,5}") ? "127.0.0.1:" + text : text + ":8080";
            throw new Mistake(expected + " Maybe " + maybe + ".");
        }
        String host = text.substring(0, colon);
        int port = port(text.substring(colon + 1));
        if (host.equals("localhost")) {
            return new InetSocketAddress(loopback(), port);
        }
        try {
            String literal = host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
            return new InetSocketAddress(InetAddress.ofLiteral(literal), port);
        } catch (IllegalArgumentException e) {
            throw new Mistake(
                    "does not begin with an IP address; expected such as 127.0.0.1:8080. Maybe 0.0.0.0:" + port + ".");
        }
    }

    private static int port(String text) {
        if (!text.matches("[0-9]{1,5}") || Integer.parseInt(text) > 65_535) {
            throw new Mistake("has the port " + text + "; expected one from 0 to 65535. Maybe 8080.");
        }
        return Integer.parseInt(text);
    }

    private static InetAddress loopback() {
        return InetAddress.ofLiteral("127.0.0.1");
    }

    private static Fleet.@Nullable Tls tls(Section root, Path folder) {
        Value value = root.get("tls");
        if (value == null) {
            return null;
        }
        Section tls = value.section(Keys.TLS, "certificate and key, PEM files");
        String certificate = pem(tls.required("certificate", "a PEM file with the certificate chain"), folder);
        String key = pem(tls.required("key", "a PEM file with the private key"), folder);
        return new Fleet.Tls(certificate, key);
    }

    /** The path of a PEM file that exists and looks like one; empty, and noted, otherwise. */
    static String pem(@Nullable Value value, Path folder) {
        if (value == null) {
            return "";
        }
        return value.read(
                "a PEM file",
                text -> {
                    Path file = folder.resolve(text);
                    try {
                        if (!Files.readString(file).contains("-----BEGIN ")) {
                            throw new Mistake("is not a PEM file; expected one with -----BEGIN in it.");
                        }
                    } catch (NoSuchFileException e) {
                        throw new Mistake("does not exist; expected a PEM file. Maybe a path relative to this file.");
                    } catch (IOException e) {
                        throw new Mistake("cannot be read; expected a PEM file that this user may read.");
                    }
                    return file.toString();
                },
                "");
    }

    private static List<ApiKey> keys(Section root) {
        Value value = root.get("keys");
        if (value == null) {
            return List.of();
        }
        List<ApiKey> keys = new ArrayList<>();
        Map<String, Integer> lines = new LinkedHashMap<>();
        for (Value item : value.items("keys such as {key: \"${ACME_KEY}\", tenant: acme}")) {
            Section section = item.section(Keys.KEY, "key and tenant");
            Value key = section.required("key", "a bearer key, best as ${VARIABLE}");
            String secret = key == null ? "" : key.read("a bearer key", FleetReader::secret, "");
            Integer first = lines.putIfAbsent(secret, section.line());
            if (first != null && key != null && !secret.isEmpty()) {
                key.wrong("is the same key as in line " + first + "; expected each key once.");
            }
            Value tenant = section.required("tenant", "the name of who calls");
            keys.add(new ApiKey(
                    secret,
                    tenant == null ? "" : tenant.read("a name", text -> name(text, "a tenant"), ""),
                    section.read("class", "a request class", FleetReader::requestClass, RequestClass.DEFAULT),
                    section.read("weight", "a weight", FleetReader::weight, 1.0)));
        }
        return keys;
    }

    private static String secret(String text) {
        if (text.length() < SHORTEST_KEY) {
            throw new Mistake("has " + text.length() + " characters; expected at least " + SHORTEST_KEY
                    + ". Maybe the output of: openssl rand -hex 24.");
        }
        if (!text.matches("[!-~]+")) {
            throw new Mistake("has blanks or letters outside ASCII; expected what can stand in an HTTP header.");
        }
        return text;
    }

    /** A name that can stand in metrics, headers and logs. */
    static String name(String text, String kind) {
        if (!text.matches("[A-Za-z0-9][A-Za-z0-9._/:@-]{0,99}")) {
            throw new Mistake(
                    "is not a name for " + kind + "; expected letters, digits and . _ - / : @, at most 100. Maybe "
                            + text.toLowerCase(Locale.ROOT)
                                    .replaceAll("[^a-z0-9]+", "-")
                                    .replaceAll("^-+|-+$", "") + ".");
        }
        return text;
    }

    private static double weight(String text) {
        try {
            double weight = Double.parseDouble(text);
            if (weight > 0 && weight <= 1000) {
                return weight;
            }
        } catch (NumberFormatException e) {
            throw new Mistake("is not a number; expected a weight above 0 and at most 1000.");
        }
        throw new Mistake("is out of range; expected a weight above 0 and at most 1000.");
    }

    private static RequestClass requestClass(String text) {
        return RequestClass.valueOf(
                Section.oneOf(text, "a request class", Keys.OBJECTIVES.names()).toUpperCase(Locale.ROOT));
    }

    private static Timeouts timeouts(Section section) {
        Timeouts usual = Timeouts.DEFAULT;
        Timeouts timeouts = new Timeouts(
                section.read("connect", "a duration", Units::nanos, usual.connectNanos()),
                section.read("first-token", "a duration", Units::nanos, usual.firstTokenNanos()),
                section.read("stall", "a duration", Units::nanos, usual.stallNanos()),
                section.read("request", "a duration", Units::nanos, usual.requestNanos()));
        Value firstToken = section.get("first-token");
        if (firstToken != null && timeouts.firstTokenNanos() > timeouts.requestNanos()) {
            firstToken.wrong(
                    "is longer than request; expected at most the time of a whole request. Maybe a longer request.");
        }
        return timeouts;
    }

    private static Fleet.Limits limits(Section section) {
        Fleet.Limits usual = Fleet.Limits.DEFAULT;
        return new Fleet.Limits(
                bytes(section, "header-size", usual.headerBytes(), 1 << 10, 1 << 20),
                bytes(section, "body-size", usual.bodyBytes(), 1 << 10, 1 << 30),
                section.read("connections", "a number", text -> Units.count(text, 1, 1_000_000), usual.connections()),
                section.read("idle", "a duration", Units::nanos, usual.idleNanos()),
                section.read(
                        "queue-length", "a number", text -> Units.count(text, 0, 10_000_000), usual.queuedRequests()),
                section.read("queue-time", "a duration", Units::nanos, usual.queueNanos()));
    }

    private static int bytes(Section section, String key, int usual, int least, int most) {
        return section.read(
                key,
                "a size",
                text -> {
                    long bytes = Units.bytes(text);
                    if (bytes < least || bytes > most) {
                        throw new Mistake(
                                "is out of range; expected " + (least >> 10) + " KiB to " + (most >> 20) + " MiB.");
                    }
                    return (int) bytes;
                },
                usual);
    }

    private static Fleet.Disclosure disclosure(Section section) {
        return new Fleet.Disclosure(
                section.flag("route-header", Fleet.Disclosure.DEFAULT.routeHeader()),
                section.read("decision-sample", "a share", Units::share, Fleet.Disclosure.DEFAULT.decisionSample()));
    }

    static Map<RequestClass, Objective> objectives(Section section) {
        Map<RequestClass, Objective> objectives = new EnumMap<>(RequestClass.class);
        for (Map.Entry<String, Value> entry : section.values().entrySet()) {
            Section objective = entry.getValue().section(Keys.OBJECTIVE, "ttft, itl or percentile");
            long[] none = {Objective.NONE.ttftNanos(), 0};
            long[] ttft = objective.read("ttft", "a time to first token", Units::firstToken, none);
            objectives.put(
                    RequestClass.valueOf(entry.getKey().toUpperCase(Locale.ROOT)),
                    new Objective(
                            ttft[0],
                            ttft[1],
                            objective.read("itl", "a duration", Units::nanos, Objective.NONE.itlNanos()),
                            objective.read(
                                    "percentile", "a percentile", Units::percentile, Objective.NONE.percentile())));
        }
        return objectives;
    }

    private Map<String, ServedModel> models(Section root) {
        Value value = root.required("models", "a list of the models that clients may ask for");
        return value == null ? Map.of() : new ModelReader(catalogue).read(value);
    }
}
