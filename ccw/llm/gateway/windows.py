"""The usual context window of a family of models, for names that nobody knows more about.

From litellm's map as of its version 1.106 (November 2026), families that it has no more as their
makers announced them. Where the models of a family differ it is a small window that is common
among them. The first match counts.
"""

from __future__ import annotations

import re

K, M = 1024, 1024 * 1024
_FAMILIES = (
    (r"gpt-oss", 131_072),
    (r"gpt-5", 272_000),
    (r"gpt-6", 272_000),
    (r"gpt-4\.1", 1_047_576),
    (r"gpt-4o|gpt-4-turbo|gpt-4-(1106|0125)|chatgpt-4o", 128_000),
    (r"gpt-4-32k", 32_768),
    (r"gpt-4", 8_192),
    (r"gpt-3\.5", 16_385),
    (r"o1-mini|o1-preview", 128_000),
    (r"o1|o3|o4-mini", 200_000),
    (r"claude-(sonnet|opus)-[5-9]", 1_000_000),
    (r"claude-2|claude-instant", 100_000),
    (r"claude", 200_000),
    (r"gemini-1\.5-pro", 1_000_000),  # 2 million came later; this is what was promised first
    (r"gemini-(1\.5|2|3|flash|pro-latest)", M),
    (r"gemini", 32_000),
    (r"gemma-?3", 128 * K),
    (r"gemma", 8 * K),
    (r"llama-?4", 128 * K),
    (r"llama-?3[.-][1-3](?![0-9b])", 128 * K),
    (r"llama-?3", 8 * K),
    (r"(code-?)?llama-?2|llama", 4 * K),
    (r"mixtral-8x22b", 64 * K),
    (r"mixtral|mistral-7b", 32 * K),
    (r"mistral-(large|medium|small)|ministral|magistral|pixtral|codestral|devstral", 128_000),
    (r"mistral", 32 * K),
    (r"deepseek-v4", 1_000_000),
    (r"deepseek", 128_000),
    (r"qwen-?3", 128 * K),
    (r"qwq", 128 * K),
    (r"qwen", 32 * K),
    (r"kimi-k2", 256 * K),
    (r"glm-5", 200_000),
    (r"glm-4", 128_000),
    (r"grok-[4-9]", 128 * K),
    (r"grok-[23]", 128 * K),
    (r"minimax-m", 196_000),
    (r"command-a", 256_000),
    (r"command-r", 128_000),
    (r"jamba", 256_000),
    (r"nova-", 128_000),
    (r"phi-?3", 4 * K),
    (r"phi-?4", 16 * K),
)
# a family's name stands at the start or after "/", ".", ":", "-", never inside a word
_TABLE = tuple((re.compile(rf"(?:^|[^a-z0-9])(?:{name})", re.I), size) for name, size in _FAMILIES)


def family_window(model: str) -> int | None:
    """Return the tokens that models named like *model* usually hold, None for an unknown family."""
    return next((size for pattern, size in _TABLE if pattern.search(model)), None)
