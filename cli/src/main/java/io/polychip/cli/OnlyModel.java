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
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The one model an endpoint serves, for commands that were told none. */
final class OnlyModel {
    private OnlyModel() {}

    /** @throws CommandException when it cannot be asked, or serves none or several */
    static String of(URI target, @Nullable String key) throws InterruptedException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(target + "/v1/models")).timeout(Duration.ofSeconds(10));
        if (key != null) {
            request.header("authorization", "Bearer " + key);
        }
        List<String> names = new ArrayList<>();
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpResponse<String> answer = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() != 200) {
                throw new CommandException("%s/v1/models answered %d. Maybe --key is missing or wrong."
                        .formatted(target, answer.statusCode()));
            }
            for (JsonNode model : JsonMapper.shared().readTree(answer.body()).path("data")) {
                names.add(model.path("id").asString());
            }
        } catch (IOException unreachable) {
            throw new CommandException("%s does not answer: %s. Maybe nothing listens there yet."
                    .formatted(target, String.valueOf(unreachable.getMessage())));
        }
        if (names.size() != 1) {
            throw new CommandException("%s serves %d models%s. Choose one by --model."
                    .formatted(target, names.size(), names.isEmpty() ? "" : ": " + String.join(", ", names)));
        }
        return names.getFirst();
    }
}
