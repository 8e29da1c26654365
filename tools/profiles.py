#!/usr/bin/env python3
"""Writes fleet's profiles.csv from published measurements.

    tools/profiles.py FOLDER > fleet/src/main/resources/io/polychip/fleet/profiles.csv

FOLDER holds inferencex_nvidia_ttft_tpot.csv (ai-dynamo/aiconfigurator@095f58a, silicon_sample.csv as a table).

Method. A decode step of n sequences with k cached tokens in reach, while prompts of W seconds of work arrive at
rate r, takes t = alpha(n) + delta*k + r*t*W. Each coefficient is a multiplier, 0 or more, of what the physical form
says for that model, chip and layout (constants below); multipliers are fitted by relative least squares to all points
of a group, drawn gently to 1 so that two points do not make five free parameters. Where a deployment has no points the
multipliers of its nearest relative are put on its own model and chip: those rows are marked estimated.
"""
import csv
import math
import os
import sys

LAYER_S, TENSOR_S = 50e-6, 9.8e-6  # seconds per layer, and per layer and doubling of the tensor ranks
WEIGHT, CACHE, DECODE, PREFILL = 1.12, 1.75, 1.96, 2.09  # pooled multiples of the ideal time, see PhysicalForm
PULL = 0.1  # weight of a multiplier's distance from 1 against a point's relative error
# No fit may beat the chip: weights are read once, prompts multiplied once; caches of 8 bits halve the cache's share;
# arithmetic of decoding can hide behind reading; software overhead can be half the pooled one.
LEAST = (0.5, 1 / WEIGHT, 0.0, 0.5 / CACHE, 1 / PREFILL, 0.2)
SIZES = (1, 4, 16, 64, 256)

RESOURCES = os.path.join(os.path.dirname(__file__), "../fleet/src/main/resources/io/polychip/fleet")


def table(path):
    with open(path, encoding="utf-8") as lines:
        return list(csv.DictReader(line for line in lines if not line.startswith("#")))


CHIPS = {row["id"]: row for row in table(os.path.join(RESOURCES, "chips.csv"))}
MODELS = {row["id"]: row for row in table(os.path.join(RESOURCES, "models.csv"))}
BYTES = {"bf16": 2, "fp16": 2, "fp8": 1, "int8": 1, "fp4": 0.5, "int4": 0.5}
WIDER = {"fp4": ("fp4", "fp8", "bf16"), "fp8": ("fp8", "bf16"), "int8": ("int8", "bf16", "fp32"),
         "int4": ("bf16", "int8", "fp32"), "bf16": ("bf16",), "fp16": ("fp16", "bf16")}


class Physics:
    """Ideal times of a deployment, in seconds, with the pooled multiples already on them."""

    def __init__(self, model, chip, precision, tensor):
        m, c = MODELS[model], CHIPS[chip]
        number = lambda row, key: float(row[key] or 0)
        bandwidth = number(c, "bandwidth_gbps") * 1e9 * tensor
        flops = next(number(c, p) for p in WIDER[precision] if number(c, p)) * 1e12 * tensor
        layers, parameters, active = number(m, "layers"), number(m, "parameters"), number(m, "active_parameters")
        per_layer_cache = 2 * number(m, "kv_heads") * number(m, "head_dim")
        full = number(m, "kv_values_per_token") / per_layer_cache  # layers that attend to all, the others to a window
        attending = full if full > layers / 10 else layers  # compressed caches (MLA) are small, but every layer attends
        embedding = 2 * number(m, "vocabulary") * number(m, "hidden") if BYTES[precision] < 2 else 0
        self.bytes = (parameters - embedding / 2) * BYTES[precision] + embedding
        ranks = tensor * int(c["ranks"])
        heads = int(m["kv_heads"])
        repeated = max(1, ranks / heads) if full > layers / 10 else 1  # fewer heads than ranks are repeated on them
        self.fixed = layers * (LAYER_S + TENSOR_S * math.log2(ranks))
        self.weights = WEIGHT * self.bytes / bandwidth
        self.sequence = DECODE * 2 * active / flops
        self.cache = CACHE * 2 * number(m, "kv_values_per_token") * repeated / bandwidth
        self.token = PREFILL * 2 * active / flops
        self.pair = PREFILL * 4 * attending * number(m, "heads") * number(m, "head_dim") / flops
        self.experts = number(m, "experts") > 1
        chosen = number(m, "active_experts") / number(m, "experts") if self.experts else 1
        share = min(1, (1 - active / parameters) / (1 - chosen)) if self.experts else 0
        self.touched = lambda n: 1 - share * (1 - chosen) ** n

    def step(self, n):
        """The three parts of alpha(n) that have multipliers."""
        return self.fixed, self.weights * self.touched(n), self.sequence * n

    def prompt(self, tokens):
        return self.token * tokens + self.pair * tokens * tokens / 2


