"""Where a gateway lists its models, from the base that its calls go to. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlencode, urlsplit, urlunsplit

# "…/v1", "…/v1beta", also Gemini's "…/v1beta/openai"
_VERSIONED = re.compile(r"/v\d+[a-z0-9]*(/openai)?$", re.I)
_BETA = "/beta"  # DeepSeek's for unfinished features; the list is not below it


def root_of(base: str) -> str:
    """Return *base* without a version at its end, and without query and fragment."""
    parts = urlsplit(base)
    path = _VERSIONED.sub("", parts.path.rstrip("/"))
    return urlunsplit((parts.scheme, parts.netloc, path, "", ""))


def has_version(base: str) -> bool:
    """Tell whether *base* ends in a version such as `/v1` or `/v4`."""
    return _VERSIONED.search(urlsplit(base).path.rstrip("/")) is not None


def models_url(base: str) -> str:
    """Return where an OpenAI-compatible gateway at *base* lists its models.

    A base that ends in a version is not given another; its query goes along.
    """
    path = urlsplit(base).path.rstrip("/")
    if path.endswith(_BETA):
        return below(base, f"{path.removesuffix(_BETA)}/models")
    return below(base, f"{path}/models" if has_version(base) else f"{path}/v1/models")


def below(base: str, path: str) -> str:
    """Return the address of *path* on the host of *base*, with the query of *base*."""
    parts = urlsplit(base)
    return urlunsplit((parts.scheme, parts.netloc, path, parts.query, ""))


def with_query(url: str, **values: str | int) -> str:
    """Return *url* with *values* added to its query."""
    parts = urlsplit(url)
    query = "&".join(filter(None, (parts.query, urlencode(values))))
    return urlunsplit((parts.scheme, parts.netloc, parts.path, query, parts.fragment))


def other_bases(base: str) -> tuple[str, ...]:
    """Return the bases worth a try where *base* has no list of models, the likeliest first."""
    asked = {models_url(base)}
    found = []
    for other in _others(base):
        if models_url(other) not in asked:
            asked.add(models_url(other))
            found.append(other)
    return tuple(found)


def _others(base: str) -> Iterator[str]:
    parts = urlsplit(base)
    origin, without = urlunsplit((parts.scheme, parts.netloc, "", "", "")), root_of(base)
    if has_version(base):
        yield without
    yield from (f"{origin}{path}" for path in ("/v1", "/api/v1", "/openai/v1"))
