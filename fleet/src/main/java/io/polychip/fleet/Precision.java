package io.polychip.fleet;

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
}