def least_squares(rows, least, sweeps=3000):
    """Least squares with lower bounds by coordinate descent. rows: (coefficients, value), already weighted."""
    count = len(least)
    x = [1.0] * count
    residual = [value - sum(a * b for a, b in zip(coefficients, x)) for coefficients, value in rows]
    for _ in range(sweeps):
        for j in range(count):
            norm = sum(coefficients[j] ** 2 for coefficients, _ in rows)
            if norm == 0:
                continue
            slope = sum(coefficients[j] * r for (coefficients, _), r in zip(rows, residual))
            new = max(least[j], x[j] + slope / norm)
            change, x[j] = new - x[j], new
            residual = [r - coefficients[j] * change for (coefficients, _), r in zip(rows, residual)]
    return x


class Fit:
    """Multipliers of a deployment's physics: fixed, weights, sequence, cache, prompt; and seconds on arrival."""

    def __init__(self, physics, points, arrival=0.015):
        rows = []
        first = {}
        for p in points:
            n = p["n"] if "n" in p else p["c"] * p["tpot"] * p["out"] / (p["ttft"] + p["tpot"] * p["out"])
            rate = n / (p["tpot"] * p["out"])
            cached = n * (p["in"] + p["out"] / 2)
            parts = [*physics.step(n), physics.cache * cached, rate * p["tpot"] * physics.prompt(p["in"]), 0]
            rows.append(([a / p["tpot"] for a in parts], 1.0))
            if p.get("ttft") and p.get("alone") and (p["in"] not in first or p["c"] < first[p["in"]]["c"]):
                first[p["in"]] = p
        self.points = len(rows)
        decode = list(rows)
        for p in first.values():
            parts = [physics.fixed, physics.weights, 0, 0, physics.prompt(p["in"]), arrival]
            rows.append(([0.5 * a / p["ttft"] for a in parts], 0.5))
        for j in range(6):
            rows.append(([PULL if i == j else 0 for i in range(6)], PULL))
        if physics.experts:  # an answer's token passes the same small experts as a prompt's
            rows[-4] = ([0, 0, PULL, 0, -PULL, 0], 0)
        self.m = least_squares(rows, LEAST)
        errors = [sum(a * b for a, b in zip(parts, self.m)) - 1 for parts, _ in decode]
        self.error = math.sqrt(sum(e * e for e in errors) / len(errors))
        self.arrival = arrival * self.m[5]


def row(model, chip, precision, engine, tensor, physics, m, arrival, band, note, source, date, confidence,
        sequences=0):
    alpha = lambda n: sum(a * b for a, b in zip(physics.step(n), m))
    sizes = SIZES if physics.experts else (1, 256)
    micro = lambda seconds: f"{seconds * 1e6:.6g}"
    return [model, chip, precision, engine, tensor, 1, " ".join(map(str, sizes)), " ".join(micro(alpha(n)) for n in sizes),
            micro(physics.token * m[4]), round(physics.pair * m[4] * 1e12), round(physics.cache * m[3] * 1e12),
            micro(arrival), micro(max(alpha(1), physics.fixed * m[0] + physics.weights * m[1])), sequences, 0, 0,
            f"{band:.2f}", note, source, date, confidence]


