"""Projects with pools of keys and fallbacks, and servers that tell one key from another."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ccw import LiteLLMExecutionOptions, LiteLLMExecutionResult, execute_litellm_endpoint
from tests.projects import write_config
from tests.servers.loopback import Behaviour, Exchange, Recorded, Server
from tests.servers.openai_wire import say

BACKUP = "From the backup."
PRICED = {"id": "mine", "inputCostPerMillion": 1, "outputCostPerMillion": 10}


def key_of(exchange: Exchange) -> str:
    """The key of a request."""
    return exchange.request.headers.get("authorization", "").removeprefix("Bearer ")


def by_key(**behaviours: Behaviour) -> Behaviour:
    """Answer each key in its own way, those not named well."""

    def behave(exchange: Exchange) -> None:
        behaviours.get(key_of(exchange).removeprefix("sk-pool-"), say())(exchange)

    return behave


def hits(heard: Server | Sequence[Recorded]) -> Counter[str]:
    """How often each key called, without its prefix."""
    posts = heard.posts if isinstance(heard, Server) else heard
    keys = (post.headers.get("authorization", "Bearer none") for post in posts)
    return Counter(key.removeprefix("Bearer ").removeprefix("sk-pool-") for key in keys)


def keys(*names: str, **fields: Any) -> list[dict[str, Any]]:
    """Entries of `apiKeys` whose values begin with `sk-pool-`."""
    return [{"id": name, "key": f"sk-pool-{name}", **fields} for name in names]


def provider(name: str, base: str, **fields: Any) -> dict[str, Any]:
    """A provider of an OpenAI-compatible server."""
    return {"id": name, "name": name, "type": "custom", "apiBase": base, **fields}


def endpoint(name: str, provider_id: str, **fields: Any) -> dict[str, Any]:
    """An endpoint whose model bears its name."""
    return {"id": name, "name": name, "providerId": provider_id, "model": f"m-{name}", **fields}


def write(
    project: Path, providers: Sequence[Mapping[str, Any]], endpoints: Sequence[Mapping[str, Any]]
) -> None:
    """Write the configuration; the first endpoint is the default."""
    config = {"providers": providers, "endpoints": endpoints}
    write_config(project, {**config, "defaultEndpoint": endpoints[0]["id"]})


def pool(project: Path, base: str, entries: Sequence[Mapping[str, Any]], **fields: Any) -> None:
    """Configure the endpoint `ask` of a provider `p` with several keys."""
    write(project, [provider("p", base, apiKeys=entries, **fields)], [endpoint("ask", "p")])


def ask(project: Path, prompt: str = "Hi", **options: Any) -> LiteLLMExecutionResult:
    """Ask the default endpoint of *project*, or the one named."""
    environ = {"HOME": os.environ["HOME"], **options.pop("environ", {})}
    clock = {"clock": options.pop("clock")} if "clock" in options else {}
    return execute_litellm_endpoint(
        LiteLLMExecutionOptions(prompt, options.pop("endpoint_id", None), project, **options),
        environ=environ,
        **clock,
    )


def chain(project: Path, first: str, second: str, **fields: Any) -> None:
    """Configure `ask` with the fallback `backup`; *fields* are of the first provider."""
    providers = [
        provider("p", first, **fields),
        provider("q", second, models=[{**PRICED, "id": "m-backup"}]),
    ]
    write(project, providers, [endpoint("ask", "p", fallbacks=["backup"]), endpoint("backup", "q")])
