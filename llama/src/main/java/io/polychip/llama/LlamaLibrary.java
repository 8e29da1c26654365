package io.polychip.llama;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BOOLEAN;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The functions of llama.cpp, each under its own name without the prefix.
 *
 * <p>Nothing is checked here but the release: a failed assertion of llama.cpp ends the process, so {@link LlamaModel}
 * and {@link LlamaContext} look at every argument before. The library stays loaded until the process ends. All methods
 * may be called from any thread; a context belongs to one thread at a time.
 */
@SuppressWarnings("restricted") // the one place where native code is called
final class LlamaLibrary {
    /** The release whose structures and functions this module knows. */
    static final String RELEASE = "0.5.0";

    private final Linker linker = Linker.nativeLinker();
    private final SymbolLookup llama;
    private final NativeLog log = new NativeLog();

    private final MethodHandle modelDefaultParams;
    private final MethodHandle modelLoadFromFile;
    private final MethodHandle modelFree;
    private final MethodHandle modelGetVocab;
    private final MethodHandle modelTrainedContext;
    private final MethodHandle modelChatTemplate;
    private final MethodHandle modelDescription;
    private final MethodHandle modelHasEncoder;
    private final MethodHandle modelHasDecoder;
    private final MethodHandle vocabSize;
    private final MethodHandle vocabIsEndOfGeneration;
    private final MethodHandle vocabIsControl;
    private final MethodHandle tokenize;
    private final MethodHandle tokenToPiece;
    private final MethodHandle chatApplyTemplate;
    private final MethodHandle contextDefaultParams;
    private final MethodHandle initFromModel;
    private final MethodHandle contextFree;
    private final MethodHandle contextTokensPerSequence;
    private final MethodHandle decode;
    private final MethodHandle logitsAt;
    private final MethodHandle memory;
    private final MethodHandle memoryRemove;

    private LlamaLibrary(Path directory) {
        SymbolLookup ggml = lookup(directory, "libggml.");
        llama = lookup(directory, "libllama.");
        refuseOtherReleases(directory);
        logTo(log);
        call(ggml, "ggml_backend_load_all_from_path", directory);
        callNothing("llama_backend_init");

        modelDefaultParams = function("llama_model_default_params", Structs.MODEL_PARAMS);
        modelLoadFromFile = function("llama_model_load_from_file", ADDRESS, ADDRESS, Structs.MODEL_PARAMS);
        modelFree = procedure("llama_model_free", ADDRESS);
        modelGetVocab = function("llama_model_get_vocab", ADDRESS, ADDRESS);
        modelTrainedContext = function("llama_model_n_ctx_train", JAVA_INT, ADDRESS);
        modelChatTemplate = function("llama_model_chat_template", ADDRESS, ADDRESS, ADDRESS);
        modelDescription = function("llama_model_desc", JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG);
        modelHasEncoder = function("llama_model_has_encoder", JAVA_BOOLEAN, ADDRESS);
        modelHasDecoder = function("llama_model_has_decoder", JAVA_BOOLEAN, ADDRESS);
        vocabSize = function("llama_vocab_n_tokens", JAVA_INT, ADDRESS);
        vocabIsEndOfGeneration = function("llama_vocab_is_eog", JAVA_BOOLEAN, ADDRESS, JAVA_INT);
        vocabIsControl = function("llama_vocab_is_control", JAVA_BOOLEAN, ADDRESS, JAVA_INT);
        tokenize = function(
                "llama_tokenize", JAVA_INT, ADDRESS, ADDRESS, JAVA_INT, ADDRESS, JAVA_INT, JAVA_BOOLEAN, JAVA_BOOLEAN);
        tokenToPiece = function(
                "llama_token_to_piece", JAVA_INT, ADDRESS, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, JAVA_BOOLEAN);
        chatApplyTemplate = function(
                "llama_chat_apply_template", JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG, JAVA_BOOLEAN, ADDRESS, JAVA_INT);
        contextDefaultParams = function("llama_context_default_params", Structs.CONTEXT_PARAMS);
        initFromModel = function("llama_init_from_model", ADDRESS, ADDRESS, Structs.CONTEXT_PARAMS);
        contextFree = procedure("llama_free", ADDRESS);
        contextTokensPerSequence = function("llama_n_ctx_seq", JAVA_INT, ADDRESS);
        decode = function("llama_decode", JAVA_INT, ADDRESS, Structs.BATCH);
        logitsAt = function("llama_get_logits_ith", ADDRESS, ADDRESS, JAVA_INT);
        memory = function("llama_get_memory", ADDRESS, ADDRESS);
        memoryRemove = function("llama_memory_seq_rm", JAVA_BOOLEAN, ADDRESS, JAVA_INT, JAVA_INT, JAVA_INT);

        try (Arena arena = Arena.ofConfined()) {
            Structs.check(modelDefaultParams(arena), contextDefaultParams(arena));
        }
    }

