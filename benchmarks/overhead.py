"""What the executor adds to a bare `litellm.acompletion` of the same call, on a loopback server.

Prompts without patterns: finding and packing files have benchmarks of their own. Both sides run
in one process, in turns, against a server in another process that answers at once; the calls are
awaited in one event loop, the stream is read without one, as a plain script does. The medians of
paired runs are compared. The executor looks whether the configuration has changed, and writes its
line into the run log, as it does for every call.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from harness import ROOT, environment, print_machine

sys.path.insert(0, str(ROOT))

from ccw import LiteLLMExecutionOptions, aexecute_litellm_endpoint, execute_litellm_endpoint
from ccw.llm.client import load_engine

Call = Callable[[], Awaitable[object]]
CHUNKS = 200
SETTLE = 0.02  # seconds for what a call leaves to the event loop: litellm logs when it is over
Settle = Callable[[], Awaitable[None]]
SETTINGS = ("disable_streaming_logging", "turn_off_message_logging", "suppress_debug_info")
SERVER = """\
import asyncio, json, sys
usage = {"prompt_tokens": 9, "completion_tokens": 9, "total_tokens": 18}
head = {"id": "c", "created": 1, "model": "m"}
whole = {**head, "object": "chat.completion", "usage": usage, "choices": [
    {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "hello"}}]}

def chunk(delta, finish=None, **more):
    choices = [{"index": 0, "delta": delta, "finish_reason": finish}]
    body = {**head, "object": "chat.completion.chunk", "choices": choices, **more}
    return b"data: " + json.dumps(body).encode() + b"\\n\\n"

stream = b"".join(chunk({"content": f"word{n} "}) for n in range(int(sys.argv[1])))
stream += chunk({}, "stop") + chunk({}, choices=[], usage=usage) + b"data: [DONE]\\n\\n"

async def serve(reader, writer):
    while True:
        try:
            header = await reader.readuntil(b"\\r\\n\\r\\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            return writer.close()
        length = int(header.lower().partition(b"content-length:")[2].split(b"\\r\\n")[0])
        request = await reader.readexactly(length)
        streamed = b'"stream":true' in request[-300:] or b'"stream":true' in request[:300]
        body = stream if streamed else json.dumps(whole).encode()
        kind = b"text/event-stream" if streamed else b"application/json"
        writer.write(b"HTTP/1.1 200 OK\\r\\nContent-Type: " + kind +
                     b"\\r\\nContent-Length: %d\\r\\n\\r\\n" % len(body) + body)

async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0, limit=2**26)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()

asyncio.run(main())
"""


def main() -> None:
    """Print the three figures."""
    print_machine()
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
    command = [sys.executable, "-c", SERVER, str(CHUNKS)]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment())
    assert server.stdout is not None
    try:
        with tempfile.TemporaryDirectory() as folder:
            base = f"http://127.0.0.1:{int(server.stdout.readline())}/v1"
            write_config(Path(folder), base)
            load_engine()  # with ccw's settings; both sides use the same litellm
            asyncio.run(measure_calls(Path(folder), base))
            measure_stream(Path(folder), base)
    finally:
        server.kill()
        server.wait()


async def measure_calls(folder: Path, base: str) -> None:
    """Compare whole calls."""
    small, large = ("word " * (size // 5) for size in (1024, 512 * 1024))
    ours, bare = await paired(ask(folder, small), completion(base, small), 150, busy)
    report("call of 1 KB", ours, bare, ours - bare, 0.001, "ms more")
    ours, bare = await paired(ask(folder, small), completion(base, small), 150, idle)
    report("the same after an idle 20 ms", ours, bare, ours - bare, 0.001, "ms more")
    ours, bare = await paired(ask(folder, large), completion(base, large), 60, busy)
    report("call of 512 KB", ours, bare, ours / bare - 1, 0.03, "more")


def measure_stream(folder: Path, base: str) -> None:
    """Compare a stream of a large prompt with litellm's under its default settings."""
    huge = "word " * (1024 * 1024)
    samples: tuple[list[float], list[float]] = ([], [])
    for _ in range(7):
        for read, found in zip((read_ours, read_default), samples, strict=True):
            started = time.perf_counter()
            read(folder, base, huge)
            found.append(time.perf_counter() - started)
    ours, bare = (statistics.median(found[2:]) for found in samples)
    report(f"stream of {CHUNKS} chunks, 5 MB", ours, bare, ours / bare, 0.25, "times")


