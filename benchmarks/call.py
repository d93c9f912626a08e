"""From start to answer on a loopback server, against a plain litellm script doing the same call."""

from __future__ import annotations

import json
import sys
import tempfile
from functools import partial
from pathlib import Path

from harness import (
    BIN,
    ROOT,
    compile_packages,
    environment,
    interleaved,
    print_machine,
    print_ratio,
    seconds,
)

sys.path.insert(0, str(ROOT))

from tests.servers.openai_wire import openai_server

GOAL = 0.60
PLAIN = """\
import litellm
reply = litellm.completion(
    model="openai/gpt-4o", api_base="{base}", api_key="sk-none",
    messages=[{{"role": "user", "content": "Say hello"}}])
print(reply.choices[0].message.content)
"""


def main() -> None:
    """Print the ratio."""
    print_machine()
    compile_packages("click", "pydantic", "litellm", "openai", "httpx", "aiohttp")
    with tempfile.TemporaryDirectory() as folder, openai_server() as server:
        medians = measure(Path(folder), server.base)
    print_ratio("ccw cli", medians["ccw"], "plain litellm script", medians["plain"], GOAL)


def measure(folder: Path, base: str) -> dict[str, float]:
    """Return the median seconds of both, run in *folder*."""
    script = folder / "plain.py"
    script.write_text(PLAIN.format(base=base))
    write_config(folder, base)
    environ = environment(HOME=str(folder), LITELLM_LOCAL_MODEL_COST_MAP="True")
    commands = {
        "plain": [sys.executable, str(script)],
        "ccw": [str(BIN / "ccw"), "cli", "-p", "Say hello", "--model", "loop"],
    }
    measures = {name: partial(seconds, argv, folder, environ) for name, argv in commands.items()}
    return interleaved(measures, rounds=7, warm_up=1)


def write_config(folder: Path, base: str) -> None:
    """Configure the endpoint `loop` on the server at *base*."""
    provider = {"id": "loopback", "name": "Loopback", "type": "custom", "apiBase": base}
    endpoint = {"id": "loop", "name": "Loop", "providerId": "loopback", "model": "gpt-4o"}
    path = folder / ".ccw/storage/config/litellm-api-config.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"providers": [provider], "endpoints": [endpoint]}))


if __name__ == "__main__":
    main()
