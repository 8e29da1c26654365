package io.polychip.fleet;

import java.util.List;
import java.util.Locale;

/** Number format of weights and matrix arithmetic. @see Chip#denseTeraflops */
public enum Precision {
    FP32(4),
    BF16(2),
    FP16(2),
    FP8(1),
    INT8(1),
    FP4(0.5),
    INT4(0.5);

    private final double bytesPerParameter;

    Precision(double bytesPerParameter) {
        this.bytesPerParameter = bytesPerParameter;
    }

    public double bytesPerParameter() {
        return bytesPerParameter;
    }

    /** Formats that weights of this one can be multiplied in, narrowest first. */
    List<Precision> computedIn() {
        return switch (this) {
            case FP32 -> List.of(FP32);
            case BF16 -> List.of(BF16, FP16, FP32);
            case FP16 -> List.of(FP16, BF16, FP32);
            case FP8 -> List.of(FP8, BF16, FP16);
            case INT8 -> List.of(INT8, BF16, FP16);
            case FP4 -> List.of(FP4, FP8, BF16, FP16);
            case INT4 -> List.of(INT4, BF16, FP16);
        };
    }

    /**
     * Whether only the weights are stored so and arithmetic is wider: such models run on every chip. The 8-bit and
     * 4-bit floating formats need the chip's own support, unless a model is published in them.
     */
    boolean weightsOnly() {
        return this == INT8 || this == INT4;
    }

    /** As written in files, {@code fp8}. */
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }
}
