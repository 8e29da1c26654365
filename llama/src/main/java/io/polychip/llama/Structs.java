package io.polychip.llama;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;

/**
 * The C structures of llama.cpp 0.5 that cross the border, as far as they are used here.
 *
 * <p>Source: {@code llama.h} of that release. A wrong offset would be silent, so {@link #check} compares what the
 * library calls its defaults with those of the header before anything is set.
 */
final class Structs {
    static final StructLayout MODEL_PARAMS = ofBytes(80);
    static final long MODEL_GPU_LAYERS = 16;
    static final long MODEL_SPLIT_MODE = 20;
    static final long MODEL_LAZY_MODE = 28;

    static final StructLayout CONTEXT_PARAMS = ofBytes(160);
    static final long CONTEXT_TOKENS = 0;
    static final long CONTEXT_BATCH = 4;
    static final long CONTEXT_MICRO_BATCH = 8;
    static final long CONTEXT_SEQUENCES = 12;
    static final long CONTEXT_THREADS = 28;
    static final long CONTEXT_BATCH_THREADS = 32;
    static final long CONTEXT_ROPE_SCALING = 40;
    static final long CONTEXT_FLASH_ATTENTION = 52;
    static final long CONTEXT_YARN_SLOW = 76;
    static final long CONTEXT_KEY_TYPE = 104;
    static final long CONTEXT_VALUE_TYPE = 108;
    static final long CONTEXT_OFFLOAD_KQV = 129;
    static final long CONTEXT_NO_PERF = 130;
    static final long CONTEXT_SWA_FULL = 132;
    static final long CONTEXT_UNIFIED_KV = 133;

    static final StructLayout BATCH = ofBytes(56);
    static final long BATCH_COUNT = 0;
    static final long BATCH_TOKENS = 8;
    static final long BATCH_POSITIONS = 24;
    static final long BATCH_SEQUENCE_COUNTS = 32;
    static final long BATCH_SEQUENCES = 40;
    static final long BATCH_OUTPUTS = 48;

    static final StructLayout CHAT_MESSAGE =
            MemoryLayout.structLayout(ADDRESS.withName("role"), ADDRESS.withName("content"));
    static final long CHAT_ROLE = 0;
    static final long CHAT_CONTENT = 8;

    private Structs() {}

    /** All of them are larger than two registers and go through memory, so only size and alignment matter to a call. */
    private static StructLayout ofBytes(long bytes) {
        return MemoryLayout.structLayout(MemoryLayout.sequenceLayout(bytes / ADDRESS.byteSize(), ADDRESS));
    }

    /** @throws LlamaException if the library's structures are not those of this class */
    static void check(MemorySegment model, MemorySegment context) {
        expect("model.n_gpu_layers", model.get(JAVA_INT, MODEL_GPU_LAYERS), -1);
        expect("model.split_mode", model.get(JAVA_INT, MODEL_SPLIT_MODE), 1);
        expect("model.lazy_mode", model.get(JAVA_INT, MODEL_LAZY_MODE), 1);
        expect("context.n_ctx", context.get(JAVA_INT, CONTEXT_TOKENS), 512);
        expect("context.n_batch", context.get(JAVA_INT, CONTEXT_BATCH), 2048);
        expect("context.n_ubatch", context.get(JAVA_INT, CONTEXT_MICRO_BATCH), 512);
        expect("context.n_seq_max", context.get(JAVA_INT, CONTEXT_SEQUENCES), 1);
        expect("context.n_threads", context.get(JAVA_INT, CONTEXT_THREADS), 4);
        expect("context.n_threads_batch", context.get(JAVA_INT, CONTEXT_BATCH_THREADS), 4);
        expect("context.rope_scaling_type", context.get(JAVA_INT, CONTEXT_ROPE_SCALING), -1);
        expect("context.flash_attn_type", context.get(JAVA_INT, CONTEXT_FLASH_ATTENTION), -1);
        expect("context.yarn_beta_slow", context.get(JAVA_INT, CONTEXT_YARN_SLOW), Float.floatToIntBits(-1));
        expect("context.type_k", context.get(JAVA_INT, CONTEXT_KEY_TYPE), 1);
        expect("context.type_v", context.get(JAVA_INT, CONTEXT_VALUE_TYPE), 1);
        expect("context.offload_kqv", context.get(JAVA_BYTE, CONTEXT_OFFLOAD_KQV), 1);
        expect("context.no_perf", context.get(JAVA_BYTE, CONTEXT_NO_PERF), 1);
        expect("context.swa_full", context.get(JAVA_BYTE, CONTEXT_SWA_FULL), 1);
        expect("context.kv_unified", context.get(JAVA_BYTE, CONTEXT_UNIFIED_KV), 0);
    }

    private static void expect(String field, int found, int expected) {
        if (found != expected) {
            throw new LlamaException(
                    "The library's default of %s is %d, expected %d: its structures are not those of llama.cpp %s. Maybe another build lies in its directory."
                            .formatted(field, found, expected, LlamaLibrary.RELEASE));
        }
    }
}
