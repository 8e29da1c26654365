"""The official Python client against a gateway, unchanged. One line per check: its name, then ok or what went wrong.

POLYCHIP_URL and POLYCHIP_KEY say where the gateway is, EMULATOR_CONTROL where its chips take their faults.
"""

import asyncio
import contextlib
import json
import os
import traceback
import urllib.request
import uuid

import openai
from openai import AsyncOpenAI, OpenAI
from pydantic import BaseModel

URL = os.environ["POLYCHIP_URL"] + "/v1"
KEY = os.environ["POLYCHIP_KEY"]
CONTROL = os.environ["EMULATOR_CONTROL"]
MODEL = "llama-3.1-8b"
HELLO = [{"role": "user", "content": "Say hello."}]

client = OpenAI(base_url=URL, api_key=KEY)
once = client.with_options(max_retries=0)  # errors as they come
CHECKS = {}


def check(function):
    CHECKS[function.__name__] = function
    return function


@contextlib.contextmanager
def fault(**what):
    """Strikes every chip until the block ends."""
    control("POST", what)
    try:
        yield
    finally:
        control("DELETE")


def control(method, body=None):
    data = None if body is None else json.dumps(body).encode()
    urllib.request.urlopen(urllib.request.Request(CONTROL + "/faults", data, method=method), timeout=10).close()


def expect(error, call, **fields):
    """The call raises exactly this class, with these fields."""
    try:
        call()
    except openai.OpenAIError as raised:
        assert type(raised) is error, f"{type(raised).__name__} instead of {error.__name__}: {raised}"
        for name, value in fields.items():
            assert getattr(raised, name) == value, f"{name} is {getattr(raised, name)!r}, not {value!r}: {raised}"
        return raised
    raise AssertionError(f"no {error.__name__}")


def ask(on=None, **more):
    return (on or once).chat.completions.create(**({"model": MODEL, "messages": HELLO, "max_tokens": 8} | more))


def never_asked():
    """The gateway remembers for a while which request broke two engines, whoever sends it."""
    return [{"role": "user", "content": f"Say {uuid.uuid4()}."}]


# ---- answers


@check
def whole():
    answer = ask(client)
    assert answer.choices[0].message.content and answer.choices[0].finish_reason == "length", answer
    assert answer.usage.completion_tokens == 8 and answer.usage.total_tokens == answer.usage.prompt_tokens + 8, answer
    assert answer._request_id


@check
def stream():
    chunks = list(ask(client, stream=True, stream_options={"include_usage": True}))
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert text == ask(client).choices[0].message.content, text
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1] == "length"
    assert chunks[-1].usage.completion_tokens == 8 and not chunks[-1].choices, chunks[-1]
    assert all(chunk.usage is None for chunk in ask(client, stream=True)), "usage that nobody asked for"


