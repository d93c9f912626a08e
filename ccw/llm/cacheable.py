"""The shortest prefix that a provider caches, by model, in tokens.

As the providers documented it in November 2026; a model that is not in the table is unknown.

- OpenAI: platform.openai.com/docs/guides/prompt-caching (also Azure, and gateways to it)
- Anthropic: platform.claude.com/docs/en/build-with-claude/prompt-caching
- Amazon's Nova: docs.aws.amazon.com/bedrock/latest/userguide/prompt-caching.html
- Gemini, implicit caching: ai.google.dev/gemini-api/docs/caching (July 2026)
- DeepSeek: api-docs.deepseek.com/guides/kv_cache
"""

from __future__ import annotations

import re
from dataclasses import dataclass

# Neither another digit nor a smaller version, but a date may follow.
_NOT_NEWER = r"(?!\d|[-.]\d{1,2}(?!\d))"
# Found in the model's name behind every route, because gateways serve models under their names;
# the first that fits counts.
MINIMA = (
    (rf"claude-(?:opus|fable|mythos)-5{_NOT_NEWER}", 512),
    (rf"claude-opus-4[-.]7{_NOT_NEWER}", 2048),
    (rf"claude-opus-4[-.][56]{_NOT_NEWER}", 4096),
    (rf"claude-haiku-4[-.]5{_NOT_NEWER}", 4096),
    (rf"claude-(?:sonnet-(?:4(?:[-.][056])?|5)|opus-4(?:[-.][018])?){_NOT_NEWER}", 1024),
    (r"claude-3(?:[-.][57]-sonnet|-opus)", 1024),
    (r"claude-(?:3[-.]5|3)-haiku", 2048),
    (r"amazon\.nova-(?:micro|lite|pro|premier)", 1000),
    (r"gemini-2\.5-(?:pro|flash)", 2048),
    (r"gemini-3-flash", 1024),
    (r"gemini-3(?:\.\d)?-(?:pro|flash)", 4096),
    (r"^(?:ft:)?(?:gpt-4o|gpt-4\.1|gpt-4\.5|gpt-[5-9]|chatgpt-4o|o1|o3|o4)(?![\d])", 1024),
    (r"^deepseek/deepseek-", 64),
)
_COMPILED = tuple((re.compile(pattern), tokens) for pattern, tokens in MINIMA)
_ROUTE = re.compile(r"^(?!deepseek/)(?:.*/)?")


@dataclass(frozen=True, slots=True)
class CacheInert:
    """A prefix of `tokens` that the provider does not cache: it does so from `minimum` on."""

    tokens: int
    minimum: int


def minimum_cacheable(model: str) -> int | None:
    """Return the tokens that a prefix of *model* needs to be cached, None where unknown."""
    name = _ROUTE.sub("", model, count=1)
    return next((tokens for pattern, tokens in _COMPILED if pattern.search(name)), None)
