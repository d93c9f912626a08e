"""litellm in a process of its own: it prints nothing and leaves nothing behind."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.llm.misdeeds import ALL
from tests.servers.loopback import Server
from tests.servers.openai_wire import say

ROOT = Path(__file__).parents[2]
EVERYTHING = """
import gc, logging, os, sys
before, collecting = dict(os.environ), gc.isenabled()
import ccw.llm.client as client
loaded = [name for name in ("litellm", "httpx", "asyncio", "tenacity") if name in sys.modules]
assert not loaded, loaded
from ccw.errors import CcwError
logging.getLogger().setLevel(logging.DEBUG)  # a host may; litellm's own handler prints then
base, names, key = sys.argv[1], sys.argv[2].split(), "sk-canary-5f3a9c1e7b"
messages = [{"role": "user", "content": "Hi"}]
for name in names:
    for model in (f"openai/{name}", f"anthropic/{name}", f"gemini/{name}", "nope/x", "bare"):
        for stream in (True, False):
            route = client.Route(model, "my-server", key, base)
            try:
                client.complete(client.Request(route, messages, stream=stream, max_retries=0))
            except CcwError:
                pass
for model in ("openai/llama-3-fine", "openai/fine", "mistral/fine"):
    for stream in (True, False):
        route = client.Route(model, "my-server", key, base)
        client.complete(client.Request(route, messages, stream=stream, max_retries=0))
assert dict(os.environ) == before
assert gc.isenabled() == collecting
assert "litellm.proxy.proxy_server" not in sys.modules
"""


def test_nothing_is_printed_whatever_happens(openai_server: Server, tmp_path: Path) -> None:
    """On no path, of no thread and not at exit; and a .env nearby is not read by litellm."""
    (tmp_path / ".env").write_text("OPENAI_API_KEY=sk-from-dot-env\nLITELLM_LOG=DEBUG\n")
    openai_server.default = say(usage=None)
    for name, misdeed in ALL.items():
        openai_server.models[name] = misdeed.behaviour
    result = subprocess.run(
        [sys.executable, "-c", EVERYTHING, openai_server.base, " ".join(ALL)],
        capture_output=True,
        text=True,
        timeout=100,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "LITELLM_LOG": "DEBUG"},
    )
    assert (result.stdout, result.stderr, result.returncode) == ("", "", 0)
    assert "sk-from-dot-env" not in str([one.headers for one in openai_server.requests])