WEATHER = {
    "type": "function",
    "function": {
        "name": "weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}


@check
def tools():
    answer = ask(client, tools=[WEATHER], tool_choice="required", max_tokens=200)
    call = answer.choices[0].message.tool_calls[0]
    assert call.function.name == "weather" and "city" in json.loads(call.function.arguments), call
    assert answer.choices[0].finish_reason == "tool_calls"
    arguments = ""
    for chunk in ask(client, tools=[WEATHER], tool_choice="required", max_tokens=200, stream=True):
        for part in chunk.choices[0].delta.tool_calls or []:
            arguments += part.function.arguments or ""
    assert "city" in json.loads(arguments), arguments
    told = HELLO + [
        {"role": "assistant", "tool_calls": [call.model_dump()]},
        {"role": "tool", "tool_call_id": call.id, "content": "22 degrees"},
    ]
    assert ask(client, messages=told, tools=[WEATHER], tool_choice="none").choices[0].message.content


class City(BaseModel):
    name: str
    inhabitants: int


@check
def json_schema():
    answer = client.chat.completions.parse(model=MODEL, messages=HELLO, response_format=City, max_tokens=300)
    assert isinstance(answer.choices[0].message.parsed, City), answer


@check
def logprobs():
    answer = ask(client, logprobs=True, top_logprobs=2)
    tokens = answer.choices[0].logprobs.content
    assert len(tokens) == 8 and all(token.logprob <= 0 and len(token.top_logprobs) == 2 for token in tokens), tokens


@check
def two_choices():
    answer = ask(client, n=2)
    assert [choice.index for choice in answer.choices] == [0, 1] and answer.usage.completion_tokens == 16, answer
    finished = {}
    for chunk in ask(client, n=2, stream=True):
        for choice in chunk.choices:
            finished[choice.index] = choice.finish_reason or finished.get(choice.index)
    assert finished == {0: "length", 1: "length"}, finished


@check
def completions_embeddings_models():
    assert client.completions.create(model=MODEL, prompt="Once", max_tokens=4).choices[0].text
    assert len(client.embeddings.create(model=MODEL, input=["a", "b"]).data) == 2
    names = [model.id for model in client.models.list()]
    assert MODEL in names and client.models.retrieve(MODEL).id == MODEL, names


@check
def several_at_once():
    async def many():
        async with AsyncOpenAI(base_url=URL, api_key=KEY) as several:
            answers = await asyncio.gather(*(ask(several, max_tokens=20) for _ in range(20)))
            texts = []
            async for chunk in await ask(several, stream=True, max_tokens=20):
                texts.append(chunk.choices[0].delta.content or "")
            assert {answer.choices[0].message.content for answer in answers} == {"".join(texts)}, texts

    asyncio.run(many())


@check
def cancelled():
    with ask(client, stream=True, max_tokens=4000, extra_body={"ignore_eos": True}) as answer:
        next(answer)
        next(answer)
    await_idle()

    async def cancel():
        async with AsyncOpenAI(base_url=URL, api_key=KEY) as several:
            task = asyncio.create_task(ask(several, max_tokens=4000, extra_body={"ignore_eos": True}))
            await asyncio.sleep(0.3)
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    asyncio.run(cancel())
    await_idle()


def await_idle():
    """No chip goes on with an answer nobody waits for."""

    async def poll():
        for _ in range(100):
            with urllib.request.urlopen(CONTROL + "/counters", timeout=10) as page:
                if not any(replica["running"] + replica["waiting"] for replica in json.load(page)):
                    return
            await asyncio.sleep(0.1)
        raise AssertionError("a chip still works for a client that left 10 s ago")

    asyncio.run(poll())


# ---- errors, each as the class that the client has for it


@check
def bad_request():
    expect(openai.BadRequestError, lambda: ask(messages=[]), param="messages")
    expect(openai.BadRequestError, lambda: ask(max_tokens="many"), param="max_tokens", code="invalid_type")
    long = [{"role": "user", "content": "word " * 200_000}]
    expect(openai.BadRequestError, lambda: ask(messages=long), code="context_length_exceeded")


@check
def authentication():
    expect(openai.AuthenticationError, lambda: ask(OpenAI(base_url=URL, api_key="wrong")), code="invalid_api_key")
    expect(openai.AuthenticationError, lambda: OpenAI(base_url=URL, api_key="wrong").models.list())


@check
def not_found():
    raised = expect(openai.NotFoundError, lambda: ask(model="gpt-9"), code="model_not_found", param="model")
    assert MODEL in str(raised)
    expect(openai.NotFoundError, lambda: once.images.generate(model=MODEL, prompt="a cat"), code="unknown_url")


@check
def too_large():
    expect(openai.APIStatusError, lambda: ask(messages=[{"role": "user", "content": "x" * 1_100_000}]), status_code=413)


@check
def conflict_and_unprocessable():
    """An engine's own verdict on the request comes through."""
    with fault(kind="status", status=409):
        expect(openai.ConflictError, ask)
    with fault(kind="status", status=422):
        expect(openai.UnprocessableEntityError, ask)


@check
def rate_limit():
    """The model's only pool takes one request a minute, and a tenant may have three waiting."""

    async def flood():
        async with AsyncOpenAI(base_url=URL, api_key=KEY, max_retries=0, timeout=3) as several:
            return await asyncio.gather(*(ask(several, model="scarce") for _ in range(16)), return_exceptions=True)

    limited = [error for error in asyncio.run(flood()) if isinstance(error, openai.RateLimitError)]
    assert limited, "no RateLimitError"
    assert limited[0].code == "tenant_queue_full" and float(limited[0].response.headers["retry-after"]) >= 1


@check
def connection():
    expect(openai.APIConnectionError, lambda: ask(OpenAI(base_url="http://127.0.0.1:1/v1", api_key=KEY, max_retries=0)))


@check
def timeout():
    with fault(kind="hang"):
        expect(openai.APITimeoutError, lambda: ask(once.with_options(timeout=0.4)))
        expect(openai.APITimeoutError, lambda: ask(once.with_options(timeout=0.4), stream=True))
    await_idle()


@check
def length_finish_reason():
    expect(
        openai.LengthFinishReasonError,
        lambda: client.chat.completions.parse(model=MODEL, messages=HELLO, response_format=City, max_tokens=2),
    )


@check
def cut_stream():
    """A stream that breaks after text was shown is an error that says so, however it breaks."""
    for kind in "cut", "reset", "stall", "broken", "error":
        with fault(kind=kind, after=5):
            shown = []

            def read():
                for chunk in ask(messages=never_asked(), stream=True, max_tokens=200):
                    shown.append(chunk.choices[0].finish_reason)

            raised = expect(openai.APIError, read)
            assert len(shown) >= 5 and not any(shown), (kind, shown)
            assert raised.code.startswith("upstream_"), (kind, raised.code)


@check
def server_error():
    with fault(kind="status", status=500):
        raised = expect(openai.InternalServerError, lambda: ask(messages=never_asked()))
        assert raised.status_code in (502, 503), raised


@check
def recovered():
    """After all that the same client gets its answers, with its usual retries."""
    assert ask(client.with_options(max_retries=10)).choices[0].message.content


def main():
    failed = 0
    for name, run in CHECKS.items():
        try:
            run()
            print(name, "ok", flush=True)
        except Exception:
            failed += 1
            print(name, json.dumps(traceback.format_exc()), flush=True)
    raise SystemExit(failed > 0)


if __name__ == "__main__":
    main()
