"""Does a gateway answer, and where it does not: which base would. Nothing here is billed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from ccw.config.provider_types import ProviderType
from ccw.errors import ProviderError
from ccw.llm.call.redact import excerpt
from ccw.llm.call.request import Route
from ccw.llm.gateway.addresses import (
    below,
    has_version,
    models_url,
    other_bases,
    root_of,
    with_query,
)
from ccw.llm.gateway.failures import Failure, no_models
from ccw.llm.gateway.listing import ask_models, has_list, talk_with
from ccw.llm.gateway.parsing import Listing, parse_listing
from ccw.llm.gateway.talk import TIMEOUT, Answer, Talk, unsendable

AZURE_VERSION = "2024-10-21"
_ELSEWHERE = ("not_found", "html", "not_json", "no_list")  # what a wrong base answers
_KEY_PATHS = {"openrouter": "/key"}
_NATIVE = frozenset({"anthropic", "google", "ollama"})  # their paths are their own


@dataclass(frozen=True, slots=True)
class Checked:
    """A gateway that answers: its list, the milliseconds it took, and what to know besides."""

    listing: Listing
    latency_ms: float
    note: str | None = None


async def check_gateway(
    route: Route, kind: ProviderType, *, timeout: float = TIMEOUT
) -> Checked | Failure:
    """Return whether the gateway at the base of *route* lists models, within *timeout* seconds."""
    if kind.name != "azure" and not has_list(kind, route.api_base):
        return _untested(kind)
    refusal = unsendable(route)
    if refusal is not None:
        return refusal
    return await _checked(talk_with(route, kind, timeout), kind)


async def _checked(talk: Talk, kind: ProviderType) -> Checked | Failure:
    if kind.name == "azure":
        return await _azure(talk)
    found = await ask_models(talk, kind)
    if isinstance(found, Failure):
        return await _advised(talk, kind, found)
    refusal = await _key_refused(talk, kind)
    if refusal is not None:
        return refusal
    if not found.listing.models:
        return Failure("empty", no_models(talk.target.who, found.listing.skipped), 200)
    return Checked(found.listing, found.latency_ms, await _note(talk, kind))


async def _key_refused(talk: Talk, kind: ProviderType) -> Failure | None:
    """Ask about the key itself where anyone may read the list."""
    path = _KEY_PATHS.get(kind.name)
    if path is None or not talk.route.api_key:
        return None
    answer = await talk.get(f"{talk.route.api_base}{path}")
    return answer if isinstance(answer, Failure) and answer.kind == "key" else None


async def _azure(talk: Talk) -> Checked | Failure:
    """Ask for Azure's base models: the key is needed, deployments are not listed."""
    base = talk.route.api_base or ""
    version = talk.route.api_version or AZURE_VERSION
    root = root_of(base).removesuffix("/openai")
    url = with_query(f"{root}/openai/models", **{"api-version": version})
    answer = await talk.get(url)
    if isinstance(answer, Failure):
        return answer
    return Checked(Listing(()), answer.latency_ms, "Azure does not list deployments")


async def _advised(talk: Talk, kind: ProviderType, failure: Failure) -> Failure:
    """Return *failure* with the base that answers instead, else with those asked in vain."""
    base = talk.route.api_base or ""
    others = () if kind.name in _NATIVE else other_bases(base)
    if failure.kind not in _ELSEWHERE or not others:
        return failure
    for other in others:
        answer = await talk.get(models_url(other))
        if isinstance(answer, Answer) and parse_listing(answer.data) is not None:
            return _with_advice(failure, f"its models are listed below {_shown(other, talk)}")
    tried = ", ".join(_shown(other, talk) for other in others)
    return _with_advice(failure, f"no list below {tried} either")


def _with_advice(failure: Failure, advice: str) -> Failure:
    return replace(failure, error=type(failure.error)(f"{failure.why}; {advice}"))


def _shown(base: str, talk: Talk) -> str:
    return excerpt(base, talk.target.secrets)


async def _note(talk: Talk, kind: ProviderType) -> str | None:
    """Tell of a base that lists models below /v1 while calls go to it as it stands."""
    base = talk.route.api_base or ""
    if kind.name not in ("custom", "openai") or has_version(base):
        return None
    answer = await talk.get(below(base, f"{urlsplit(base).path.rstrip('/')}/models"))
    if isinstance(answer, Answer) and parse_listing(answer.data) is not None:
        return None
    return f"its models are below /v1, and so may its calls be: use the base {root_of(base)}/v1"


def _untested(kind: ProviderType) -> Failure:
    message = f"{kind.name} has no list to ask for; --call tests it with a real call"
    return Failure("untested", ProviderError(message))
