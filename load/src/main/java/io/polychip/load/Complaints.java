package io.polychip.load;

/** What an endpoint's refusal means for a measurement, and what to try. */
final class Complaints {
    private Complaints() {}

    static String of(MeasureOptions options, Answer answer) {
        String said = answer.detail().isEmpty() ? "" : " (\"%s\")".formatted(answer.detail());
        String at = options.target().toString();
        return switch (answer.outcome()) {
            case "http 401", "http 403" ->
                "%s refuses the key%s. Maybe --key KEY, or the variable POLYCHIP_KEY, is missing or wrong."
                        .formatted(at, said);
            case "http 404" ->
                "%s knows no model %s, or no /v1/chat/completions%s. Maybe another --model, or a URL without /v1."
                        .formatted(at, options.model(), said);
            case "http 429" ->
                "%s limits the rate%s: not even one request came through. Maybe wait a minute, or use a key with a higher limit."
                        .formatted(at, said);
            case "http 400", "http 422" ->
                "%s refuses the request in every wording tried%s. Maybe the model is not for chat.".formatted(at, said);
            case "connect" ->
                "%s cannot be reached%s. Maybe nothing listens there, or the URL is http where https is wanted."
                        .formatted(at, said);
            case "garbled" ->
                "%s answers with something that is no stream of OpenAI's wire%s. Maybe it does not stream, or the URL is a web page's."
                        .formatted(at, said);
            default ->
                "%s did not answer one request: %s%s. Maybe look at its log.".formatted(at, answer.outcome(), said);
        };
    }
}