def main(folder):
    out = csv.writer(sys.stdout, lineterminator="\n")
    print("# Timing of deployments in the step-time form of performance.StepTime; written by tools/profiles.py, which says how.\n"
          "# confidence estimated: no point was measured on that deployment, or only a speed was published; its note says from what it was derived.\n"
          "# band: one sigma of a prediction's relative error: 1.5 times the fit's own error, at least 0.10, where points were measured.\n"
          "# step_us: decode step by batch size, cache empty; arrival_us: once per request; floor_us: least step that carries a prompt.")
    out.writerow("model,chip,precision,engine,tensor,pipeline,batch,step_us,prefill_token_us,pair_ps,kv_token_ps,"
                 "arrival_us,floor_us,max_sequences,step_tokens,kv_tokens,band,note,source,date,confidence".split(","))
    fits = {}
    nvidia(folder, fits, out)
    published(fits, out)
    estimated(fits, out)
    streams(out)


LLAMA8, LLAMA2 = "meta-llama/Llama-3.1-8B-Instruct", "meta-llama/Llama-2-70b-chat-hf"
LLAMA70 = ("meta-llama/Llama-3.1-70B-Instruct", "meta-llama/Llama-3.3-70B-Instruct")
OSS, SMOL, QWEN32 = "openai/gpt-oss-120b", "HuggingFaceTB/SmolLM2-135M-Instruct", "Qwen/Qwen3-32B"
NAMES = {"meta-llama/Llama-3.1-70B": LLAMA70, "meta-llama/Llama-3.1-8B-Instruct": (LLAMA8,),
         "nvidia/Llama-3.1-8B-Instruct-FP8": (LLAMA8,), "openai/gpt-oss-120b": (OSS,),
         "deepseek-ai/DeepSeek-R1": ("deepseek-ai/DeepSeek-R1", "deepseek-ai/DeepSeek-V3"),
         "Qwen/Qwen3-32B": (QWEN32,), "Qwen/Qwen3-235B-A22B-FP8": ("Qwen/Qwen3-235B-A22B",),
         "Qwen/Qwen3.5-397B-A17B": ("Qwen/Qwen3.5-397B-A17B",), "MiniMaxAI/MiniMax-M2.5": ("MiniMaxAI/MiniMax-M2.5",),
         "zhipuai/GLM-5": ("zai-org/GLM-5",), "moonshotai/Kimi-K2.5": ("moonshotai/Kimi-K2-Instruct",)}
NVIDIA = {"H100 SXM": "nvidia/h100-sxm", "H200": "nvidia/h200-sxm", "B200": "nvidia/b200", "GB200": "nvidia/gb200",
          "B300": "nvidia/b300", "GB300": "nvidia/gb300"}
ENGINE = {"vllm": "vllm", "trtllm": "tensorrt-llm", "sglang": "sglang"}


def nvidia(folder, fits, out):
    """Aggregated, tensor-parallel groups of at least eight points, without expert or attention parallelism.

    Points whose requests waited longer than half their answer took were queueing at a full batch and say nothing of a
    step; runs at a fixed request rate do not say how many sequences ran.
    """
    groups, seen = {}, set()
    for r in table(os.path.join(folder, "inferencex_nvidia_ttft_tpot.csv")):
        names = NAMES.get(r["model"])
        plain = r["scenario"] == "agg" and r["pp"] == "1" and r["attention_dp"] in ("", "0", "1") and r["moe_ep"] in ("", "0", "1")
        if not names or not plain or r["chip"] not in NVIDIA or not float(r["tpot_ms"] or 0):
            continue
        queueing = float(r["ttft_ms"] or 0) > 0.5 * float(r["tpot_ms"]) * int(r["output_len"])
        rated = r["model"] == "nvidia/Llama-3.1-8B-Instruct-FP8"
        same = tuple(r.values())
        if queueing and r["source"] == "InferenceX" or rated or same in seen:
            continue
        seen.add(same)
        key = (names, NVIDIA[r["chip"]], r["precision"] or "bf16", ENGINE[r["backend"]], int(r["tp"]))
        groups.setdefault(key, []).append({
            "in": int(r["input_len"]), "out": int(r["output_len"]), "c": int(r["concurrency"]),
            "ttft": float(r["ttft_ms"]) / 1e3, "tpot": float(r["tpot_ms"]) / 1e3,
            "alone": r["source"] == "InferenceX" and int(r["concurrency"]) <= 8, "date": r["date"]})
    for (names, chip, precision, engine, tensor), points in sorted(groups.items(), key=str):
        if len(points) < 8 or tensor > 16:
            continue
        physics = Physics(names[0], chip, precision, tensor)
        fit = Fit(physics, points)
        if fit.error > 0.25:
            continue
        fits[names[0], chip, precision, engine, tensor] = fit
        date = max(p["date"] for p in points) or "2026-04"
        for name in names:
            note = f"fitted to {fit.points} points with an error of {fit.error * 100:.1f} % (root mean square)"
            if "Kimi" in name:
                note += ", of Kimi-K2.5, which has the same shape"
            out.writerow(row(name, chip, precision, engine, tensor, physics, fit.m, fit.arrival,
                             max(0.10, 1.5 * fit.error), note,
                             "InferenceX and NVIDIA points in ai-dynamo/aiconfigurator@095f58a silicon_sample.csv", date,
                             "high" if fit.error < 0.15 else "medium"))


