package io.polychip.fleet;

/**
 * A published speed of training.
 *
 * @param model as the source names it
 * @param shape id of the model's shape in the catalogue; empty where it has none
 * @param task {@code pretrain}, {@code sft} or {@code lora}
 * @param precision as the source names it: {@code bf16}, {@code fp8}, {@code mxfp8}, {@code nvfp4}, {@code int8}
 * @param chips it was measured on; 0 where that is not told
 * @param sequenceTokens 0 where that is not told
 * @param wholeRun whether evaluation is in it, as in MLPerf's runs; a vendor's benchmark loop has none
 * @param teraflopsPerChip what the source counts as the model's arithmetic, attention included; 0: not told
 */
public record TrainingRate(
        String chip,
        String model,
        String shape,
        String task,
        String precision,
        int chips,
        int sequenceTokens,
        double tokensPerSecondPerChip,
        double teraflopsPerChip,
        boolean wholeRun,
        String note,
        Source source) {}
