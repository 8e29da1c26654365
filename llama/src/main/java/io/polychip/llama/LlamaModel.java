package io.polychip.llama;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.io.IOException;
import java.io.InputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * A loaded GGUF file: weights, vocabulary, chat template. For any thread; closing waits for those inside.
 *
 * <p>Every argument that llama.cpp would answer with a failed assertion, and so with the end of the process, is refused
 * here. The file itself is trusted as far as llama.cpp's loader checks it.
 */
final class LlamaModel implements AutoCloseable {
    private static final Logger LOGGER = System.getLogger(LlamaModel.class.getName());
    private static final byte[] MAGIC = "GGUF".getBytes(StandardCharsets.US_ASCII);
    private static final int OLDEST_GGUF = 2;
    private static final int NEWEST_GGUF = 3;

    private final LlamaLibrary library;
    private final MemorySegment model;
    private final MemorySegment vocab;
    private final int vocabSize;
    private final ChatTemplate template;
    private final List<String> controlTexts;
    private final int[] ends;
    private final int longestPieceBytes;
    private final ReadWriteLock use = new ReentrantReadWriteLock();
    private boolean closed;

    private LlamaModel(LlamaLibrary library, MemorySegment model) {
        this.library = library;
        this.model = model;
        vocab = library.modelGetVocab(model);
        vocabSize = library.vocabSize(vocab);
        template = knownTemplate(library, model);
        controlTexts = IntStream.range(0, vocabSize)
                .filter(token -> library.vocabIsControl(vocab, token))
                .mapToObj(token -> new String(piece(token, true), StandardCharsets.UTF_8))
                .filter(text -> !text.isEmpty())
                .toList();
        ends = IntStream.range(0, vocabSize)
                .filter(token -> library.vocabIsEndOfGeneration(vocab, token))
                .toArray();
        longestPieceBytes = Math.max(
                1,
                IntStream.range(0, vocabSize)
                        .map(token -> -library.tokenToPiece(vocab, token, MemorySegment.NULL, true))
                        .max()
                        .orElse(1));
    }

    static LlamaModel load(LlamaLibrary library, Path file) {
        checkHeader(file);
        library.log().forget();
        MemorySegment model;
        try (Arena arena = Arena.ofConfined()) {
            model = library.modelLoadFromFile(
                    arena.allocateFrom(file.toAbsolutePath().toString()), library.modelDefaultParams(arena));
        }
        if (model.address() == 0) {
            throw new LlamaException(
                    "%s cannot be loaded: %s. Maybe it is damaged or of an architecture newer than llama.cpp %s."
                            .formatted(file, library.log().latestError(), LlamaLibrary.RELEASE));
        }
        if (!library.modelHasDecoder(model) || library.modelHasEncoder(model)) {
            library.modelFree(model);
            throw new LlamaException(
                    "%s does not generate text from text alone. Maybe take a chat model.".formatted(file));
        }
        return new LlamaModel(library, model);
    }

