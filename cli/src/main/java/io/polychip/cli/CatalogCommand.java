package io.polychip.cli;

import io.polychip.fleet.CatalogueReader;
import io.polychip.fleet.Names;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

/** {@code polychip catalog}: what is known of chips, models, offers, providers and timings, and from where. */
@Command(
        name = "catalog",
        mixinStandardHelpOptions = true,
        description = {
            "List and explain the catalogue: chips, models, offers, profiles, providers, token prices, cold starts,",
            "power of chips and regions, speeds of training, public deals.",
            "With a name, one entry in full, with its sources."
        },
        footer = {
            "",
            "Examples:",
            "  polychip catalog chips",
            "  polychip catalog nvidia/h100-sxm",
            "  polychip catalog profiles llama-3.1-8b --json",
            "  polychip catalog deals trainium",
            "  polychip catalog openai-amd-2025-10"
        })
final class CatalogCommand implements Callable<Integer> {
    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "KIND",
            description = "chips, models, offers, profiles, providers, prices, cold-starts, powers, regions, "
                    + "training or deals; or a name.")
    private @Nullable String first;

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "NAME",
            description = "A chip, model, provider or deal, or part of one.")
    private @Nullable String second;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Spec
    private CommandLine.Model.@Nullable CommandSpec spec;

    @Override
    public Integer call() {
        CatalogPages pages = new CatalogPages(CatalogueReader.shipped());
        CatalogPages.Page page = page(pages);
        PrintWriter out = command().getOut();
        if (json) {
            out.println(JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsString(page.json()));
        } else {
            out.print(page.text());
        }
        out.flush();
        return CommandLine.ExitCode.OK;
    }

    private CatalogPages.Page page(CatalogPages pages) {
        if (first == null) {
            return pages.overview();
        }
        CatalogKind kind = CatalogKind.of(first);
        if (kind == null) {
            return entry(pages, second == null ? first : first + " " + second);
        }
        CatalogPages.Page page = second == null ? pages.list(kind) : pages.some(kind, second);
        if (page == null) {
            throw unknown("No " + kind.singular() + " is named \"" + second + "\".", second, pages.names(kind));
        }
        return page;
    }

    /** Any entry by its name alone. */
    private CatalogPages.Page entry(CatalogPages pages, String name) {
        List<String> known = new ArrayList<>();
        for (CatalogKind kind :
                List.of(CatalogKind.CHIPS, CatalogKind.MODELS, CatalogKind.PROVIDERS, CatalogKind.DEALS)) {
            CatalogPages.Page page = pages.one(kind, name);
            if (page != null) {
                return page;
            }
            known.addAll(pages.names(kind));
        }
        for (CatalogKind kind : CatalogKind.values()) {
            known.add(kind.name().toLowerCase(Locale.ROOT).replace('_', '-'));
        }
        throw unknown("The catalogue has no \"" + name + "\".", name, known);
    }

    private CommandLine.ParameterException unknown(String message, @Nullable String name, List<String> known) {
        String maybe = Names.nearest(String.valueOf(name), known)
                .map(near -> " Maybe " + near + ".")
                .orElse(" Maybe see polychip catalog.");
        return new CommandLine.ParameterException(command(), message + maybe);
    }

    private CommandLine command() {
        if (spec == null) {
            throw new IllegalStateException("Not called by picocli.");
        }
        return spec.commandLine();
    }

    /** The lists of the catalogue. */
    enum CatalogKind {
        CHIPS("chip"),
        MODELS("model"),
        OFFERS("offer"),
        PROFILES("profile"),
        PROVIDERS("provider"),
        PRICES("token price"),
        COLD_STARTS("cold start"),
        POWERS("power"),
        REGIONS("region"),
        TRAINING("training speed"),
        DEALS("deal");

        private final String singular;

        CatalogKind(String singular) {
            this.singular = singular;
        }

        String singular() {
            return singular;
        }

        /** By name, singular or plural; null when it is none of them. */
        static @Nullable CatalogKind of(String text) {
            String plain = text.toLowerCase(Locale.ROOT).replace('-', '_');
            for (CatalogKind kind : values()) {
                String name = kind.name().toLowerCase(Locale.ROOT);
                if (name.equals(plain) || name.equals(plain + "s")) {
                    return kind;
                }
            }
            return null;
        }
    }
}