def published(fits, out):
    """Deployments of other vendors with one to three published points, and Splitwise's fits."""
    best = "SemiAnalysis InferenceX best-GPU tables as of 2026-04-06"
    tpu = "AI-Hypercomputer/tpu-recipes@c8cfe2f"
    single = [
        (LLAMA70, "amd/mi300x", "fp8", "vllm", 1, "2025-10-29", best, [(1024, 1024, 64, .3501, .0509), (8192, 1024, 64, 15.3623, .1415)]),
        (LLAMA70, "amd/mi325x", "fp8", "vllm", 1, "2025-10-29", best, [(1024, 1024, 64, .2641, .0379), (8192, 1024, 64, 1.3836, .1205)]),
        (LLAMA70, "amd/mi355x", "fp4", "vllm", 1, "2025-10-29", best, [(1024, 1024, 64, .1938, .0285), (8192, 1024, 64, .5846, .0645)]),
        ((OSS,), "amd/mi300x", "fp4", "vllm", 1, "2026-03-09", best, [(1024, 1024, 64, .1436, .0322), (8192, 1024, 64, .4430, .0490)]),
        ((OSS,), "amd/mi325x", "fp4", "vllm", 1, "2026-03-09", best, [(8192, 1024, 64, .3357, .0435)]),
        ((OSS,), "amd/mi355x", "fp4", "vllm", 1, "2026-01-14", best + " (engine ATOM)", [(1024, 1024, 128, .0505, .0142), (8192, 1024, 128, .1754, .0251)]),
        (LLAMA70, "google/tpu-v6e", "bf16", "vllm-tpu", 8, "2025-12", tpu + " inference/trillium", [(1000, 1000, 64, .25104, .02535), (1000, 1000, 128, .51234, .03512)]),
    ]
    for names, chip, precision, engine, tensor, date, source, points in single:
        physics = Physics(names[0], chip, precision, tensor)
        fit = Fit(physics, [dict(zip(("in", "out", "c", "ttft", "tpot"), p)) for p in points])
        fits[names[0], chip, precision, engine, tensor] = fit
        atom = "ATOM" in source
        for name in names:
            out.writerow(row(name, chip, precision, engine, tensor, physics, fit.m, fit.arrival, 0.35 if atom else 0.25,
                             f"drawn to {len(points)} published points; the rest is the physical form", source, date,
                             "estimated" if atom else "medium"))
    # Output tokens per second of one chip with 135 sequences, prompts included: no times per request were published.
    chip = "google/tpu-v7x"
    physics = Physics(QWEN32, chip, "fp8", 1)
    fit = Fit(physics, [{"in": i, "out": o, "n": 135, "tpot": 135 / rate}
                        for i, o, rate in ((1024, 1024, 6556.72), (1024, 8192, 3959.56), (8192, 1024, 1382.18))])
    fits[QWEN32, chip, "fp8", "vllm-tpu", 1] = fit
    out.writerow(row(QWEN32, chip, "fp8", "vllm-tpu", 1, physics, fit.m, fit.arrival, 0.25,
                     "drawn to 3 published throughputs; the rest is the physical form", tpu + " inference/ironwood/vLLM/Qwen3-32B",
                     "2026", "medium", 135))
    slice4 = tpu + " inference/ironwood/vLLM/"  # a slice of four chips, 64 and 128 requests under way
    for model, source, rates in (
            ("Qwen/Qwen3-Coder-480B-A35B-Instruct", slice4 + "Qwen3-Coder-480B-A35B", ((1024, 1024, 64, 1996.0), (1024, 8192, 64, 2075.47), (8192, 1024, 64, 1053.1))),
            ("Qwen/Qwen3.5-397B-A17B", slice4 + "Qwen3.5-397B", ((1024, 8192, 128, 5171.98), (8192, 1024, 128, 2280.85)))):
        physics = Physics(model, chip, "fp8", 4)
        fit = Fit(physics, [{"in": i, "out": o, "n": n, "tpot": n / rate} for i, o, n, rate in rates])
        out.writerow(row(model, chip, "fp8", "vllm-tpu", 4, physics, fit.m, fit.arrival, 0.25,
                         f"drawn to {len(rates)} published throughputs; the rest is the physical form", source, "2026", "medium"))
    # Eight cards; which format is not told. 53.7 ms a token of one stream is 4.7 times what such a chip usually needs.
    sweep = ((1, .16645, .05369), (2, .27529, .05488), (4, .30152, .05988), (8, .36953, .05993), (16, .49811, .08094),
             (32, .73492, .10080), (64, 1.07928, .12383), (128, 2.31954, .16671))
    physics = Physics("zai-org/GLM-4.7", "intel/gaudi3", "fp8", 8)
    fit = Fit(physics, [{"in": 1024, "out": 720, "c": c, "ttft": ttft, "tpot": tpot, "alone": c <= 8} for c, ttft, tpot in sweep])
    out.writerow(row("zai-org/GLM-4.7", "intel/gaudi3", "fp8", "vllm", 8, physics, fit.m, fit.arrival, max(0.15, 1.5 * fit.error),
                     f"fitted to 8 points with an error of {fit.error * 100:.1f} % (root mean square); FP8 is assumed, the source does not tell",
                     "InferenceX-app @806f001 glm-4.7/results/glm47_gaudi3_summary.csv", "2026", "medium"))
    # Splitwise (MIT), Llama-2-70B in 16 bits: decode ms = a + b*n + c*k; prompt ms = d + e*tokens.
    for chip, tensor, a, b, c, d, e, error in (
            ("nvidia/a100-80gb", 8, 44.16, .2000, 3.10e-4, 21.5, .150, 1.7), ("nvidia/a100-80gb", 4, 43.52, .2079, 3.18e-4, 21.5, .30, 2.2),
            ("nvidia/h100-sxm", 8, 29.80, .2016, 1.78e-4, 22.7, .0649, 2.0), ("nvidia/h100-sxm", 4, 28.89, .2721, 7.9e-5, 22.7, .13, 1.7)):
        guess = "" if tensor == 8 else "; prompt rate is half of that with 8 chips"
        out.writerow([LLAMA2, chip, "bf16", "vllm", tensor, 1, "1 256", f"{(a + b) * 1e3:.6g} {(a + 256 * b) * 1e3:.6g}", f"{e * 1e3:.6g}", 0,
                      round(c * 1e9), 15000, f"{d * 1e3:.6g}", 0, 0, 0, "0.15",
                      f"decode within {error} %, prompts within 16 %{guess}; software of 2023", "Splitwise perf_model.csv (MIT), linear fit", "2023-11",
                      "high" if tensor == 8 else "medium"])


