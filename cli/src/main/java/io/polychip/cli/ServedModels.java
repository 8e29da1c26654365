package io.polychip.cli;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The models an endpoint says it serves. */
final class ServedModels {
    private final URI target;
    private final List<Served> models;
    private final boolean listed;

    private ServedModels(URI target, List<Served> models, boolean listed) {
        this.target = target;
        this.models = models;
        this.listed = listed;
    }

    /** @param owner {@code vllm}, {@code llama.cpp}: most engines put their own name there */
    record Served(String name, String owner) {
        /** The engine by the names fleet files have for it. */
        String engine() {
            return switch (owner) {
                case "llamacpp", "llama.cpp" -> "llama.cpp";
                case "sglang", "vllm" -> owner;
                default -> "openai";
            };
        }
    }

    /** @throws CommandException when it cannot be asked */
    static ServedModels of(URI target, @Nullable String key) throws InterruptedException {
        HttpResponse<String> answer = ask(target, key);
        switch (answer.statusCode()) {
            case 200 -> {}
            case 401, 403 ->
                throw new CommandException("%s/v1/models answered %d. Maybe --key is missing or wrong."
                        .formatted(target, answer.statusCode()));
            default -> {
                return new ServedModels(target, List.of(), false);
            }
        }
        List<Served> models = new ArrayList<>();
        try {
            for (JsonNode model : JsonMapper.shared().readTree(answer.body()).path("data")) {
                models.add(new Served(
                        model.path("id").asString(), model.path("owned_by").asString("")));
            }
        } catch (JacksonException noJson) {
            throw new CommandException(
                    "%s/v1/models answers with something that is no JSON. Maybe the URL is a web page's, not an API's."
                            .formatted(target));
        }
        return new ServedModels(target, models, true);
    }

    private static HttpResponse<String> ask(URI target, @Nullable String key) throws InterruptedException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(target + "/v1/models")).timeout(Duration.ofSeconds(10));
        if (key != null) {
            request.header("authorization", "Bearer " + key);
        }
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException unreachable) {
            throw new CommandException("%s does not answer: %s. Maybe nothing listens there yet."
                    .formatted(target, Reasons.of(unreachable)));
        }
    }

    /** The one it serves. @throws CommandException when it serves none or several */
    Served only() {
        if (models.size() != 1) {
            throw new CommandException(
                    listed
                            ? "%s serves %d models%s. Choose one by --model."
                                    .formatted(target, models.size(), models.isEmpty() ? "" : ": " + names())
                            : "%s does not list its models. Name one by --model.".formatted(target));
        }
        return models.getFirst();
    }

    /**
     * The named one, or the only one where none is named. An endpoint that does not list its models is believed.
     *
     * @throws CommandException when it is not among them
     */
    Served choose(@Nullable String name) {
        if (name == null) {
            return only();
        }
        if (!listed) {
            return new Served(name, "");
        }
        return models.stream()
                .filter(model -> model.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new CommandException("%s serves no model %s; it serves %s."
                        .formatted(target, name, models.isEmpty() ? "none" : names())));
    }

    private String names() {
        return String.join(", ", models.stream().map(Served::name).toList());
    }
}
