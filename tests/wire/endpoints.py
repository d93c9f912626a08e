"""Endpoints of each type of provider at a loopback server, and what is expected of each."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from ccw import LiteLLMExecutionOptions, LiteLLMExecutionResult, execute_litellm_endpoint
from ccw.execution.preview import Preview, preview_litellm_endpoint
from ccw.llm.usage import Usage
from tests.projects import write_config
from tests.servers.any_wire import Sent
from tests.servers.loopback import Server

FIVE, HOUR = {"type": "ephemeral"}, {"type": "ephemeral", "ttl": "1h"}
POINT, POINT_HOUR = {"type": "default"}, {"type": "default", "ttl": "1h"}
BASES = {"google": "/v1beta", "anthropic": "", "azure": "", "bedrock": "", "ollama": ""}
MODELS = {
    "openai": "gpt-4o",
    "anthropic": "claude-sonnet-4-5",
    "google": "gemini-2.5-pro",
    "azure": "gpt-4o",
    "mistral": "mistral-large-latest",
    "deepseek": "deepseek-chat",
    "openrouter": "anthropic/claude-sonnet-4.5",
    "groq": "llama-3.3-70b-versatile",
    "xai": "grok-4",
    "zai": "glm-4.6",
    "bedrock": "anthropic.claude-sonnet-4-5-20250929-v1:0",
    "ollama": "llama3",
    "litellm": "claude-sonnet-4-5",
    "custom": "claude-sonnet-4-5",
    "local": "smollm2",
    "hosted_vllm": "qwen3",
    "moonshot": "kimi-k2",
    "dashscope": "qwen-max",
    "databricks": "claude-sonnet-4-5",
    "nebius": "qwen3",
}
# type -> (the mark as sent, the same for an hour); types that are not here get one plain string
MARKS = {
    "anthropic": (FIVE, HOUR),
    "openrouter": (FIVE, HOUR),
    "litellm": (FIVE, HOUR),
    "bedrock": (POINT, POINT_HOUR),
}
KEYED = {"openai", "azure", "deepseek"}
OPENAI_USAGE = Usage(input=20, cache_read=100, output=7)
USAGE = {
    "anthropic": Usage(input=5, cache_read=60, cache_write_5m=30, cache_write_1h=10, output=7),
    "bedrock": Usage(input=5, cache_read=60, cache_write_5m=40, output=7),
    "ollama": Usage(input=26, output=9),
}
PROMPT = "@*.txt Which one is odd?"


def configure(project: Path, server: Server, kind: str, **more: Any) -> None:
    """Configure the endpoint `ask` of a provider of type *kind* at *server*."""
    strategy = {name: more.pop(name) for name in ("providerCache", "layout") if name in more}
    base = f"{server.root}{BASES.get(kind, '/v1')}"
    provider = {"id": "it", "name": "It", "type": kind, "apiKey": "sk-loop", "apiBase": base}
    endpoint = {"id": "ask", "name": "Ask", "providerId": "it"}
    endpoint |= {"model": more.pop("model", MODELS[kind]), "cacheStrategy": strategy}
    write_config(
        project, {"providers": [provider | more], "endpoints": [endpoint], "defaultEndpoint": "ask"}
    )


def options(project: Path, prompt: str = PROMPT, **more: Any) -> LiteLLMExecutionOptions:
    return LiteLLMExecutionOptions(prompt, "ask", project, max_retries=0, **more)


def ask(project: Path, prompt: str = PROMPT, **more: Any) -> LiteLLMExecutionResult:
    environ = {"HOME": os.environ["HOME"]}
    result = execute_litellm_endpoint(options(project, prompt, **more), environ=environ)
    assert result.error is None
    return result


def preview(project: Path) -> Preview:
    return preview_litellm_endpoint(options(project), environ={"HOME": os.environ["HOME"]})


def ends(pieces: list[Sent]) -> list[int]:
    """The bytes after which the marks stand."""
    texts = [piece.text.encode() for piece in pieces]
    return [sum(map(len, texts[: n + 1])) for n, piece in enumerate(pieces) if piece.mark]
