"""The documented `curl` commands, run as they are written but for the port and the id."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.servers.loopback import Server
from tests.web.apis import running

pytestmark = pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
CREATE_PROVIDER = """\
curl -X POST http://localhost:3000/api/litellm-api/providers \\
  -H "Content-Type: application/json" \\
  -d '{
    "name": "My OpenAI",
    "type": "openai",
    "apiKey": "${OPENAI_API_KEY}",
    "enabled": true
  }'
"""
CREATE_ENDPOINT = """\
curl -X POST http://localhost:3000/api/litellm-api/endpoints \\
  -H "Content-Type: application/json" \\
  -d '{
    "id": "my-gpt4o",
    "name": "GPT-4o with Cache",
    "providerId": "openai-1234567890",
    "model": "gpt-4o",
    "cacheStrategy": {
      "enabled": true,
      "ttlMinutes": 60,
      "maxSizeKB": 512,
      "filePatterns": ["*.md", "*.ts"]
    },
    "enabled": true
  }'
"""
TEST_PROVIDER = (
    "curl -X POST http://localhost:3000/api/litellm-api/providers/openai-1234567890/test"
)


def typed(command: str, port: int, provider_id: str = "openai-1234567890") -> Any:
    """What *command* prints in a shell, as JSON."""
    text = command.replace(":3000/", f":{port}/").replace("openai-1234567890", provider_id)
    done = subprocess.run(
        ["bash", "-c", text],
        capture_output=True,
        check=True,
        env={"PATH": "/usr/bin:/bin", "NO_PROXY": "*"},
    )
    return json.loads(done.stdout)


def test_the_documented_commands(project: Path, openai_server: Server) -> None:
    with running(project) as server:
        made = typed(CREATE_PROVIDER, server.port)
        assert made["success"] is True
        provider_id = made["provider"]["id"]
        assert made["provider"]["apiKey"] == "${OPENAI_API_KEY}"
        endpoint = typed(CREATE_ENDPOINT, server.port, provider_id)
        assert endpoint["success"] is True
        assert endpoint["endpoint"]["providerId"] == provider_id
        assert endpoint["endpoint"]["cacheStrategy"]["filePatterns"] == ["*.md", "*.ts"]
        tested = typed(TEST_PROVIDER, server.port, provider_id)
        assert (tested["success"], tested["kind"]) == (False, "config")
        assert "OPENAI_API_KEY" in tested["error"]


def test_a_test_that_reaches_a_server(shop: Path) -> None:
    with running(shop) as server:
        tested = typed(TEST_PROVIDER, server.port, "loop")
        assert (tested["success"], tested["error"]) == (True, None)
