package io.polychip.fleet;

import java.net.URI;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Reads {@code hosted}: the account at a provider that sells tokens. */
final class HostedReader {
    private final Catalogue catalogue;
    private final Section pool;
    private final Value hosted;

    HostedReader(Catalogue catalogue, Section pool, Value hosted) {
        this.catalogue = catalogue;
        this.pool = pool;
        this.hosted = hosted;
    }

    PoolReader.Hosting read() {
        Value replicas = pool.get("replicas");
        if (replicas != null) {
            replicas.wrong("belongs to an owned pool, this one is hosted; expected none. Maybe hosted: {url: ...}.");
        }
        Section section = hosted.section(Keys.HOSTED, "provider, model and key");
        Value named = section.required(
                "provider", "one of " + Names.list(catalogue.providers().keySet()));
        Provider provider = named == null
                ? null
                : catalogue
                        .providers()
                        .get(named.read(
                                "a provider",
                                text -> Section.oneOf(
                                        text,
                                        "a provider",
                                        catalogue.providers().keySet()),
                                ""));
        Value model = section.required("model", "the name the provider knows the model by");
        Value url = section.get("url");
        Value key = section.get("key");
        if (key == null && url == null) {
            section.missing(
                    "key",
                    "expected the provider's key. Maybe key: \"${"
                            + (provider == null ? "PROVIDER" : provider.name().toUpperCase(Locale.ROOT))
                            + "_API_KEY}\".");
        }
        Hosted account = new Hosted(
                provider == null ? "" : provider.name(),
                model == null ? "" : model.read("a name", text -> text, ""),
                key == null ? "" : key.read("a key", text -> text, ""));
        return new PoolReader.Hosting(account, base(section, provider, url));
    }

    private List<URI> base(Section section, @Nullable Provider provider, @Nullable Value url) {
        if (url != null) {
            String path = provider == null ? "" : path(provider);
            return url.read("a URL", text -> List.of(withPath(EndpointReader.url(text, "/v1"), path)), List.of());
        }
        if (provider == null) {
            return List.of();
        }
        if (provider.baseUrl().isEmpty()) {
            section.missing(
                    "url",
                    "expected the base URL, since " + provider.name() + " has none of its own. "
                            + "Maybe https://host/v1.");
            return List.of();
        }
        String base = provider.baseUrl();
        if (base.contains("{region}")) {
            Value region = section.required("region", "the provider's region such as us-east-1");
            String name = region == null ? "none" : region.read("a region", HostedReader::region, "none");
            base = base.replace("{region}", name);
        }
        return List.of(URI.create(base));
    }

    private static String region(String text) {
        if (!text.matches("[a-z0-9-]{2,40}")) {
            throw new Mistake("is not a region; expected such as us-east-1.");
        }
        return text;
    }

    private static String path(Provider provider) {
        int slash = provider.baseUrl().indexOf('/', provider.baseUrl().indexOf("//") + 2);
        return slash < 0 ? "" : provider.baseUrl().substring(slash);
    }

    /** A URL without a path gets the provider's, so that an emulated provider needs only host and port. */
    private static URI withPath(URI url, String path) {
        String own = url.getPath();
        return own == null || own.isEmpty() || own.equals("/") ? url.resolve(path.isEmpty() ? "/v1" : path) : url;
    }
}