    /**
     * Loads the library.
     *
     * @param directory with {@code libllama}, {@code libggml} and the CPU variants beside them
     * @throws LlamaException if there is none, or it is of another release
     */
    static LlamaLibrary load(Path directory) {
        return new LlamaLibrary(directory.toAbsolutePath());
    }

    private static SymbolLookup lookup(Path directory, String prefix) {
        Path file = null;
        if (Files.isDirectory(directory)) {
            try (Stream<Path> files = Files.list(directory)) {
                file = files.filter(
                                candidate -> isLibrary(candidate.getFileName().toString(), prefix))
                        .min(Path::compareTo)
                        .orElse(null);
            } catch (IOException e) {
                throw new LlamaException("Cannot list %s.".formatted(directory), e);
            }
        }
        if (file == null) {
            throw new LlamaException(
                    "There is no %sso in %s. Maybe name the directory that holds llama.cpp's shared libraries."
                            .formatted(prefix, directory));
        }
        try {
            return SymbolLookup.libraryLookup(file, Arena.global());
        } catch (IllegalArgumentException e) {
            throw new LlamaException(
                    "%s cannot be loaded: it or a library it needs (libstdc++, libgcc_s) is missing or built for another machine."
                            .formatted(file),
                    e);
        }
    }

    private static boolean isLibrary(String name, String prefix) {
        return name.startsWith(prefix) && (name.contains(".so") || name.endsWith(".dylib"));
    }

    private void refuseOtherReleases(Path directory) {
        String release = "older than 0.5";
        if (llama.find("llama_version").isPresent()) {
            MethodHandle version = function("llama_version", ADDRESS);
            try {
                release = string((MemorySegment) version.invokeExact());
            } catch (Throwable e) {
                throw unexpected(e);
            }
        }
        if (!release.equals(RELEASE) && !release.startsWith(RELEASE + "-")) {
            throw new LlamaException(
                    "The llama.cpp in %s is %s; this program knows %s. Maybe use the libraries it fetches itself."
                            .formatted(directory, release, RELEASE));
        }
    }