    /** The model's own chat template, or ChatML where llama.cpp does not know that. */
    private static ChatTemplate knownTemplate(LlamaLibrary library, MemorySegment model) {
        ChatTemplate own = ChatTemplate.of(library.modelChatTemplate(model));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment message = arena.allocate(Structs.CHAT_MESSAGE);
            message.set(ADDRESS, Structs.CHAT_ROLE, arena.allocateFrom("user"));
            message.set(ADDRESS, Structs.CHAT_CONTENT, arena.allocateFrom("hello"));
            MemorySegment source = arena.allocateFrom(own.source());
            if (library.chatApplyTemplate(source, message, 1, true, arena.allocate(1024)) >= 0) {
                return own;
            }
        }
        LOGGER.log(Level.WARNING, "The model's chat template is none that llama.cpp knows; ChatML is used instead.");
        return ChatTemplate.CHATML;
    }

    /** Names the usual mistakes better than the loader does. */
    private static void checkHeader(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new LlamaException("There is no model file %s; expected a GGUF file.".formatted(file));
        }
        byte[] header;
        try (InputStream bytes = Files.newInputStream(file)) {
            header = bytes.readNBytes(8);
        } catch (IOException e) {
            throw new LlamaException("%s cannot be read: %s.".formatted(file, e.getMessage()), e);
        }
        if (header.length < 8 || !Arrays.equals(header, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
            throw new LlamaException(
                    "%s is not a GGUF file: it does not begin with \"GGUF\". Maybe it is of another format, or a pointer to a large file."
                            .formatted(file));
        }
        int version =
                MemorySegment.ofArray(header).get(ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN), 4);
        if (version < OLDEST_GGUF || version > NEWEST_GGUF) {
            throw new LlamaException(
                    "%s is GGUF version %d; %d to %d can be read.".formatted(file, version, OLDEST_GGUF, NEWEST_GGUF));
        }
    }

    MemorySegment pointer() {
        return model;
    }

    LlamaLibrary library() {
        return library;
    }

    int vocabSize() {
        return vocabSize;
    }

    int trainedContext() {
        return inUse(() -> library.modelTrainedContext(model));
    }

    /** Such as "llama 256M Q4_1". */
    String description() {
        return inUse(() -> {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment buffer = arena.allocate(256);
                library.modelDescription(model, buffer);
                return buffer.getString(0);
            }
        });
    }

    boolean endsGeneration(int token) {
        return Arrays.binarySearch(ends, token) >= 0;
    }

    /** Makes the tokens that end an answer impossible. */
    void forbidEnd(float[] logits) {
        for (int token : ends) {
            logits[token] = Float.NEGATIVE_INFINITY;
        }
    }

    /** A token's bytes, which need not be whole characters. @param special whether control tokens show their text */
    byte[] piece(int token, boolean special) {
        return inUse(() -> {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment buffer = arena.allocate(64);
                int bytes = library.tokenToPiece(vocab, checked(token), buffer, special);
                if (bytes < 0) {
                    buffer = arena.allocate(-bytes);
                    bytes = library.tokenToPiece(vocab, token, buffer, special);
                }
                return buffer.asSlice(0, bytes).toArray(JAVA_BYTE);
            }
        });
    }

    /** True if a text of so many bytes has more than {@code tokens} tokens whatever it says. Spares tokenizing it. */
    boolean surelyLonger(long bytes, int tokens) {
        return bytes > (long) tokens * longestPieceBytes;
    }

    /**
     * The tokens of a text.
     *
     * @param addSpecial whether the model's own beginning is put in front
     * @param parseSpecial whether text that looks like a control token is one
     */
    int[] tokens(String text, boolean addSpecial, boolean parseSpecial) {
        return inUse(() -> {
            try (Arena arena = Arena.ofConfined()) {
                byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
                MemorySegment bytes = arena.allocateFrom(JAVA_BYTE, utf8);
                int capacity = utf8.length + 2;
                MemorySegment tokens = arena.allocate(JAVA_INT, capacity);
                int count = library.tokenize(vocab, bytes, utf8.length, tokens, capacity, addSpecial, parseSpecial);
                if (count < 0) {
                    tokens = arena.allocate(JAVA_INT, -count);
                    count = library.tokenize(vocab, bytes, utf8.length, tokens, -count, addSpecial, parseSpecial);
                }
                return tokens.asSlice(0, (long) count * Integer.BYTES).toArray(JAVA_INT);
            }
        });
    }

    /**
     * The tokens of a conversation by the model's chat template, ready for the answer.
     *
     * <p>What users write cannot forge control tokens: a conversation in which some content contains one is rendered
     * with place-holders and its contents are tokenized as plain text.
     *
     * @param continued what the answer has already, to be continued; empty for a new answer
     */
    int[] chatTokens(List<ChatMessage> messages, String continued) {
        List<ChatMessage> complete = template.complete(messages);
        boolean forged = complete.stream().anyMatch(message -> mentionsControl(message.content()));
        if (!forged && !mentionsControl(continued)) {
            return tokens(render(complete) + continued, true, true);
        }
        List<ChatMessage> placed = IntStream.range(0, complete.size())
                .mapToObj(i -> new ChatMessage(complete.get(i).role(), placeholder(i)))
                .toList();
        String rest = render(placed);
        IntStream.Builder all = IntStream.builder();
        for (int i = 0; i < placed.size(); i++) {
            int at = rest.indexOf(placeholder(i));
            if (at < 0) {
                continue; // a template may leave out a message
            }
            Arrays.stream(tokens(rest.substring(0, at), i == 0, true)).forEach(all::add);
            Arrays.stream(tokens(complete.get(i).content(), false, false)).forEach(all::add);
            rest = rest.substring(at + placeholder(i).length());
        }
        Arrays.stream(tokens(rest, false, true)).forEach(all::add);
        Arrays.stream(tokens(continued, false, false)).forEach(all::add);
        return all.build().toArray();
    }

    private boolean mentionsControl(String text) {
        return controlTexts.stream().anyMatch(text::contains);
    }

    private static String placeholder(int index) {
        return "\uE000" + index + "\uE001"; // private use: no template treats it as more than text
    }

    private String render(List<ChatMessage> messages) {
        return inUse(() -> {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment array = arena.allocate(Structs.CHAT_MESSAGE, messages.size());
                long bytes = 1024;
                for (int i = 0; i < messages.size(); i++) {
                    long offset = i * Structs.CHAT_MESSAGE.byteSize();
                    MemorySegment content =
                            arena.allocateFrom(withoutNul(messages.get(i).content()));
                    array.set(
                            ADDRESS,
                            offset + Structs.CHAT_ROLE,
                            arena.allocateFrom(messages.get(i).role()));
                    array.set(ADDRESS, offset + Structs.CHAT_CONTENT, content);
                    bytes += content.byteSize() + 128;
                }
                MemorySegment source = arena.allocateFrom(template.source());
                MemorySegment buffer = arena.allocate(bytes);
                int length = library.chatApplyTemplate(source, array, messages.size(), true, buffer);
                if (length > buffer.byteSize()) {
                    buffer = arena.allocate(length);
                    length = library.chatApplyTemplate(source, array, messages.size(), true, buffer);
                }
                if (length < 0) { // the template was tried at load
                    throw new IllegalStateException("chat template refused, result %d".formatted(length));
                }
                return new String(buffer.asSlice(0, length).toArray(JAVA_BYTE), StandardCharsets.UTF_8);
            }
        });
    }

    /** A C string ends at its first NUL; what follows would be lost in silence. */
    private static String withoutNul(String text) {
        return text.replace('\0', '\uFFFD');
    }

    private int checked(int token) {
        if (token < 0 || token >= vocabSize) {
            throw new IllegalArgumentException("token %d is not in 0..%d".formatted(token, vocabSize - 1));
        }
        return token;
    }

    private <T> T inUse(Supplier<T> call) {
        use.readLock().lock();
        try {
            if (closed) {
                throw new LlamaException("The model is closed.");
            }
            return call.get();
        } finally {
            use.readLock().unlock();
        }
    }

    @Override
    public void close() {
        use.writeLock().lock();
        try {
            if (!closed) {
                closed = true;
                library.modelFree(model);
            }
        } finally {
            use.writeLock().unlock();
        }
    }
}
