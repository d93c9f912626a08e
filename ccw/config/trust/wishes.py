"""What a project asks of the user: which keys, commands and files, and for whom; pure.

Harmless, and no wish, is what goes to the type's own hosts or to loopback, and whatever the
project brought itself: literals, values of its `.env`, files inside it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal

from ccw.config.bases import origin_of
from ccw.config.models import LiteLLMApiConfig, ProviderCredential
from ccw.config.provider_texts import asks_sources
from ccw.config.provider_types import KNOWN_TYPES, provider_type
from ccw.config.references import ProjectEnviron, Reference, references
from ccw.config.trust.addresses import Address, address
from ccw.config.trust.belonging import cache_place, is_own_variable, outside_file

_ANY_HOST = ("*",)
Kind = Literal["key", "command", "file", "cacheDir", "proxy", "instead", "written"]
# OpenAI-compatible servers of one's own, for which litellm finds no credentials of the machine
_PLAIN_TYPES = frozenset(
    {"hosted_vllm", "vllm", "lm_studio", "llamafile", "xinference", "docker_model_runner"}
)


@dataclass(frozen=True, slots=True, order=True)
class Wish:
    """One thing that a project asks for; it never holds a value.

    *what* is the reference as written (of a file or folder the place that it leads to), *where*
    the address that it is for, as `scheme://host[:port]`, with what the user's own environment
    fills in as written; of a `cacheDir` it is the setting as written. Of "instead" *what* is
    the user's own provider or endpoint that would not be asked. "written" is no wish: it is put on
    record, *what* being a reference or address that the user's own ccw wrote.
    """

    kind: Kind
    what: str
    where: str


def wishes(config: LiteLLMApiConfig, environ: ProjectEnviron) -> frozenset[Wish]:
    """Return all that *config* asks for, whether or not the variables are set now."""
    providers = (*config.providers, gateway_of_variables())
    asked = [wishes_of_provider(provider, environ) for provider in providers if provider.enabled]
    folder = wishes_of_cache(config.global_cache_settings.cache_dir, environ)
    return folder.union(*asked)


@cache
def gateway_of_variables() -> ProviderCredential:
    """Return the LiteLLM proxy of the LITELLM_* variables, which a `.env` may set as well."""
    return ProviderCredential.model_construct(
        id="litellm",
        name="litellm",
        type="litellm",
        api_key="${LITELLM_API_KEY}",
        api_base="${LITELLM_BASE_URL:-http://localhost:4000}",
    )


def wishes_of_provider(provider: ProviderCredential, environ: ProjectEnviron) -> frozenset[Wish]:
    """Return what a call to *provider* asks for, whether or not it is enabled."""
    return frozenset(_Asking(provider, environ).all())


def asks_the_same_anywhere(provider: ProviderCredential) -> bool:
    """Tell whether a call to *provider* asks for the same in every project without a `.env`.

    Its addresses are written out, its keys are variables or literals, and it is no gateway that
    the environment makes the user's own.
    """
    addresses = (provider.api_base or "", provider.advanced_settings.proxy or "")
    is_gateway = provider_type(provider.type).hosts == _ANY_HOST
    return not (is_gateway or asks_sources(provider) or any(map(references, addresses)))


def parts_of_provider(provider: ProviderCredential, environ: ProjectEnviron) -> frozenset[str]:
    """Return all that wishes of *provider* could name, as they name it: secrets and addresses."""
    return frozenset(_Asking(provider, environ).parts())


def places_of_provider(provider: ProviderCredential, environ: ProjectEnviron) -> tuple[str, str]:
    """Return where a call to *provider* goes and through which proxy ("": none), for people."""
    asking = _Asking(provider, environ)
    return asking.where, asking.proxy.shown


def wishes_of_cache(cache_dir: str, environ: ProjectEnviron) -> frozenset[Wish]:
    """Return the wish for a `cacheDir` outside the project and the user's own folder, if it is."""
    place = cache_place(cache_dir, environ)
    return frozenset() if place is None else frozenset({Wish("cacheDir", place, cache_dir)})


