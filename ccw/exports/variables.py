"""References as other programs can hold them: one environment variable, or text around some."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from ccw.config.provider_types import KNOWN_TYPES
from ccw.config.references import variables

ENVIRON = "os.environ/"  # a LiteLLM proxy's: the variable's name follows
_ALONE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(:-[^}]*)?\}|\$([A-Za-z_][A-Za-z0-9_]*)")
_ANY = re.compile(r"\$\{[^}]*\}")
_PLAIN = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_USUAL = frozenset(name for kind in KNOWN_TYPES.values() for name in kind.key_variables)


def variable_name(*parts: str) -> str:
    """Return the name of a variable for *parts*: ("my-own", "api key") -> MY_OWN_API_KEY.

    It is none of the usual ones, whose key belongs to one host.
    """
    name = re.sub(r"[^A-Za-z0-9]+", "_", "_".join(parts)).strip("_").upper()
    return f"CCW_{name}" if name[:1].isdigit() or name in _USUAL else name


class Names:
    """Names for variables that stand in for something, each for one thing, none in *taken*."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = set(taken)
        self._given: dict[tuple[str, str], str] = {}

    def name(self, provider_id: str, suffix: str) -> str:
        """Return the name for *suffix* of a provider, the same one every time."""
        if (provider_id, suffix) not in self._given:
            base = name = variable_name(provider_id, suffix)
            number = 2
            while name in self._taken:
                name, number = f"{base}_{number}", number + 1
            self._taken.add(name)
            self._given[provider_id, suffix] = name
        return self._given[provider_id, suffix]


def is_reference(value: str) -> bool:
    """Tell whether *value* holds a reference of any kind."""
    return bool(_ANY.search(value) or variables(value))


def sole_variable(value: str) -> str | None:
    """Return NAME where *value* is `${NAME}`, `${NAME:-default}` or `$NAME` and nothing else."""
    match = _ALONE.fullmatch(value)
    return (match[1] or match[3]) if match else None


@dataclass(slots=True)
class Variables:
    """Which variables an export reads, and which references they have to stand in for."""

    stand_ins: Names = field(default_factory=Names)
    names: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def name_for(self, value: str, provider_id: str, suffix: str) -> str:
        """Return the variable that stands for *value*: its own, else one named after the provider.

        What it has to hold then is noted.
        """
        name = sole_variable(value)
        if name is None:
            name = self.stand_ins.name(provider_id, suffix)
            what = f"what {value} gives" if value else "its key"
            self._note(f"provider {provider_id}: put {what} into {name}")
        elif ":-" in value and not value.endswith(":-}"):
            self._note(f"provider {provider_id}: the default in {value} (export {name})")
        return self.use(name)

    def text(self, value: str, provider_id: str, suffix: str, form: str) -> str:
        """Return *value* with its variables written as *form*, such as `{env:%s}`.

        Where it holds more than plain variables, one variable stands for the whole of it.
        """
        if sole_variable(value) or _ANY.sub("", _PLAIN.sub("", value)) != _PLAIN.sub("", value):
            return form % self.name_for(value, provider_id, suffix)
        return _PLAIN.sub(lambda match: form % self.use(match[1]), value)

    def use(self, name: str) -> str:
        """Note that *name* is read, and return it."""
        if name not in self.names:
            self.names.append(name)
        return name

    def _note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)
