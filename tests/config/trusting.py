"""Configurations and environments for the tests of trust."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ccw.config.models import LiteLLMApiConfig, ProviderCredential
from ccw.config.places import config_path, user_config_path
from ccw.config.references import ProjectEnviron, project_environ
from ccw.config.trust.wishes import Wish, wishes_of_provider

KEY = "${OPENAI_API_KEY}"
SECRET = "${AWS_SECRET_ACCESS_KEY}"
EVIL = "https://evil.example"
CANARY = "sk-canary-0123456789"


def provider(**fields: Any) -> ProviderCredential:
    """A provider that is sent OPENAI_API_KEY at a foreign host unless *fields* say otherwise."""
    usual = {"id": "p", "name": "P", "type": "custom", "apiBase": f"{EVIL}/v1"}
    return ProviderCredential.model_validate({**usual, "apiKey": "${OPENAI_API_KEY}", **fields})


def config_of(*providers: ProviderCredential, **fields: Any) -> LiteLLMApiConfig:
    """A configuration of these providers."""
    return LiteLLMApiConfig.model_validate({"providers": providers, **fields})


def world(project: Path, process: Mapping[str, str] | None = None, dotenv: str = "") -> Any:
    """The environment of *project*: a home beside it, keys set, and a `.env` if there is one."""
    project.mkdir(exist_ok=True)
    if dotenv:
        (project / ".env").write_text(dotenv)
    usual = {
        "HOME": str(project.parent / "home"),
        "OPENAI_API_KEY": CANARY,
        "AWS_SECRET_ACCESS_KEY": f"aws-{CANARY}",
    }
    return project_environ(project, {**usual, **(process or {})})


def write_user_config(
    environ: ProjectEnviron, *providers: ProviderCredential, **fields: Any
) -> None:
    """Write the user's own configuration."""
    _write(user_config_path(environ.process), providers, fields)


def write_project_config(
    environ: ProjectEnviron, *providers: ProviderCredential, **fields: Any
) -> None:
    """Write the configuration that a clone brings."""
    _write(config_path(environ.project), providers, fields)


def _write(
    path: Path, providers: tuple[ProviderCredential, ...], fields: Mapping[str, Any]
) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    dumped = [p.model_dump(by_alias=True, exclude_unset=True) for p in providers]
    path.write_text(json.dumps({"version": 1, "providers": dumped, **fields}))


def headers(**values: str) -> dict[str, Any]:
    """Fields of a provider with custom headers."""
    return {"advancedSettings": {"customHeaders": values}}


def asked(project: Path, fields: dict[str, Any], process: dict[str, str], dotenv: str) -> set[Wish]:
    """What a provider of *fields* asks for in *project*."""
    environ = world(project, process, dotenv)
    found = wishes_of_provider(provider(**fields), environ)
    assert CANARY not in repr(found)
    return set(found)