class _Asking:
    """One provider's call: where it goes, what it carries."""

    def __init__(self, provider: ProviderCredential, environ: ProjectEnviron) -> None:
        self.provider, self.environ = provider, environ
        self.kind = provider_type(provider.type)
        self.base = address(provider.api_base or self.kind.default_base or "", environ)
        self.proxy = address(provider.advanced_settings.proxy or "", environ)

    def all(self) -> Iterator[Wish]:
        """Yield every wish; some more than once."""
        for reference in self._sent():
            yield from self._at_base(reference)
            yield from self._at_proxy(reference)
        for reference in self._needed(self.proxy):
            yield from self._at_proxy(reference)
        if self._uses_machine_credentials() and not self._is_harmless():
            yield Wish("key", self._credentials, self.where)

    def parts(self) -> Iterator[str]:
        """Yield what wishes could name; harmless as it may be where it is now."""
        yield from filter(None, map(self._what, (*self._sent(), *self._needed(self.proxy))))
        yield from filter(None, (self.where, self.proxy.shown, self._credentials))

    @property
    def _credentials(self) -> str:
        return f"credentials of {self.kind.name}"

    @property
    def where(self) -> str:
        """The address of the call, for people; a type that litellm knows has none."""
        return self.base.shown or f"{self.kind.name}'s own address"

    def _sent(self) -> Iterator[Reference]:
        """Yield every reference whose value the base gets to see."""
        for text in self._secret_texts():
            yield from references(text)
        yield from self._needed(self.base)

    def _at_base(self, reference: Reference) -> Iterator[Wish]:
        what = self._what(reference)
        if what is None:
            return
        if reference.kind == "cmd":
            yield Wish("command", what, self.where)
        elif reference.kind == "file":
            yield Wish("file", what, self.where)
        elif not self._is_harmless():
            yield Wish("key", what, self.where)

    def _at_proxy(self, reference: Reference) -> Iterator[Wish]:
        what = self._what(reference)
        if what is not None and self.proxy.written and not self.proxy.is_loopback:
            yield Wish("proxy", what, self.proxy.shown)

    def _what(self, reference: Reference) -> str | None:
        """Return how a wish names *reference*, None for what the project brought itself."""
        if reference.kind == "variable":
            name = reference.argument  # the default may be a literal secret
            return None if is_own_variable(name, self.environ) else f"${{{name}}}"
        if reference.kind == "file":
            path = outside_file(reference.argument, self.environ)
            return None if path is None else f"${{file:{path}}}"
        return None if reference.kind == "unknown" else reference.written

    def _is_harmless(self) -> bool:
        """Whether a key may go there without asking: the type's own hosts, loopback."""
        base = self.base.actual
        if not self.base.written:
            return True
        return bool(base and origin_of(base)) and (self.base.is_loopback or self._owns(base or ""))

    def _owns(self, base: str) -> bool:
        """A LiteLLM proxy belongs to the user where the user's own environment names it."""
        if self.kind.hosts != _ANY_HOST:
            return self.kind.owns(base)
        return origin_of(base) == origin_of(self.environ.process.get("LITELLM_BASE_URL", ""))

    def _secret_texts(self) -> Iterator[str]:
        provider = self.provider
        yield provider.api_key or self._usual_key()
        yield from (entry.key for entry in provider.api_keys if entry.enabled)
        yield from (provider.advanced_settings.custom_headers or {}).values()

    def _usual_key(self) -> str:
        """A foreign base is sent no usual key, but a LiteLLM proxy is wherever it stands."""
        names = self.kind.key_variables if self.kind.hosts == _ANY_HOST else ()
        return "".join(f"${{{name}}}" for name in names)

    def _uses_machine_credentials(self) -> bool:
        """Whether litellm may sign or authorise with what it finds: profiles, tokens, roles."""
        name = self.kind.name
        return name == "bedrock" or (name not in KNOWN_TYPES and name not in _PLAIN_TYPES)

    def _needed(self, place: Address) -> Iterator[Reference]:
        """Yield what an address is made of; what is the whole of it tells nobody else."""
        for reference in references(place.written):
            by_default = reference.default and not self.environ.get(reference.argument)
            if not by_default and not place.is_only(reference):
                yield reference
