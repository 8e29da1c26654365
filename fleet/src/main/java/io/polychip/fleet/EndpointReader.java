package io.polychip.fleet;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads where an owned pool's replicas are and how they are reached. */
final class EndpointReader {
    private static final Pattern DNS = Pattern.compile("dns(\\+https)?:([A-Za-z0-9.-]+):([0-9]{1,5})");
    private static final Pattern KUBERNETES =
            Pattern.compile("kubernetes:([a-z0-9-]+)(?:\\.([a-z0-9-]+))?:([0-9]{1,5})");
    private static final String EXPECTED =
            "URLs such as [http://10.0.0.1:8000], dns:NAME:PORT, file:PATH or kubernetes:SERVICE.NAMESPACE:PORT";

    private final Path folder;

    EndpointReader(Path folder) {
        this.folder = folder;
    }

    /** The listed URLs, or those a watched file lists now. */
    List<URI> replicas(Section pool) {
        Value value = pool.required("replicas", EXPECTED);
        if (value == null) {
            return List.of();
        }
        if (value.isText()) {
            return value.read(EXPECTED, this::single, List.of());
        }
        Set<URI> urls = new LinkedHashSet<>();
        for (Value item : value.items(EXPECTED)) {
            URI url = item.read("a URL such as http://10.0.0.1:8000", text -> url(text, ""), NONE);
            if (!url.equals(NONE) && !urls.add(url)) {
                item.wrong("stands in this list already; expected each replica once.");
            }
        }
        if (value.isList() && value.items(EXPECTED).isEmpty()) {
            value.wrong("is an empty list; expected " + EXPECTED + ". Maybe enabled: false.");
        }
        return List.copyOf(urls);
    }

    private static final URI NONE = URI.create("none:none");

    private List<URI> single(String text) {
        if (text.startsWith("file:")) {
            return listed(folder.resolve(text.substring(5)));
        }
        if (discovery(text) != null) {
            return List.of();
        }
        return List.of(url(text, ""));
    }

    private static List<URI> listed(Path file) {
        List<URI> urls = new ArrayList<>();
        try {
            for (String line : Files.readAllLines(file)) {
                String text = line.replaceAll("#.*", "").strip();
                if (!text.isEmpty()) {
                    urls.add(url(text, ""));
                }
            }
        } catch (IOException e) {
            throw new Mistake(
                    "names a file that cannot be read; expected one with a URL a line. Maybe a path relative to this"
                            + " file.");
        } catch (Mistake e) {
            throw new Mistake("names a file with a line that " + e.message());
        }
        return urls;
    }

    @Nullable
    Discovery discovery(Section pool) {
        Value value = pool.get("replicas");
        return value == null || !value.isText() ? null : value.quiet(this::discovery);
    }

    private @Nullable Discovery discovery(String text) {
        if (text.startsWith("file:")) {
            return new Discovery.WatchedFile(folder.resolve(text.substring(5)).toString());
        }
        Matcher dns = DNS.matcher(text);
        if (dns.matches()) {
            return new Discovery.Dns(dns.group(1) == null ? "http" : "https", dns.group(2), port(dns.group(3)));
        }
        Matcher kubernetes = KUBERNETES.matcher(text);
        if (kubernetes.matches()) {
            String namespace = kubernetes.group(2);
            return new Discovery.Kubernetes(
                    kubernetes.group(1), namespace == null ? "default" : namespace, port(kubernetes.group(3)));
        }
        if (text.startsWith("dns:") || text.startsWith("kubernetes:")) {
            throw new Mistake("is incomplete; expected dns:NAME:PORT or kubernetes:SERVICE.NAMESPACE:PORT. Maybe "
                    + text + ":8000.");
        }
        return null;
    }

    private static int port(String text) {
        return Units.count(text, 1, 65_535);
    }

    /**
     * An http or https URL without query or fragment.
     *
     * @param version path that may end it, {@code /v1} for a provider's base URL
     */
    static URI url(String text, String version) {
        String expected = "is not a URL; expected http://host:port.";
        if (!text.contains("://")) {
            throw new Mistake(expected + " Maybe http://" + text + ".");
        }
        try {
            URI url = new URI(text);
            String scheme = url.getScheme();
            if (!"http".equals(scheme) && !"https".equals(scheme)) {
                throw new Mistake("has the scheme \"" + scheme + "\"; expected http or https. Maybe http"
                        + text.substring(text.indexOf("://")) + ".");
            }
            if (url.getHost() == null || url.getPort() == 0 || url.getPort() > 65_535) {
                throw new Mistake(expected);
            }
            if (url.getUserInfo() != null) {
                throw new Mistake("carries a user name or password; expected neither. Maybe key: \"${VARIABLE}\".");
            }
            if (url.getRawQuery() != null || url.getRawFragment() != null) {
                throw new Mistake("has a query or fragment; expected http://host:port.");
            }
            String path = url.getRawPath();
            if (version.isEmpty() && path.matches("/v1/?")) {
                throw new Mistake("ends in " + path + ", which requests bring along; expected http://host:port. Maybe "
                        + text.substring(0, text.length() - path.length()) + ".");
            }
            return path.endsWith("/") ? URI.create(text.substring(0, text.length() - 1)) : url;
        } catch (URISyntaxException e) {
            throw new Mistake(expected);
        }
    }

    Pool.Access access(Section pool, boolean hosted) {
        Value tls = pool.get("tls");
        Value key = pool.get("key");
        if (hosted && key != null) {
            key.wrong("belongs to an owned pool, this one is hosted; expected it under hosted. Maybe hosted: {key:"
                    + " ...}.");
        }
        Section section = pool.section("tls", Keys.UPSTREAM_TLS, "ca, a PEM file, or server-name");
        Value ca = section.get("ca");
        String lookedUp =
                discovery(pool) instanceof Discovery.Dns dns && dns.scheme().equals("https") ? dns.host() : "";
        if (tls == null && key == null && lookedUp.isEmpty()) {
            return Pool.Access.OPEN;
        }
        return new Pool.Access(
                hosted ? "" : pool.text("key", "a bearer key", ""),
                ca == null ? "" : FleetReader.pem(ca, folder),
                section.text("server-name", "a host name", lookedUp));
    }
}
