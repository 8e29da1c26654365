// The official Node client against a gateway, unchanged. One line per check: its name, then ok or what went wrong.
//
// POLYCHIP_URL and POLYCHIP_KEY say where the gateway is, EMULATOR_CONTROL where its chips take their faults.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import OpenAI from "openai";
import { LengthFinishReasonError } from "openai/core/error";

const URL = process.env.POLYCHIP_URL + "/v1";
const KEY = process.env.POLYCHIP_KEY;
const CONTROL = process.env.EMULATOR_CONTROL;
const MODEL = "llama-3.1-8b";
const HELLO = [{ role: "user", content: "Say hello." }];

const connect = (options = {}) => new OpenAI({ baseURL: URL, apiKey: KEY, ...options });
const client = connect();
const once = connect({ maxRetries: 0 }); // errors as they come

const ask = (on, more = {}, options) =>
  on.chat.completions.create({ model: MODEL, messages: HELLO, max_tokens: 8, ...more }, options);

/** The gateway remembers for a while which request broke two engines, whoever sends it. */
const neverAsked = () => [{ role: "user", content: `Say ${randomUUID()}.` }];

/** Strikes every chip until the block ends. */
async function withFault(fault, block) {
  await control("POST", fault);
  try {
    await block();
  } finally {
    await control("DELETE");
  }
}

async function control(method, fault) {
  const answer = await fetch(CONTROL + "/faults", { method, body: fault && JSON.stringify(fault) });
  assert(answer.ok, await answer.text());
}

/** The call rejects with exactly this class and these fields. */
async function expect(error, call, fields = {}) {
  try {
    await call();
  } catch (raised) {
    assert.equal(raised.constructor, error, `${raised.constructor.name} instead of ${error.name}: ${raised.message}`);
    for (const [name, value] of Object.entries(fields)) assert.equal(raised[name], value, `${name}: ${raised.message}`);
    return raised;
  }
  assert.fail(`no ${error.name}`);
}

/** No chip goes on with an answer nobody waits for. */
async function awaitIdle() {
  for (let i = 0; i < 100; i++) {
    const replicas = await (await fetch(CONTROL + "/counters")).json();
    if (replicas.every((replica) => replica.running + replica.waiting === 0)) return;
    await sleep(100);
  }
  assert.fail("a chip still works for a client that left 10 s ago");
}

const WEATHER = {
  type: "function",
  function: {
    name: "weather",
    parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
  },
};
const CITY = {
  type: "json_schema",
  json_schema: {
    name: "city",
    strict: true,
    schema: {
      type: "object",
      properties: { name: { type: "string" }, inhabitants: { type: "integer" } },
      required: ["name", "inhabitants"],
      additionalProperties: false,
    },
  },
};

