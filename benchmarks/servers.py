"""The servers of `serve.py`, each in a process of its own: ccw, its bare peer, a provider."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from harness import BIN, environment

HOST = "127.0.0.1"
PATIENCE = 30.0  # seconds for a server to come up
POLL = 0.002
BARE = """\
import sys
import uvicorn
from fastapi import FastAPI, Request
app = FastAPI()
API = "/api/litellm-api"

@app.get(API + "/config")
async def config():
    return {"version": 1}

@app.get(API + "/endpoints/{name}")
async def show(name: str):
    return {"description": "0"}

@app.put(API + "/endpoints/{name}")
async def change(name: str, request: Request):
    await request.json()
    return {"success": True}

uvicorn.run(app, port=int(sys.argv[1]), log_level="error")
"""
PROVIDER = """\
import asyncio, json, sys
COUNT, APART = int(sys.argv[2]), float(sys.argv[3])

def event(delta, finish=None):
    choices = [{"index": 0, "delta": delta, "finish_reason": finish}]
    body = {"id": "c", "created": 1, "model": "m", "object": "chat.completion.chunk"}
    return b"data: " + json.dumps({**body, "choices": choices}).encode() + b"\\n\\n"

async def serve(reader, writer):
    head = (await reader.readuntil(b"\\r\\n\\r\\n")).lower()
    if b"content-length:" in head:
        await reader.readexactly(int(head.partition(b"content-length:")[2].split(b"\\r\\n")[0]))
    writer.write(b"HTTP/1.1 200 OK\\r\\nContent-Type: text/event-stream\\r\\n")
    writer.write(b"Connection: close\\r\\n\\r\\n")
    for number in range(COUNT if head.startswith(b"post") else 0):
        writer.write(event({"content": f"word{number} "}))
        await writer.drain()
        await asyncio.sleep(APART)
    writer.write(event({}, "stop") + b"data: [DONE]\\n\\n")
    writer.close()

async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", int(sys.argv[1]), backlog=200)
    await server.serve_forever()

asyncio.run(main())
"""


def ccw(folder: Path, port: int) -> list[str]:
    """Return the command that serves *folder*."""
    return [str(BIN / "ccw"), "serve", "--no-open", "--port", str(port), "--project", str(folder)]


def bare(_folder: Path, port: int) -> list[str]:
    """Return the command of the peer."""
    return [sys.executable, "-c", BARE, str(port)]


def provider(port: int, chunks: int, apart: float) -> list[str]:
    """Return the command of a provider that streams *chunks*, so many seconds *apart*."""
    return [sys.executable, "-c", PROVIDER, str(port), str(chunks), str(apart)]


def free_port() -> int:
    """Return a port at which nobody listens now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
    return port


@contextmanager
def serving(command: Sequence[str], port: int, path: str, folder: Path) -> Iterator[float]:
    """Run a server for the time of a `with` block; gives the seconds to its first answer."""
    environ = environment(HOME=str(folder), LITELLM_LOCAL_MODEL_COST_MAP="True")
    began = time.perf_counter()
    process = subprocess.Popen(command, cwd=folder, env=environ, stderr=subprocess.DEVNULL)
    try:
        yield _first_answer(process, port, path, began)
    finally:
        process.terminate()
        process.wait()


def _first_answer(process: subprocess.Popen[bytes], port: int, path: str, began: float) -> float:
    request = f"GET {path} HTTP/1.1\r\nHost: {HOST}:{port}\r\n\r\n".encode()
    while (elapsed := time.perf_counter() - began) < PATIENCE and process.poll() is None:
        try:
            with socket.create_connection((HOST, port), timeout=PATIENCE) as client:
                client.sendall(request)
                if client.recv(65536).startswith(b"HTTP/1.1 200 "):
                    return time.perf_counter() - began
        except ConnectionError:
            time.sleep(POLL)
    sys.exit(f"no answer at port {port} after {elapsed:.0f} s: {process.args!r}"[:500])


def write_config(folder: Path, base: str, editors: int) -> None:
    """Configure the endpoint `shared`, and `own-N` for each editor, of a provider at *base*."""
    names = ["shared", *(f"own-{number}" for number in range(editors))]
    made = {"providerId": "p", "model": "m", "description": "0"}
    endpoints = [{"id": name, "name": name, **made} for name in names]
    provider = {"id": "p", "name": "P", "type": "custom", "apiBase": base}
    config = {"providers": [provider], "endpoints": endpoints, "defaultEndpoint": "shared"}
    path = folder / ".ccw/storage/config/litellm-api-config.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(config))
