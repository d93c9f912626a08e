"""Values of a proxy's configuration as ccw keeps them: references instead of literal secrets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ccw.config.bases import checked_base
from ccw.config.headers import PLAIN_HEADERS
from ccw.config.references import mask_address
from ccw.exports.clean import is_secret
from ccw.exports.proxy_file import Entry
from ccw.exports.variables import ENVIRON, sole_variable, variable_name
from ccw.exports.yaml_file import YamlFile

# written where a server needs no key, because litellm's clients insist on one
NO_KEYS = frozenset(
    {"", "anything", "dummy", "empty", "fake", "fake-key", "n/a", "na", "no-key", "none"}
    | {"not-needed", "null", "sk-no-key-required", "unused"}
)
_CALL_PARAMS = frozenset(
    {"dimensions", "encoding_format", "extra_body", "frequency_penalty", "logit_bias", "logprobs"}
    | {"max_completion_tokens", "max_tokens", "modalities", "n", "parallel_tool_calls"}
    | {"presence_penalty", "prompt_cache_key", "reasoning_effort", "response_format", "safety"}
    | {"seed", "service_tier", "stop", "temperature", "thinking", "top_k", "top_logprobs"}
    | {"top_p", "user", "verbosity", "aws_region_name", "aws_profile_name", "vertex_location"}
    | {"vertex_project", "voice", "size", "quality", "region_name"}
)
_PRICED = ("cost", "max_input_tokens", "max_output_tokens", "mode")


def named_variable(value: str) -> str | None:
    """Return NAME of `os.environ/NAME`, `${NAME}` or `$NAME`, None for any other text."""
    if value.startswith(ENVIRON):
        return sole_variable(f"${{{value.removeprefix(ENVIRON)}}}")
    return sole_variable(value)


@dataclass(slots=True)
class Values:
    """Turns values into references; a literal secret is not copied, the notes tell what to do."""

    file: YamlFile
    taken: set[str]
    notes: list[str] = field(default_factory=list)
    _named: dict[str, str] = field(default_factory=dict, repr=False)  # literal -> variable

    def key(self, entry: Entry, usual: str) -> str:
        """Return the key of *entry* as a reference, "" for none; *usual* names its variable."""
        text = (entry.params.api_key or "").strip()
        if text.lower() in NO_KEYS:
            return ""
        return self._reference(text, usual, entry, "api_key")

    def base(self, entry: Entry, usual: str) -> str | None:
        """Return the address of *entry*; one that shows a secret becomes a reference."""
        text = (entry.params.api_base or "").strip()
        if not text:
            return None
        if named_variable(text) or mask_address(text) != text:
            return self._reference(text, usual, entry, "api_base")
        try:
            return checked_base(text)
        except ValueError as error:
            problem = str(error)
        where = ("model_list", entry.index, "litellm_params", "api_base")
        raise self.file.error(
            f"model_list[{entry.index}].litellm_params.api_base {problem}", *where
        )

    def headers(self, entry: Entry, type_name: str) -> tuple[tuple[str, str], ...]:
        """Return the headers of *entry*, secret ones as references."""
        return tuple(
            (
                name,
                value
                if name.lower() in PLAIN_HEADERS
                else self._reference(
                    value, variable_name(type_name, name), entry, f"header {name}"
                ),
            )
            for name, value in (entry.params.extra_headers or {}).items()
        )

    def call_params(self, entry: Entry) -> dict[str, Any]:
        """Return the parameters for calls; what ccw has no place for is noted."""
        extra = entry.params.model_extra or {}
        held = {
            k: v
            for k, v in extra.items()
            if k in _CALL_PARAMS and not (_refers(v) or is_secret(k, v))
        }
        rest = [k for k in extra if k not in held and not any(part in k for part in _PRICED)]
        if rest:
            self._note(entry, "litellm_params", f"{', '.join(rest)} not imported")
        return held

    def _reference(self, text: str, usual: str, entry: Entry, name: str) -> str:
        variable = named_variable(text)
        if variable is None:
            variable = self._variable_for(text, usual)
            self._note(
                entry,
                name,
                f"{name} is written out there and was not copied; put it into {variable}",
            )
        return f"${{{variable}}}"

    def _variable_for(self, literal: str, usual: str) -> str:
        """Return one name for one literal, none that the file uses for something else."""
        if literal not in self._named:
            name, number = usual, 2
            while name in self.taken:
                name, number = f"{usual}_{number}", number + 1
            self.taken.add(name)
            self._named[literal] = name
        return self._named[literal]

    def _note(self, entry: Entry, field_name: str, text: str) -> None:
        where = ("model_list", entry.index, "litellm_params", field_name)
        self.notes.append(f"line {self.file.line(*where)}: {entry.name}: {text}")


def variables_of(entries: Iterable[Entry]) -> set[str]:
    """Return the names of all variables that *entries* refer to as keys, addresses, headers."""
    texts = [
        text
        for entry in entries
        for text in (
            entry.params.api_key,
            entry.params.api_base,
            *(entry.params.extra_headers or {}).values(),
        )
        if text
    ]
    return {name for name in map(named_variable, texts) if name}


def _refers(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(map(_refers, value.values()))
    if isinstance(value, list):
        return any(map(_refers, value))
    return isinstance(value, str) and value.startswith(ENVIRON)
