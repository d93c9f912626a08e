"""Where each part of a configuration comes from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ccw.config.layers import load_effective
from ccw.config.origins import origins
from ccw.config.places import config_path, user_config_path
from ccw.config.references import project_environ

SECRET = "sk-canary-0123456789"
USER: dict[str, Any] = {
    "providers": [
        {"id": "openai", "name": "O", "type": "openai", "apiKey": "${MY_KEY}"},
        {"id": "both", "name": "B", "type": "ollama"},
    ],
    "endpoints": [{"id": "mine", "name": "M", "providerId": "openai", "model": "gpt"}],
    "defaultEndpoint": "mine",
    "globalCacheSettings": {"maxTotalSizeMB": 7},
}
PROJECT: dict[str, Any] = {
    "providers": [
        {
            "id": "both",
            "name": "B",
            "type": "anthropic",
            "advancedSettings": {
                "customHeaders": {"X-A": "${FROM_DOTENV}", "X-B": f"${{UNSET:-{SECRET}}}"},
                "proxy": "${GONE}",
            },
        },
        {"id": "pool", "name": "P", "type": "openai", "apiKeys": [{"key": "${keyring:ccw/me}"}]},
        {"id": "own", "name": "W", "type": "openai", "apiBase": "https://elsewhere.example/v1"},
    ],
    "endpoints": [{"id": "here", "name": "H", "providerId": "both", "model": "claude"}],
    "globalCacheSettings": {"enabled": True},
}


def test_origins(project: Path, tmp_path: Path) -> None:
    environ = {
        "CCW_HOME": str(tmp_path / "own"),
        "LITELLM_ENABLED": "true",
        **dict.fromkeys(("MY_KEY", "ANTHROPIC_API_KEY", "OPENAI_API_KEY"), SECRET),
    }
    user, own = user_config_path(environ), config_path(project)
    user.parent.mkdir(parents=True)
    user.write_text(json.dumps(USER))
    own.write_text(json.dumps(PROJECT))
    (project / ".env").write_text(f"FROM_DOTENV={SECRET}\n")
    found = origins(load_effective(project, environ), project_environ(project, environ))
    header = "providers.both.advancedSettings.customHeaders"
    assert [(o.name, o.value, o.origin, o.path) for o in found] == [
        ("providers.both", "anthropic", "project", own),
        ("providers.both.advancedSettings.proxy", "${GONE}", "unset", None),
        (f"{header}.X-A", "${FROM_DOTENV}", ".env", project / ".env"),
        (f"{header}.X-B", "${UNSET:-sk-…6789}", "default", None),
        ("providers.both.apiKey", "${ANTHROPIC_API_KEY}", "environment", None),
        ("providers.pool", "openai", "project", own),
        ("providers.pool.apiKeys[0].key", "${keyring:ccw/me}", "keyring", None),
        ("providers.own", "openai", "project", own),
        ("providers.openai", "openai", "user", user),
        ("providers.openai.apiKey", "${MY_KEY}", "environment", None),
        ("providers.litellm", "litellm", "environment", None),
        ("endpoints.here", "claude", "project", own),
        ("endpoints.mine", "gpt", "user", user),
        ("defaultEndpoint", "mine", "user", user),
        ("globalCacheSettings.enabled", "true", "project", own),
        ("globalCacheSettings.cacheDir", "~/.ccw/cache/context", "default", None),
        ("globalCacheSettings.maxTotalSizeMB", "7", "user", user),
    ]
    assert SECRET not in repr(found)
