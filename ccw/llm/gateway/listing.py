"""Ask a gateway for its models, each in its own way: OpenAI's, Anthropic's, Gemini's, Ollama's."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ccw.config.provider_types import ProviderType
from ccw.llm.call.request import Route
from ccw.llm.gateway.addresses import has_version, models_url, root_of, with_query
from ccw.llm.gateway.failures import Failure, without_list
from ccw.llm.gateway.parsing import Listed, Listing, count, joined, parse_listing
from ccw.llm.gateway.talk import TIMEOUT, Answer, Talk, bearer, begin, unsendable

ANTHROPIC_VERSION = "2023-06-01"
PAGE = 1000
MOST_PAGES = 20
MOST_SHOWN = 32  # models whose window Ollama is asked for, one request each
UNLISTED = frozenset({"azure", "bedrock", "local"})  # no list of what can be called


@dataclass(frozen=True, slots=True)
class Found:
    """A list that a gateway gave, and the milliseconds to its first answer."""

    listing: Listing
    latency_ms: float


def has_list(kind: ProviderType, base: str | None) -> bool:
    """Tell whether a provider of this type at *base* can be asked for its models."""
    return kind.name not in UNLISTED and base is not None


async def fetch_models(
    route: Route, kind: ProviderType, *, timeout: float = TIMEOUT
) -> Found | Failure:
    """Return the models of the gateway at the base of *route*, all within *timeout* seconds."""
    return unsendable(route) or await ask_models(talk_with(route, kind, timeout), kind)


def talk_with(route: Route, kind: ProviderType, timeout: float) -> Talk:
    """Begin a talk in which the key goes as a provider of type *kind* wants it."""
    return begin(route, _headers(route, kind), timeout=timeout)


async def ask_models(talk: Talk, kind: ProviderType) -> Found | Failure:
    """Return what the gateway of *talk* lists."""
    ask = _WAYS.get(kind.name, _openai)
    return await ask(talk, talk.route.api_base or "")


def _headers(route: Route, kind: ProviderType) -> dict[str, str]:
    if kind.name == "anthropic":
        key = {"x-api-key": route.api_key} if route.api_key else {}
        return {"anthropic-version": ANTHROPIC_VERSION, **key}
    if kind.name == "google":
        return {"x-goog-api-key": route.api_key} if route.api_key else {}
    if kind.name == "azure":
        return {"api-key": route.api_key} if route.api_key else {}
    organization = {"OpenAI-Organization": route.organization} if route.organization else {}
    return {**bearer(route), **organization}


async def _openai(talk: Talk, base: str) -> Found | Failure:
    return _found(await talk.get(models_url(base)), talk)


async def _anthropic(talk: Talk, base: str) -> Found | Failure:
    url = f"{root_of(base)}/v1/models"

    def following(data: Any) -> str | None:
        last = data.get("last_id") if _says(data, "has_more", bool) else None
        return with_query(url, limit=PAGE, after_id=last) if isinstance(last, str) else None

    return await _pages(talk, with_query(url, limit=PAGE), following)


async def _gemini(talk: Talk, base: str) -> Found | Failure:
    url = f"{base}/models" if has_version(base) else f"{base}/v1beta/models"

    def following(data: Any) -> str | None:
        token = data["nextPageToken"] if _says(data, "nextPageToken", str) else None
        return None if token is None else with_query(url, pageSize=PAGE, pageToken=token)

    return await _pages(talk, with_query(url, pageSize=PAGE), following)


async def _pages(talk: Talk, url: str, following: Callable[[Any], str | None]) -> Found | Failure:
    """Join the lists from *url* on; *following* names the next page."""
    page = await talk.get(url)
    found = _found(page, talk)
    if isinstance(found, Failure):
        return found
    listings = [found.listing]
    while len(listings) < MOST_PAGES:
        more = following(page.data) if isinstance(page, Answer) else None
        if more is None:
            break
        page = await talk.get(more)
        further = _found(page, talk)
        if isinstance(further, Failure):
            return further
        listings.append(further.listing)
    return Found(_chained(listings), found.latency_ms)


def _says(data: Any, name: str, kind: type) -> bool:
    """Tell whether *data* has something of *kind* under *name*, and not nothing."""
    return isinstance(data, dict) and isinstance(data.get(name), kind) and bool(data[name])


def _chained(listings: list[Listing]) -> Listing:
    once = joined(model for listing in listings for model in listing.models)
    return Listing(once.models, sum(listing.skipped for listing in listings))


async def _ollama(talk: Talk, base: str) -> Found | Failure:
    root = root_of(base)
    found = _found(await talk.get(f"{root}/api/tags"), talk)
    if isinstance(found, Failure):
        return found
    models = found.listing.models
    asked = (_ollama_window(talk, root, model) for model in models[:MOST_SHOWN])
    shown = await asyncio.gather(*asked)
    return Found(Listing((*shown, *models[MOST_SHOWN:]), found.listing.skipped), found.latency_ms)


async def _ollama_window(talk: Talk, root: str, model: Listed) -> Listed:
    answer = await talk.post(f"{root}/api/show", {"model": model.id})
    shown = answer.data if isinstance(answer, Answer) and isinstance(answer.data, dict) else {}
    info = shown.get("model_info")
    named = info if isinstance(info, dict) else {}
    window = next((named[name] for name in named if name.endswith(".context_length")), None)
    return model.model_copy(update={"context_window": count(window)})


async def _litellm(talk: Talk, base: str) -> Found | Failure:
    """Ask a LiteLLM proxy, and what it knows of each model by routes of its own."""
    found, info = await asyncio.gather(_openai(talk, base), _litellm_info(talk, root_of(base)))
    if isinstance(found, Failure):
        return found
    models = tuple(_completed(info.get(model.id), model) for model in found.listing.models)
    return Found(Listing(models, found.listing.skipped), found.latency_ms)


async def _litellm_info(talk: Talk, root: str) -> dict[str, Listed]:
    for path in ("/v1/model/info", "/model_group/info"):
        answer = await talk.get(f"{root}{path}")
        listing = parse_listing(described(answer.data)) if isinstance(answer, Answer) else None
        if listing is not None:
            return {model.id: model for model in listing.models}
    return {}


def described(data: Any) -> list[dict[str, Any]] | None:
    """Return what a proxy tells of its models, each named as its users call it; None for no list.

    `model_info.id` is a digest.
    """
    entries = data.get("data") if isinstance(data, dict) else None
    if not isinstance(entries, list):
        return None
    return [_named(entry) for entry in entries if isinstance(entry, dict)]


def _named(entry: Mapping[str, Any]) -> dict[str, Any]:
    info = entry.get("model_info")
    name = entry.get("model_name") or entry.get("model_group")
    return {**(info if isinstance(info, dict) else {}), **entry, "id": name}


def _completed(known: Listed | None, listed: Listed) -> Listed:
    """Return *known*, completed by what the list itself says."""
    if known is None:
        return listed
    own = {name: value for name, value in dict(known).items() if value is not None}
    return listed.model_copy(update={**own, "owner": listed.owner, "name": listed.name})


def _found(answer: Answer | Failure, talk: Talk) -> Found | Failure:
    if isinstance(answer, Failure):
        return answer
    listing = parse_listing(answer.data)
    return without_list(talk.target) if listing is None else Found(listing, answer.latency_ms)


_WAYS: dict[str, Callable[[Talk, str], Awaitable[Found | Failure]]] = {
    "anthropic": _anthropic,
    "google": _gemini,
    "litellm": _litellm,
    "ollama": _ollama,
}