def estimated(fits, out):
    """A relative's multipliers on a deployment's own model and chip."""
    h200 = fits[LLAMA8, "nvidia/h200-sxm", "fp8", "sglang", 1]
    h100 = fits[LLAMA8, "nvidia/h100-sxm", "bf16", "tensorrt-llm", 1]
    b70 = fits[LLAMA70[0], "nvidia/b200", "fp8", "vllm", 1]
    b70fp4 = fits[LLAMA70[0], "nvidia/b200", "fp4", "vllm", 1]
    boss = fits[OSS, "nvidia/b200", "fp4", "vllm", 1]
    hoss = fits[OSS, "nvidia/h100-sxm", "fp4", "vllm", 2]
    h70 = fits[LLAMA70[0], "nvidia/h100-sxm", "fp8", "vllm", 4]
    mi = {c: fits[LLAMA70[0], "amd/" + c, "fp4" if c == "mi355x" else "fp8", "vllm", 1] for c in ("mi300x", "mi325x", "mi355x")}
    v6e = fits[LLAMA70[0], "google/tpu-v6e", "bf16", "vllm-tpu", 8]
    v7x = fits[QWEN32, "google/tpu-v7x", "fp8", "vllm-tpu", 1]
    slow = lambda fit, factor: [m * factor for m in fit]
    trainium = [1.53, 1.53, 1.53, 1.0, 1.5, 1.0]
    inferentia = [1.6, 1.6, 1.6, 1.0, 1.6, 1.0]
    plain = [1.0] * 6
    neuron = "factor 1.53 over the physical form, from a Trainium2 tutorial's 19.6 ms a token (Llama-3.3-70B, 16 chips)"
    inf2 = "factor 1.6 over the physical form, from AWS's published Inferentia2 and Trainium1 figures of 2024 (1.4 to 3.3)"
    near, far = 0.35, 0.50
    # Tokens through many small experts took 2 to 3.5 times the pooled form's time on every NVIDIA chip.
    experts = lambda m: [*m[:2], 2.5 * m[2], m[3], 2.5 * m[4], m[5]]
    rows = [
        ((LLAMA8,), "nvidia/h100-sxm", "fp8", "vllm", (1, 2, 4), h200.m, near, "multipliers of Llama-3.1-8B FP8 on H200 with SGLang"),
        ((LLAMA8,), "nvidia/h200-sxm", "fp8", "vllm", (1, 2), h200.m, near, "multipliers of Llama-3.1-8B FP8 on H200 with SGLang"),
        ((LLAMA8,), "nvidia/h100-sxm", "bf16", "vllm", (1, 2), h100.m, near, "multipliers of Llama-3.1-8B BF16 with TensorRT-LLM"),
        ((LLAMA8,), "nvidia/h200-sxm", "bf16", "vllm", (1,), h100.m, near, "multipliers of Llama-3.1-8B BF16 on H100 with TensorRT-LLM"),
        ((LLAMA8,), "nvidia/b200", "fp8", "vllm", (1,), b70.m, near, "multipliers of Llama-3.1-70B FP8 on B200"),
        ((LLAMA8,), "nvidia/b200", "bf16", "vllm", (1,), b70.m, near, "multipliers of Llama-3.1-70B FP8 on B200"),
        ((LLAMA8,), "nvidia/b200", "fp4", "vllm", (1,), b70fp4.m, near, "multipliers of Llama-3.1-70B FP4 on B200"),
        ((LLAMA8,), "nvidia/gb200", "fp8", "vllm", (1,), b70.m, near, "multipliers of Llama-3.1-70B FP8 on B200"),
        (LLAMA70, "nvidia/gb200", "fp8", "vllm", (1, 2, 4), b70.m, near, "multipliers of Llama-3.1-70B FP8 on B200"),
        (LLAMA70, "nvidia/gb200", "fp4", "vllm", (1, 2, 4), b70fp4.m, near, "multipliers of Llama-3.1-70B FP4 on B200"),
        ((OSS,), "nvidia/gb200", "fp4", "vllm", (1, 2), boss.m, near, "multipliers of gpt-oss-120b on B200"),
        ((LLAMA8,), "nvidia/a100-80gb", "bf16", "vllm", (1, 2), slow(h100.m, 1.15), near, "multipliers of Llama-3.1-8B on H100, 15 % slower for the older software and chip"),
        (LLAMA70, "nvidia/a100-80gb", "bf16", "vllm", (4, 8), slow(h70.m, 1.2), near, "multipliers of Llama-3.1-70B on H100, 20 % slower for the older chip"),
        (LLAMA70, "nvidia/a100-80gb", "int8", "vllm", (2, 4), slow(h70.m, 1.2), near, "multipliers of Llama-3.1-70B on H100, 20 % slower for the older chip"),
        ((OSS,), "nvidia/a100-80gb", "fp4", "vllm", (2, 4), slow(hoss.m, 1.2), near, "multipliers of gpt-oss-120b on H100, 20 % slower for the older chip"),
        ((LLAMA8,), "nvidia/l40s", "fp8", "vllm", (1, 2), slow(h200.m, 1.15), near, "multipliers of Llama-3.1-8B FP8 on H200 with SGLang, 15 % slower for PCIe and GDDR"),
        ((LLAMA8,), "nvidia/l40s", "bf16", "vllm", (1,), slow(h100.m, 1.15), near, "multipliers of Llama-3.1-8B BF16 on H100, 15 % slower for PCIe and GDDR"),
        (LLAMA70, "nvidia/l40s", "fp8", "vllm", (4, 8), slow(h70.m, 1.4), far, "multipliers of Llama-3.1-70B on H100, 40 % slower for tensor parallelism over PCIe"),
        ((OSS,), "nvidia/l40s", "fp4", "vllm", (2, 4), slow(hoss.m, 1.4), far, "multipliers of gpt-oss-120b on H100, 40 % slower for tensor parallelism over PCIe"),
        ((LLAMA8,), "nvidia/l4", "fp8", "vllm", (1,), slow(h200.m, 1.15), near, "multipliers of Llama-3.1-8B FP8 on H200 with SGLang, 15 % slower for PCIe and GDDR"),
        ((LLAMA8,), "amd/mi300x", "fp8", "vllm", (1,), mi["mi300x"].m, near, "multipliers of Llama-3.3-70B on the same chip"),
        ((LLAMA8,), "amd/mi300x", "bf16", "vllm", (1,), mi["mi300x"].m, near, "multipliers of Llama-3.3-70B FP8 on the same chip"),
        ((LLAMA8,), "amd/mi325x", "fp8", "vllm", (1,), mi["mi325x"].m, near, "multipliers of Llama-3.3-70B on the same chip"),
        ((LLAMA8,), "amd/mi325x", "bf16", "vllm", (1,), mi["mi325x"].m, near, "multipliers of Llama-3.3-70B FP8 on the same chip"),
        ((LLAMA8,), "amd/mi355x", "fp8", "vllm", (1,), mi["mi355x"].m, near, "multipliers of Llama-3.3-70B FP4 on the same chip"),
        ((LLAMA8,), "amd/mi355x", "bf16", "vllm", (1,), mi["mi355x"].m, near, "multipliers of Llama-3.3-70B FP4 on the same chip"),
        (LLAMA70, "amd/mi355x", "fp8", "vllm", (1,), mi["mi355x"].m, near, "multipliers of Llama-3.3-70B FP4 on the same chip"),
        ((LLAMA8,), "aws/trainium2", "bf16", "vllm-neuron", (1, 2, 4), trainium, far, neuron),
        (LLAMA70, "aws/trainium2", "bf16", "vllm-neuron", (2, 4, 8, 16), trainium, far, neuron),
        ((OSS,), "aws/trainium2", "fp4", "vllm-neuron", (2, 4), experts(trainium), far, neuron),
        ((LLAMA8,), "aws/trainium3", "bf16", "vllm-neuron", (1, 2), trainium, far, neuron),
        (LLAMA70, "aws/trainium3", "bf16", "vllm-neuron", (2, 4, 8), trainium, far, neuron),
        ((OSS,), "aws/trainium3", "fp4", "vllm-neuron", (1, 2), experts(trainium), far, neuron),
        ((LLAMA8,), "aws/inferentia2", "bf16", "vllm-neuron", (1, 2, 4), inferentia, far, inf2),
        (LLAMA70, "aws/inferentia2", "bf16", "vllm-neuron", (8,), inferentia, far, inf2),
        ((LLAMA8,), "google/tpu-v5e", "int8", "vllm-tpu", (1,), v6e.m, far, "multipliers of Llama-3.3-70B BF16 on TPU v6e"),
        ((LLAMA8,), "google/tpu-v5e", "bf16", "vllm-tpu", (2, 4, 8), v6e.m, far, "multipliers of Llama-3.3-70B on TPU v6e"),
        (LLAMA70, "google/tpu-v5e", "bf16", "vllm-tpu", (16,), v6e.m, far, "multipliers of Llama-3.3-70B on TPU v6e"),
        ((LLAMA8,), "google/tpu-v6e", "int8", "vllm-tpu", (1,), v6e.m, near, "multipliers of Llama-3.3-70B BF16 on the same chip"),
        ((LLAMA8,), "google/tpu-v6e", "bf16", "vllm-tpu", (1, 2, 4, 8), v6e.m, near, "multipliers of Llama-3.3-70B on the same chip"),
        ((LLAMA8,), "google/tpu-v7x", "bf16", "vllm-tpu", (1,), v7x.m, near, "multipliers of Qwen3-32B FP8 on the same chip"),
        ((LLAMA8,), "google/tpu-v7x", "fp8", "vllm-tpu", (1,), v7x.m, near, "multipliers of Qwen3-32B FP8 on the same chip"),
        (LLAMA70, "google/tpu-v7x", "fp8", "vllm-tpu", (1, 2, 4), v7x.m, near, "multipliers of Qwen3-32B FP8 on the same chip"),
        (LLAMA70, "google/tpu-v7x", "bf16", "vllm-tpu", (2, 4), v7x.m, near, "multipliers of Qwen3-32B FP8 on the same chip"),
        ((OSS,), "google/tpu-v7x", "fp4", "vllm-tpu", (1, 2), experts(v7x.m), far, "multipliers of Qwen3-32B FP8 (a dense model) on the same chip"),
        ((LLAMA8,), "intel/gaudi3", "bf16", "vllm", (1,), plain, 0.6, "physical form as it is; the only published points of the chip, GLM-4.7 on eight of them, took up to 4.7 times that"),
    ]
    for names, chip, precision, engine, tensors, m, band, note in rows:
        for tensor in tensors:
            physics = Physics(names[0], chip, precision, tensor)
            for name in names:
                out.writerow(row(name, chip, precision, engine, tensor, physics, m, 0.015, band, note,
                                 "derived by tools/profiles.py", "2026-11-23", "estimated", 64 if engine == "vllm-neuron" else 0))