const checks = {
  async whole() {
    const answer = await ask(client);
    assert(answer.choices[0].message.content);
    assert.equal(answer.choices[0].finish_reason, "length");
    assert.equal(answer.usage.completion_tokens, 8);
    assert(answer._request_id);
  },

  async stream() {
    let text = "";
    let last;
    for await (const chunk of await ask(client, { stream: true, stream_options: { include_usage: true } })) {
      text += chunk.choices[0]?.delta.content ?? "";
      last = chunk;
    }
    assert.equal(text, (await ask(client)).choices[0].message.content);
    assert.equal(last.usage.completion_tokens, 8);
    const helper = client.chat.completions.stream({ model: MODEL, messages: HELLO, max_tokens: 8 });
    assert.equal((await helper.finalMessage()).content, text);
  },

  async tools() {
    const wanted = { tools: [WEATHER], tool_choice: "required", max_tokens: 200 };
    const answer = await ask(client, wanted);
    const call = answer.choices[0].message.tool_calls[0];
    assert.equal(call.function.name, "weather");
    assert("city" in JSON.parse(call.function.arguments));
    assert.equal(answer.choices[0].finish_reason, "tool_calls");
    let streamed = "";
    for await (const chunk of await ask(client, { ...wanted, stream: true })) {
      for (const part of chunk.choices[0]?.delta.tool_calls ?? []) streamed += part.function?.arguments ?? "";
    }
    assert("city" in JSON.parse(streamed));
    const told = [
      ...HELLO,
      { role: "assistant", tool_calls: [call] },
      { role: "tool", tool_call_id: call.id, content: "22 degrees" },
    ];
    assert((await ask(client, { messages: told, tools: [WEATHER], tool_choice: "none" })).choices[0].message.content);
  },

  async json_schema() {
    const answer = await client.chat.completions.parse({
      model: MODEL,
      messages: HELLO,
      response_format: CITY,
      max_tokens: 300,
    });
    const city = JSON.parse(answer.choices[0].message.content);
    assert.equal(typeof city.name, "string");
    assert(Number.isInteger(city.inhabitants));
  },

  async logprobs() {
    const tokens = (await ask(client, { logprobs: true, top_logprobs: 2 })).choices[0].logprobs.content;
    assert.equal(tokens.length, 8);
    assert(tokens.every((token) => token.logprob <= 0 && token.top_logprobs.length === 2));
  },

  async two_choices() {
    const answer = await ask(client, { n: 2 });
    assert.deepEqual(answer.choices.map((choice) => choice.index), [0, 1]);
    assert.equal(answer.usage.completion_tokens, 16);
    const finished = {};
    for await (const chunk of await ask(client, { n: 2, stream: true })) {
      for (const choice of chunk.choices) finished[choice.index] = choice.finish_reason ?? finished[choice.index];
    }
    assert.deepEqual(finished, { 0: "length", 1: "length" });
  },

  async completions_embeddings_models() {
    assert((await client.completions.create({ model: MODEL, prompt: "Once", max_tokens: 4 })).choices[0].text);
    assert.equal((await client.embeddings.create({ model: MODEL, input: ["a", "b"] })).data.length, 2);
    const names = [];
    for await (const model of client.models.list()) names.push(model.id);
    assert(names.includes(MODEL));
    assert.equal((await client.models.retrieve(MODEL)).id, MODEL);
  },

  async several_at_once() {
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(client, { max_tokens: 20 })));
    assert.equal(new Set(answers.map((answer) => answer.choices[0].message.content)).size, 1);
  },

  async cancelled() {
    const stream = await ask(client, { stream: true, max_tokens: 4000, ignore_eos: true });
    for await (const chunk of stream) if (chunk.choices[0].delta.content) break;
    await awaitIdle();
    const leaving = new AbortController();
    const answer = ask(client, { max_tokens: 4000, ignore_eos: true }, { signal: leaving.signal });
    setTimeout(() => leaving.abort(), 300);
    await expect(OpenAI.APIUserAbortError, () => answer);
    await awaitIdle();
  },

  async bad_request() {
    await expect(OpenAI.BadRequestError, () => ask(once, { messages: [] }), { param: "messages" });
    await expect(OpenAI.BadRequestError, () => ask(once, { max_tokens: "many" }), { code: "invalid_type" });
    const long = [{ role: "user", content: "word ".repeat(200_000) }];
    await expect(OpenAI.BadRequestError, () => ask(once, { messages: long }), { code: "context_length_exceeded" });
  },

  async authentication() {
    const stranger = connect({ apiKey: "wrong" });
    await expect(OpenAI.AuthenticationError, () => ask(stranger), { code: "invalid_api_key" });
    await expect(OpenAI.AuthenticationError, () => stranger.models.list());
  },

  async not_found() {
    const raised = await expect(OpenAI.NotFoundError, () => ask(once, { model: "gpt-9" }), { code: "model_not_found" });
    assert(raised.message.includes(MODEL));
    const picture = () => once.images.generate({ model: MODEL, prompt: "a cat" });
    await expect(OpenAI.NotFoundError, picture, { code: "unknown_url" });
  },

  async too_large() {
    const large = [{ role: "user", content: "x".repeat(1_100_000) }];
    await expect(OpenAI.APIError, () => ask(once, { messages: large }), { status: 413 });
  },

  /** An engine's own verdict on the request comes through. */
  async conflict_and_unprocessable() {
    await withFault({ kind: "status", status: 409 }, () => expect(OpenAI.ConflictError, () => ask(once)));
    await withFault({ kind: "status", status: 422 }, () => expect(OpenAI.UnprocessableEntityError, () => ask(once)));
  },

  /** The model's only pool takes one request a minute, and a tenant may have three waiting. */
  async rate_limit() {
    const hasty = connect({ maxRetries: 0, timeout: 3000 });
    const outcomes = await Promise.allSettled(Array.from({ length: 16 }, () => ask(hasty, { model: "scarce" })));
    const limited = outcomes.map((each) => each.reason).filter((reason) => reason instanceof OpenAI.RateLimitError);
    assert(limited.length > 0, "no RateLimitError");
    assert.equal(limited[0].code, "tenant_queue_full");
    assert(Number(limited[0].headers.get("retry-after")) >= 1);
  },

  async connection() {
    await expect(OpenAI.APIConnectionError, () => ask(connect({ baseURL: "http://127.0.0.1:1/v1", maxRetries: 0 })));
  },

  async timeout() {
    await withFault({ kind: "hang" }, async () => {
      await expect(OpenAI.APIConnectionTimeoutError, () => ask(once, {}, { timeout: 400 }));
      await expect(OpenAI.APIConnectionTimeoutError, () => ask(once, { stream: true }, { timeout: 400 }));
    });
    await awaitIdle();
  },

  async length_finish_reason() {
    await expect(LengthFinishReasonError, () =>
      client.chat.completions.parse({ model: MODEL, messages: HELLO, response_format: CITY, max_tokens: 2 }),
    );
  },

  /** A stream that breaks after text was shown is an error that says so, however it breaks. */
  async cut_stream() {
    for (const kind of ["cut", "reset", "stall", "broken", "error"]) {
      await withFault({ kind, after: 5 }, async () => {
        const shown = [];
        const read = async () => {
          for await (const chunk of await ask(once, { messages: neverAsked(), stream: true, max_tokens: 200 })) {
            shown.push(chunk.choices[0].finish_reason);
          }
        };
        const raised = await expect(OpenAI.APIError, read);
        assert(shown.length >= 5 && shown.every((reason) => reason === null), `${kind}: ${shown}`);
        assert.match(raised.code ?? "no code", /^upstream_/, kind);
      });
    }
  },

  async server_error() {
    await withFault({ kind: "status", status: 500 }, async () => {
      const raised = await expect(OpenAI.InternalServerError, () => ask(once, { messages: neverAsked() }));
      assert([502, 503].includes(raised.status), raised.message);
    });
  },

  /** After all that the same client gets its answers, with its usual retries. */
  async recovered() {
    assert((await ask(connect({ maxRetries: 10 }))).choices[0].message.content);
  },
};

let failed = 0;
for (const [name, run] of Object.entries(checks)) {
  try {
    await run();
    console.log(name, "ok");
  } catch (raised) {
    failed++;
    console.log(name, JSON.stringify(raised.stack));
  }
}
process.exit(failed > 0 ? 1 : 0);