def ask(folder: Path, prompt: str) -> Call:
    """Return the call through the executor."""
    question = LiteLLMExecutionOptions(prompt, "loop", folder)

    async def call() -> None:
        result = await aexecute_litellm_endpoint(question, environ={"HOME": str(folder)})
        assert result.success, result.error

    return call


def completion(base: str, prompt: str) -> Call:
    """Return the bare call."""
    import litellm

    async def call() -> None:
        await litellm.acompletion(messages=user(prompt), **bare_route(base))

    return call


def read_ours(folder: Path, base: str, prompt: str) -> None:
    """Stream an answer through the executor."""
    del base
    question = LiteLLMExecutionOptions(prompt, "loop", folder, stream=True)
    result = execute_litellm_endpoint(question, environ={"HOME": str(folder)})
    assert result.success, result.error


def read_default(folder: Path, base: str, prompt: str) -> None:
    """Stream an answer through litellm as it is set by default."""
    import litellm

    del folder
    ours = {name: getattr(litellm, name) for name in SETTINGS}
    for name in SETTINGS:
        setattr(litellm, name, False)
    try:
        for _ in litellm.completion(messages=user(prompt), stream=True, **bare_route(base)):
            pass
    finally:
        for name, value in ours.items():
            setattr(litellm, name, value)


def user(prompt: str) -> list[dict[str, str]]:
    """Return the messages of a prompt."""
    return [{"role": "user", "content": prompt}]


def bare_route(base: str) -> dict[str, Any]:
    """Return litellm's arguments for the server at *base*."""
    return {"model": "openai/mine", "api_base": base, "api_key": "sk-none", "max_retries": 0}


async def idle() -> None:
    """Let the loop finish what a call left, and the processor cool down."""
    await asyncio.sleep(SETTLE)


async def busy() -> None:
    """Let the loop finish what a call left, with the processor as awake as under load."""
    end = time.perf_counter() + SETTLE
    while time.perf_counter() < end:
        await asyncio.sleep(0)


async def paired(ours: Call, bare: Call, rounds: int, settle: Settle) -> tuple[float, float]:
    """Return the median seconds of both over *rounds*, run in turns with *settle* before each."""
    samples: tuple[list[float], list[float]] = ([], [])
    for number in range(rounds + 3):
        for call, found in zip((ours, bare), samples, strict=True):
            await settle()
            started = time.perf_counter()
            await call()
            if number >= 3:
                found.append(time.perf_counter() - started)
    return statistics.median(samples[0]), statistics.median(samples[1])


def report(name: str, ours: float, bare: float, figure: float, goal: float, unit: str) -> None:
    """Print one line; *figure* and *goal* are in seconds for `ms more`, else ratios."""
    scale = 1000 if unit.startswith("ms") else 1
    verdict = "ok" if figure <= goal else "MISSED"
    print(
        f"{name}: ccw {ours * 1000:.2f} ms / bare {bare * 1000:.2f} ms: "
        f"{figure * scale:.3f} {unit} (goal {goal * scale:g}) {verdict}"
    )


def write_config(folder: Path, base: str) -> None:
    """Configure the endpoint `loop` of a model with known prices."""
    model = {"id": "mine", "inputCostPerMillion": 1, "outputCostPerMillion": 2}
    provider = {"id": "p", "name": "P", "type": "custom", "apiBase": base, "models": [model]}
    endpoint = {"id": "loop", "name": "Loop", "providerId": "p", "model": "mine"}
    path = folder / ".ccw/storage/config/litellm-api-config.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"providers": [provider], "endpoints": [endpoint]}))


if __name__ == "__main__":
    main()