    private void logTo(NativeLog log) {
        FunctionDescriptor callback = FunctionDescriptor.ofVoid(JAVA_INT, ADDRESS, ADDRESS);
        try {
            MethodHandle line = MethodHandles.lookup()
                    .bind(
                            log,
                            "line",
                            MethodType.methodType(void.class, int.class, MemorySegment.class, MemorySegment.class));
            MemorySegment stub = linker.upcallStub(line, callback, Arena.global());
            procedure("llama_log_set", ADDRESS, ADDRESS).invokeExact(stub, MemorySegment.NULL);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    private void call(SymbolLookup library, String name, Path argument) {
        try (Arena arena = Arena.ofConfined()) {
            handle(library, name, FunctionDescriptor.ofVoid(ADDRESS))
                    .invokeExact(arena.allocateFrom(argument.toString()));
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    private void callNothing(String name) {
        try {
            procedure(name).invokeExact();
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    private MethodHandle function(String name, MemoryLayout result, MemoryLayout... arguments) {
        return handle(llama, name, FunctionDescriptor.of(result, arguments));
    }

    private MethodHandle procedure(String name, MemoryLayout... arguments) {
        return handle(llama, name, FunctionDescriptor.ofVoid(arguments));
    }

    private MethodHandle handle(SymbolLookup library, String name, FunctionDescriptor descriptor) {
        MemorySegment symbol = library.find(name)
                .orElseThrow(() -> new LlamaException(
                        "The llama.cpp library has no %s; this program knows %s.".formatted(name, RELEASE)));
        return linker.downcallHandle(symbol, descriptor);
    }

    /** Java's side of a call never fails with these handles; if it does, it is a defect. */
    private static RuntimeException unexpected(Throwable e) {
        return switch (e) {
            case LlamaException known -> known;
            case Error error -> throw error;
            default -> new IllegalStateException("A native call failed in Java.", e);
        };
    }

    private static String string(MemorySegment text) {
        return text.reinterpret(Long.MAX_VALUE).getString(0);
    }

    NativeLog log() {
        return log;
    }

    MemorySegment modelDefaultParams(Arena arena) {
        try {
            return (MemorySegment) modelDefaultParams.invokeExact((SegmentAllocator) arena);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    MemorySegment modelLoadFromFile(MemorySegment path, MemorySegment params) {
        try {
            return (MemorySegment) modelLoadFromFile.invokeExact(path, params);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    void modelFree(MemorySegment model) {
        try {
            modelFree.invokeExact(model);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    MemorySegment modelGetVocab(MemorySegment model) {
        try {
            return (MemorySegment) modelGetVocab.invokeExact(model);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    int modelTrainedContext(MemorySegment model) {
        try {
            return (int) modelTrainedContext.invokeExact(model);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /** The model's Jinja template, or null if it has none. */
    @Nullable
    String modelChatTemplate(MemorySegment model) {
        try {
            MemorySegment template = (MemorySegment) modelChatTemplate.invokeExact(model, MemorySegment.NULL);
            return template.address() == 0 ? null : string(template);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    int modelDescription(MemorySegment model, MemorySegment buffer) {
        try {
            return (int) modelDescription.invokeExact(model, buffer, buffer.byteSize());
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    boolean modelHasEncoder(MemorySegment model) {
        try {
            return (boolean) modelHasEncoder.invokeExact(model);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    boolean modelHasDecoder(MemorySegment model) {
        try {
            return (boolean) modelHasDecoder.invokeExact(model);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    int vocabSize(MemorySegment vocab) {
        try {
            return (int) vocabSize.invokeExact(vocab);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    boolean vocabIsEndOfGeneration(MemorySegment vocab, int token) {
        try {
            return (boolean) vocabIsEndOfGeneration.invokeExact(vocab, token);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    boolean vocabIsControl(MemorySegment vocab, int token) {
        try {
            return (boolean) vocabIsControl.invokeExact(vocab, token);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /** The number of tokens, or the negative of how many there would be if {@code tokens} is too small. */
    int tokenize(
            MemorySegment vocab,
            MemorySegment text,
            int textBytes,
            MemorySegment tokens,
            int capacity,
            boolean addSpecial,
            boolean parseSpecial) {
        try {
            return (int) tokenize.invokeExact(vocab, text, textBytes, tokens, capacity, addSpecial, parseSpecial);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /** The number of bytes written, or the negative of how many there would be. */
    int tokenToPiece(MemorySegment vocab, int token, MemorySegment buffer, boolean special) {
        try {
            return (int) tokenToPiece.invokeExact(vocab, token, buffer, (int) buffer.byteSize(), 0, special);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /** The bytes of the whole rendering, which may be more than fit; negative for a template it does not know. */
    int chatApplyTemplate(
            MemorySegment template, MemorySegment messages, long count, boolean openAnswer, MemorySegment buffer) {
        try {
            return (int) chatApplyTemplate.invokeExact(
                    template, messages, count, openAnswer, buffer, (int) buffer.byteSize());
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    MemorySegment contextDefaultParams(Arena arena) {
        try {
            return (MemorySegment) contextDefaultParams.invokeExact((SegmentAllocator) arena);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    MemorySegment initFromModel(MemorySegment model, MemorySegment params) {
        try {
            return (MemorySegment) initFromModel.invokeExact(model, params);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    void contextFree(MemorySegment context) {
        try {
            contextFree.invokeExact(context);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    int contextTokensPerSequence(MemorySegment context) {
        try {
            return (int) contextTokensPerSequence.invokeExact(context);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    int decode(MemorySegment context, MemorySegment batch) {
        try {
            return (int) decode.invokeExact(context, batch);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /** The logits of the batch's entry, {@code count} floats; valid until the next decode. */
    MemorySegment logitsAt(MemorySegment context, int entry, int count) {
        try {
            MemorySegment logits = (MemorySegment) logitsAt.invokeExact(context, entry);
            return logits.reinterpret((long) count * Float.BYTES);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    MemorySegment memory(MemorySegment context) {
        try {
            return (MemorySegment) memory.invokeExact(context);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /** False if this kind of memory cannot forget only a part of a sequence. A negative end means to the end. */
    boolean memoryRemove(MemorySegment memory, int sequence, int from, int to) {
        try {
            return (boolean) memoryRemove.invokeExact(memory, sequence, from, to);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }
}
