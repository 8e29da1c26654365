package io.polychip.gateway;

import io.polychip.emulator.EmulatedText;
import io.polychip.fleet.RequestClass;
import io.polychip.simulator.Arrival;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A trace for {@link Twin}: each request as the bytes a client sends and as the arrival a simulator sees, which says of
 * it what an emulated engine makes of these bytes.
 */
final class TwinTrace {
    /** Text bytes per prompt token and the template's tokens around each message, as emulated engines count. */
    private static final int BYTES_PER_TOKEN = 4;

    private static final int TOKENS_PER_MESSAGE = 4;

    /** Tokens of one cache block, of all profiles used here. */
    static final int BLOCK_TOKENS = 16;

    private static final String[] WORDS = {
        "rain", "market", "seven", "engine", "orange", "letter", "why", "quiet", "harbour", "table", "north", "music"
    };

    /** @param key index of the caller's key */
    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    record Question(long atNanos, Caller caller, int key, RequestClass requestClass, byte[] body, Arrival arrival) {}

    /**
     * What the requests of a trace are like.
     *
     * @param perSecond mean rate; gaps are exponential
     * @param bursts how many times the rate goes up and down between a tenth and twice its mean
     * @param messageWords most words of a client's message
     * @param answerTokens most tokens of nearly all answers; one in twenty is as long as it likes
     * @param conversations talks going on at the same time; 0: everybody asks once
     */
    record Shape(int requests, double perSecond, int bursts, int messageWords, int answerTokens, int conversations) {}

    private final SplittableRandom random;
    private final Shape shape;
    private final List<List<String>> talks = new ArrayList<>();
    private final String system;

    private TwinTrace(long seed, Shape shape) {
        this.random = new SplittableRandom(seed);
        this.shape = shape;
        this.system = words(60);
    }

    /** @param keys who calls, in the order of the fleet's keys */
    static List<Question> of(long seed, Shape shape, List<Caller> keys) {
        return new TwinTrace(seed, shape).questions(keys);
    }

    private List<Question> questions(List<Caller> keys) {
        List<Question> questions = new ArrayList<>();
        double seconds = 0.01;
        for (int i = 0; i < shape.requests; i++) {
            double phase = shape.bursts * (double) i / shape.requests % 1;
            double rate = shape.perSecond * (phase < 0.5 ? 2 : 0.5);
            seconds -= Math.log(1 - random.nextDouble()) / rate;
            long at = Math.round(seconds * 1e9) | 1; // nothing regular happens at an odd nanosecond
            int key = random.nextInt(keys.size());
            questions.add(question(at, keys.get(key), key));
        }
        return questions;
    }

    private Question question(long at, Caller caller, int key) {
        List<String> texts = texts();
        int most = random.nextInt(20) == 0 ? 0 : 1 + random.nextInt(shape.answerTokens);
        boolean exactly = random.nextInt(4) == 0 && most > 0;
        int natural = EmulatedText.of(texts).naturalTokens();
        int output = most == 0 ? natural : exactly ? most : Math.min(natural, most);
        String tier = random.nextInt(5) == 0 ? "flex" : "auto";
        RequestClass requestClass = Tiers.of(tier, caller.requestClass());
        StringBuilder body =
                new StringBuilder("{\"model\":\"llama\",\"stream\":true,\"service_tier\":\"" + tier + "\"");
        if (most > 0) {
            body.append(",\"max_tokens\":").append(most).append(exactly ? ",\"ignore_eos\":true" : "");
        }
        String comma = ",\"messages\":[";
        for (int i = 0; i < texts.size(); i++) {
            String role = i == 0 ? "system" : i % 2 == 1 ? "user" : "assistant";
            body.append(comma).append("{\"role\":\"%s\",\"content\":\"%s\"}".formatted(role, texts.get(i)));
            comma = ",";
        }
        body.append("]}");
        Arrival arrival = new Arrival(
                at, "llama", caller.tenant(), requestClass, promptTokens(texts), output, most, 0, blocks(texts));
        return new Question(at, caller, key, requestClass, body.toString().getBytes(StandardCharsets.UTF_8), arrival);
    }

    /** All messages up to the client's newest. */
    private List<String> texts() {
        String asked = words(1 + random.nextInt(shape.messageWords));
        if (shape.conversations == 0) {
            return List.of(words(3), asked);
        }
        int number = random.nextInt(shape.conversations);
        if (number >= talks.size()) {
            number = talks.size();
            talks.add(new ArrayList<>(List.of(system)));
        }
        List<String> talk = talks.get(number);
        talk.add(asked);
        List<String> texts = List.copyOf(talk);
        talk.add(words(1 + random.nextInt(shape.answerTokens)));
        if (talk.size() > 13) {
            talks.set(number, new ArrayList<>(List.of(system)));
        }
        return texts;
    }

    private String words(int count) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < count; i++) {
            text.append(WORDS[random.nextInt(WORDS.length)])
                    .append(random.nextInt(100))
                    .append(' ');
        }
        return text.toString().strip();
    }

    private static int promptTokens(List<String> texts) {
        int tokens = 0;
        for (String text : texts) {
            tokens += TOKENS_PER_MESSAGE + Math.ceilDiv(text.length(), BYTES_PER_TOKEN);
        }
        return tokens;
    }

    /** Ids of the whole blocks of all messages together: their content. */
    private static long[] blocks(List<String> texts) {
        String all = String.join("\0", texts);
        int blockBytes = BLOCK_TOKENS * BYTES_PER_TOKEN;
        long[] blocks = new long[all.length() / blockBytes];
        for (int i = 0; i < blocks.length; i++) {
            long id = 0;
            for (int at = i * blockBytes; at < (i + 1) * blockBytes; at++) {
                id = id * 0x9E3779B97F4A7C15L + all.charAt(at);
            }
            blocks[i] = id;
        }
        return blocks;
    }
}
