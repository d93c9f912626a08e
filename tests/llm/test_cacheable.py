"""The shortest prefix that is cached, by model; what is not known is not guessed."""

from __future__ import annotations

import pytest

from ccw.llm.cacheable import minimum_cacheable


@pytest.mark.parametrize(
    ("model", "tokens"),
    [
        pytest.param("openai/gpt-4o", 1024, id="openai"),
        pytest.param("gpt-5.4-mini", 1024, id="bare"),
        pytest.param("azure/o3-mini", 1024, id="azure"),
        pytest.param("openrouter/openai/gpt-4.1", 1024, id="openai-behind-a-gateway"),
        pytest.param("openai/ft:gpt-4o-2024-08-06:acme", 1024, id="fine-tuned"),
        pytest.param("openai/gpt-4", None, id="before-caching"),
        pytest.param("openai/gpt-3.5-turbo", None, id="long-before-caching"),
        pytest.param("anthropic/claude-opus-5", 512, id="opus-5"),
        pytest.param("anthropic/claude-opus-5-5", None, id="newer-than-the-table"),
        pytest.param("anthropic/claude-sonnet-4-5-20250929", 1024, id="sonnet"),
        pytest.param("anthropic/claude-opus-4-7", 2048, id="opus-4.7"),
        pytest.param("anthropic/claude-opus-4-20250514", 1024, id="opus-4"),
        pytest.param("anthropic/claude-opus-4-1-20250805", 1024, id="opus-4.1"),
        pytest.param("vertex_ai/claude-opus-4-6@20260205", 4096, id="opus-4.6-on-vertex"),
        pytest.param("anthropic/claude-opus-4-8", 1024, id="opus-4.8"),
        pytest.param("anthropic/claude-opus-4-9", None, id="opus-4.9"),
        pytest.param("anthropic/claude-opus-4-10", None, id="opus-4.10"),
        pytest.param("anthropic/claude-opus-4-70", None, id="opus-4.70"),
        pytest.param("anthropic/claude-opus-50", None, id="opus-50"),
        pytest.param("anthropic/claude-sonnet-4-6", 1024, id="sonnet-4.6"),
        pytest.param("anthropic/claude-sonnet-4-7", None, id="sonnet-4.7"),
        pytest.param("openrouter/anthropic/claude-sonnet-4", 1024, id="sonnet-4"),
        pytest.param("anthropic/claude-sonnet-5", 1024, id="sonnet-5"),
        pytest.param("anthropic/claude-sonnet-5-5", None, id="sonnet-5.5"),
        pytest.param("anthropic/claude-haiku-4-6", None, id="haiku-4.6"),
        pytest.param("anthropic/claude-3-7-sonnet-20250219", 1024, id="sonnet-3.7"),
        pytest.param("bedrock/us.anthropic.claude-opus-4-1-20250805-v1:0", 1024, id="region"),
        pytest.param("bedrock/us.amazon.nova-pro-v1:0", 1000, id="nova"),
        pytest.param("bedrock/amazon.nova-2-lite-v1:0", None, id="nova-2"),
        pytest.param("anthropic/claude-haiku-4-5", 4096, id="haiku"),
        pytest.param("openrouter/anthropic/claude-haiku-4.5", 4096, id="openrouter"),
        pytest.param("openai/claude-sonnet-4-5", 1024, id="claude-behind-a-proxy"),
        pytest.param("bedrock/anthropic.claude-3-5-haiku-20241022-v1:0", 2048, id="bedrock"),
        pytest.param("gemini/gemini-2.5-flash", 2048, id="gemini-2.5"),
        pytest.param("gemini/gemini-3-flash-preview", 1024, id="gemini-3-flash"),
        pytest.param("gemini/gemini-3.1-pro-preview", 4096, id="gemini-3-pro"),
        pytest.param("deepseek/deepseek-chat", 64, id="deepseek"),
        pytest.param("openrouter/deepseek/deepseek-chat", None, id="deepseeks-model-elsewhere"),
        pytest.param("ollama_chat/llama3", None, id="unknown"),
    ],
)
def test_minimum(model: str, tokens: int | None) -> None:
    assert minimum_cacheable(model) == tokens
