"""Export to LiteLLM then import gives the same configuration, whatever it was."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ccw.config.models import LiteLLMApiConfig
from ccw.exports.litellm_yaml import export_litellm
from tests.exports.configs import OPENAI, config_of, content, endpoint, imported

TYPES = [
    "openai",
    "anthropic",
    "google",
    "azure",
    "bedrock",
    "ollama",
    "litellm",
    "custom",
    "local",
]
OTHERS = ["replicate", "hosted_vllm"]
ids = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,12}", fullmatch=True)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
names = st.from_regex(r"[A-Z_][A-Z0-9_]{0,8}", fullmatch=True)
references = st.one_of(
    names.map(lambda name: f"${{{name}}}"),
    names.map(lambda name: f"${name}"),
    names.map(lambda name: f"${{{name}:-}}"),
    st.sampled_from(["${keyring:ccw/me}", "${file:~/key}", "${cmd:pass show x}"]),
)
OWN_BASES = ["https://api.openai.com/v1", "https://api.anthropic.com/v1"]
BASES = ["http://localhost:8000/v1", "${BASE}", "https://${HOST}/v1", "${BASE:-http://localhost:1}"]
bases = st.sampled_from(BASES + OWN_BASES)


def some(**fields: Any) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=fields)


keys = st.fixed_dictionaries(
    {"key": references},
    optional={
        "id": ids,
        "label": texts,
        "weight": st.sampled_from([0, 0.5, 1, 7]),
        "enabled": st.booleans(),
    },
)
models = st.fixed_dictionaries(
    {"id": st.sampled_from(["gpt-4o", "other"])},
    optional={"contextWindow": st.integers(1, 10**7), "inputCostPerMillion": st.floats(0, 90)},
)
advanced = some(
    timeout=st.sampled_from([1, 0.5, 600]),
    maxRetries=st.integers(0, 5),
    organization=st.sampled_from(["org", ""]),
    apiVersion=st.sampled_from(["2024-10-21", "v1"]),
    customHeaders=st.dictionaries(st.sampled_from(["X-Key", "X-Other"]), references, max_size=2),
    rpm=st.integers(1, 99),
    tpm=st.integers(1, 99),
    proxy=st.just("${PROXY}"),
    cacheMarks=st.booleans(),
)
providers = st.fixed_dictionaries(
    {"id": ids, "name": texts, "type": st.sampled_from(TYPES + OTHERS)},
    optional={
        "apiKey": st.one_of(st.just(""), references),
        "apiBase": bases,
        "enabled": st.booleans(),
        "apiKeys": st.lists(keys, max_size=3),
        "routingStrategy": st.sampled_from(
            ["simple-shuffle", "weighted", "latency-based", "cost-based", "least-busy"]
        ),
        "models": st.lists(models, max_size=2),
        "advancedSettings": advanced,
        "createdAt": st.just("2025-01-01T00:00:00.000Z"),
    },
)
cache = some(
    enabled=st.booleans(),
    ttlMinutes=st.sampled_from([1, 60, 2.5]),
    maxSizeKB=st.integers(1, 9999),
    filePatterns=st.lists(texts, max_size=2),
    layout=st.sampled_from(["stable", "path", "overlay"]),
    providerCache=st.sampled_from(["5m", "1h", "off"]),
)
params = some(
    temperature=st.sampled_from([0, 0.2, 1]),
    maxTokens=st.integers(1, 999),
    stop=st.lists(texts, max_size=2),
    extra_body=st.dictionaries(st.sampled_from(["a", "b"]), st.integers(), max_size=2),
)


@st.composite
def configs(draw: st.DrawFn) -> LiteLLMApiConfig:
    """Any configuration whose references lead somewhere."""
    made = draw(st.lists(providers, min_size=1, max_size=4, unique_by=lambda p: p["id"]))
    endpoint_ids = draw(st.lists(ids, max_size=5, unique=True))
    endpoints = [
        {
            "id": name,
            "name": draw(texts),
            "providerId": draw(st.sampled_from([p["id"] for p in made])),
            "model": draw(st.sampled_from(["gpt-4o", "openai/gpt-4o", "a/b/c", "gemini/x"])),
            **draw(
                some(
                    description=texts,
                    purpose=st.sampled_from(["chat", "embedding", "image", "speech"]),
                    cacheStrategy=cache,
                    params=params,
                    enabled=st.booleans(),
                    fallbacks=st.lists(st.sampled_from(endpoint_ids), unique=True, max_size=3).map(
                        lambda found, own=name: [other for other in found if other != own]
                    ),
                )
            ),
        }
        for name in endpoint_ids
    ]
    usable = [
        e["id"] for e in endpoints if e.get("enabled", True) and e.get("purpose", "chat") == "chat"
    ]
    default = draw(st.sampled_from(usable)) if usable else None
    return config_of(*made, endpoints=endpoints, defaultEndpoint=default)


@settings(max_examples=120)
@given(config=configs(), at_hand=st.sets(st.sampled_from(["LITELLM_API_KEY", "OPENAI_API_KEY"])))
def test_all_comes_back(config: LiteLLMApiConfig, at_hand: set[str]) -> None:
    made, _ = imported(export_litellm(config, is_set=at_hand).text)
    assert content(made) == content(config)


def test_what_may_hold_a_secret_comes_back_as_a_variable() -> None:
    literal = {
        **OPENAI,
        "id": "mine",
        "apiKey": "sk-live-0123456789abcdef",
        "apiBase": "http://localhost:8000/v1?tenant=7",
        "advancedSettings": {"customHeaders": {"X-Team": "blue"}},
    }
    exported = export_litellm(config_of(literal, endpoints=[endpoint("a", "mine")]))
    made, _ = imported(exported.text)
    (back,) = made.providers
    assert (back.api_key, back.api_base) == ("${MINE_API_KEY}", "${MINE_API_BASE}")
    assert back.advanced_settings.custom_headers == {"X-Team": "${MINE_X_TEAM}"}
    assert exported.left_out == tuple(
        f"provider mine: {what} is a literal and not copied; put it into {name}"
        for what, name in [
            ("apiKey", "MINE_API_KEY"),
            ("apiBase", "MINE_API_BASE"),
            ("header X-Team", "MINE_X_TEAM"),
        ]
    )


def test_an_import_of_what_is_there_changes_nothing() -> None:
    config = config_of(OPENAI, endpoints=[endpoint("a", "openai")], defaultEndpoint="a")
    again, merged = imported(export_litellm(config).text, config)
    assert again is config
    assert [(one.item.id, one.is_new) for one in merged.imported] == [
        ("openai", False),
        ("a", False),
    ]
