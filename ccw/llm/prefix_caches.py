"""What each route makes of the provider's prefix cache: marks, a key, or neither; and why.

Known from what litellm 1.106.2 puts on the wire, recorded by loopback servers, and from what the
providers document. Anthropic stores a prefix only at a mark (`cache_control`); most others keep
the longest common prefix by themselves, and choke on marks or never see them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Kept = Literal["at marks", "by itself", "unknown"]
_CLAUDE = r"(?i)(?:^|[/._:-])(?:claude|anthropic)"
_GEMINI = r"(?i)(?:^|[/.])gemini"
# All but the Claudes from before prompt caching.
_BEDROCK_CACHED = r"(?i)claude(?!-(?:v\d|instant|3-(?:opus|sonnet|haiku)|3-5-sonnet-20240620))|nova"
_FROM_4_5 = r"claude-(?:(?:haiku|opus|sonnet)-(?:4-[5-9]|[5-9])(?!\d)|fable|mythos)"
_BEDROCK_HOUR = rf"(?i){_FROM_4_5}"
_GATEWAY_HOUR = rf"(?i)^(?!.*(?:bedrock|anthropic\.claude))|{_FROM_4_5}"
_NEVER = r"(?!)"
# Servers of other models refuse a `prompt_cache_key` that they do not know, also on Azure.
_OPENAI_MODEL = r"(?i)(?:^|[/:_-])(?:chatgpt|gpt-?\d|o\d|codex)"


@dataclass(frozen=True, slots=True)
class RouteCache:
    """How calls to providers of some `types` ("": any) meet the provider's cache.

    `models` is what the model's name has to look like. `marks`: True: `cache_control` is sent,
    False: never, None: only when the provider's `cacheMarks` says so. `key` is what the name has to
    look like for a `prompt_cache_key` to be sent, "" for never; `hour` for a mark to live as long
    where that is asked for. `kept` tells how the provider keeps a prefix, `seconds` how long that
    lives from its last use where no mark says it, `source` where all this is known from, `checked`
    when it was looked up.
    """

    types: str
    marks: bool | None
    kept: Kept
    source: str
    models: str = ""
    key: str = ""
    hour: str = r"."
    seconds: int = 300
    checked: str = "2026-11-20"

    def fits(self, kind: str, model: str) -> bool:
        """Whether this row is about *model* of a provider of type *kind*."""
        known = not self.types or kind in self.types.split()
        return known and bool(re.search(self.models, model))


# The first row that fits counts.
ROUTES = (
    RouteCache(
        "anthropic",
        True,
        "at marks",
        "marks and ttl arrive as set; platform.claude.com/docs/en/build-with-claude/prompt-caching",
    ),
    RouteCache(
        "bedrock",
        True,
        "at marks",
        "marks become cachePoint blocks, with a ttl from Claude 4.5 on; "
        "docs.aws.amazon.com/bedrock/latest/userguide/prompt-caching.html",
        models=_BEDROCK_CACHED,
        hour=_BEDROCK_HOUR,
    ),
    RouteCache("bedrock", None, "unknown", "models without prompt caching refuse a cachePoint"),
    RouteCache(
        "openrouter",
        True,
        "at marks",
        "marks and ttl arrive as set; openrouter.ai/docs/features/prompt-caching",
        models=r"^~?anthropic/",
    ),
    RouteCache(
        "openrouter",
        True,
        "at marks",
        "marks arrive as set; kept for 5 minutes: openrouter.ai/docs/features/prompt-caching",
        models=r"^~?google/gemini",
        hour=_NEVER,
    ),
    RouteCache("openrouter", False, "by itself", "litellm strips marks"),
    RouteCache(
        "litellm",
        True,
        "at marks",
        "the gateway hands marks on; its wire recorded with litellm 1.106.2",
        models=_CLAUDE,
        hour=_GATEWAY_HOUR,
    ),
    RouteCache(
        "litellm",
        None,
        "by itself",
        "the gateway makes an explicit cache, billed for storage, of a marked message with its "
        "prompt; its wire recorded with litellm 1.106.2",
        models=_GEMINI,
    ),
    RouteCache(
        "litellm", None, "by itself", "marks arrive as set; what the gateway calls is not known"
    ),
    RouteCache(
        "openai",
        None,
        "by itself",
        "developers.openai.com/api/docs/guides/prompt-caching",
        key=_OPENAI_MODEL,
    ),
    RouteCache(
        "azure",
        None,
        "by itself",
        "learn.microsoft.com/azure/ai-foundry/openai/how-to/prompt-caching; deployments of other "
        "vendors' models refuse a prompt_cache_key",
        key=_OPENAI_MODEL,
    ),
    RouteCache(
        "deepseek",
        False,
        "by itself",
        "litellm joins parts and strips marks; kept for hours: "
        "api-docs.deepseek.com/guides/kv_cache",
        key=r".",
        seconds=3600,
    ),
    RouteCache(
        "google",
        False,
        "by itself",
        "implicit; litellm makes an explicit cache of a marked message, which bills storage: "
        "ai.google.dev/gemini-api/docs/caching",
    ),
    RouteCache("local", False, "by itself", "llama.cpp keeps the last prompts", seconds=600),
    RouteCache("custom", None, "unknown", "marks arrive as set; few servers know them"),
    RouteCache("dashscope minimax zai litellm_proxy", None, "by itself", "marks arrive as set"),
    RouteCache(
        "ollama ollama_chat moonshot", False, "by itself", "litellm joins parts, strips marks"
    ),
    RouteCache("mistral azure_ai", False, "unknown", "litellm joins parts and strips marks"),
    RouteCache("groq xai", False, "by itself", "litellm strips marks; console.groq.com, docs.x.ai"),
    RouteCache("hosted_vllm llamafile lm_studio", False, "by itself", "litellm strips marks"),
    RouteCache("together_ai vercel_ai_gateway", False, "unknown", "litellm strips marks"),
    RouteCache(
        "ai21 ai21_chat aiohttp_openai apertis assemblyai baseten bedrock_mantle cerebras "
        "charity_engine chutes cloudflare cognition cometapi compactifai cortecs darkbloom "
        "datarobot deepinfra edenai empower featherless_ai fireworks_ai friendliai galadriel "
        "github helicone hyperbolic inception lambda_ai lemonade libertai meta meta_llama "
        "morph nadir nano-gpt nebius neosantara novita nscale nvidia_nim oobabooga ovhcloud "
        "parasail perplexity pinstripes poe prism reka sail scaleway scx-ai synthetic tencent "
        "tensormesh v0 volcengine wandb xiaomi_mimo",
        False,
        "unknown",
        "litellm strips marks",
    ),
    RouteCache(
        "codestral docker_model_runner heroku modelscope publicai sambanova",
        False,
        "unknown",
        "litellm joins parts and strips marks",
    ),
    RouteCache(
        "vertex_ai vertex_ai_beta",
        False,
        "by itself",
        "implicit; litellm makes an explicit cache of a marked message, which bills storage",
        models=_GEMINI,
    ),
    RouteCache(
        "amazon_nova databricks huggingface snowflake xinference",
        None,
        "unknown",
        "marks arrive as set",
    ),
    RouteCache("", None, "unknown", "nothing is known of this route"),
)


def route_cache(kind: str, model: str) -> RouteCache:
    """Return the row for *model*, as the provider names it, of a provider of type *kind*."""
    return next(row for row in ROUTES if row.fits(kind, model))


def never_marked(kind: str) -> bool:
    """Whether no call to a provider of type *kind* sends marks, whatever its `cacheMarks` says."""
    rows = [row for row in ROUTES if not row.types or kind in row.types.split()]
    others = next(place for place, row in enumerate(rows) if not row.models)
    return all(row.marks is False for row in rows[: others + 1])