def streams(out):
    """Providers that publish the speed of one stream, and CPUs."""
    def stream(model, chip, precision, engine, speed, prompt_us, note, source, date):
        out.writerow([model, chip, precision, engine, 1, 1, "1", f"{1e6 / speed:.6g}", prompt_us, 0, 0, 150000, 0, 0, 0, 0, "0.50",
                      note, source, date, "estimated"])
    groq = "one stream's published speed whatever the load; prompt rate and 150 ms on the way are assumptions"
    for model, precision, speed, source in (
            (LLAMA8, "bf16", 560, "tessl.io groq-performance-tuning (secondary)"), (LLAMA70[1], "bf16", 280, "tessl.io groq-performance-tuning (secondary)"),
            (LLAMA70[0], "bf16", 280, "tessl.io groq-performance-tuning (secondary), of Llama-3.3-70B"), (OSS, "fp4", 500, "console.groq.com/docs/models.md")):
        stream(model, "groq/lpu", precision, "groq", speed, 60, groq, source, "2026-07")
    stream(OSS, "cerebras/wse-3", "fp4", "cerebras", 1775, 25, groq, "artificialanalysis.ai gpt-oss-120b providers (1706 to 1844)", "2026")
    stream(LLAMA8, "cerebras/wse-3", "bf16", "cerebras", 1800, 25, groq, "vendor's launch figure, recalled", "2024-08")
    out.writerow([SMOL, "cpu/x86-64", "int4", "llama.cpp", 1, 1, "1 2 4 8", "2300 3300 5200 9000", 1000, 20000, 20000, 3000, 2300, 8, 512, 0, "0.50",
                  "one thread of a shared 2-core machine: 381 to 507 tokens/s alone; batches are assumed", "llama.cpp v0.5.0, SmolLM2-135M Q4_1, single runs",
                  "2026-11", "estimated"])
    # 450 to 497 tokens/s of a two-socket node under MLPerf's Server rules (TPOT 100 ms): about 45 sequences a step.
    out.writerow([LLAMA8, "cpu/xeon-6980p", "int8", "vllm", 1, 1, "1 16 48", "22000 45000 95000", 700, 3000, 4000, 15000, 22000, 64, 2048, 0, "0.50",
                  "read off 450 to 497 tokens/s a node (MLPerf Server) and 1230 offline", "MLPerf Inference v5.1 and v6.0, Llama-3.1-8B, two Xeon 6980P",
                  "2026-03", "estimated"])


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: tools/profiles.py FOLDER")
    main(sys.argv[1])
