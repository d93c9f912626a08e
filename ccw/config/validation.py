"""Turn pydantic's findings into sentences: the field as it stands in the file, what it expects."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from ccw.errors import CcwError

Model = TypeVar("Model", bound=BaseModel)
_SHOWN = 5  # problems that one message spells out
_EXPECTED = {
    "string_type": "a text",
    "bool_type": "true or false",
    "int_type": "a whole number",
    "float_type": "a number",
    "finite_number": "a finite number",
    "tuple_type": "a list",
    "dict_type": "an object",
    "model_type": "an object",
    "model_attributes_type": "an object",
    "string_unicode": "a text without lone surrogates",
}
_KINDS = {
    dict: "an object",
    list: "a list",
    tuple: "a list",
    str: "a text",
    bool: "true or false",
    int: "a number",
    float: "a number",
    type(None): "null",
}


def parse(model: type[Model], data: object, error: Callable[[str], CcwError]) -> Model:
    """Return *data* as *model*; what is wrong with it is raised as *error*, never with a value.

    The error is raised outside the handler: pydantic's own holds the whole input, keys included,
    and would hang on the new one as its context.
    """
    try:
        return model.model_validate(data)
    except ValidationError as invalid:
        problems = [_sentence(item) for item in invalid.errors(include_url=False)]
    raise error(_joined(problems))


def field_path(loc: tuple[int | str, ...]) -> str:
    """Return `providers[0].apiKey` for ("providers", 0, "apiKey")."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in loc)
    return "".join(parts).removeprefix(".")


def _joined(problems: list[str]) -> str:
    more = len(problems) - _SHOWN
    return "; ".join(problems[:_SHOWN]) + (f"; and {more} more" if more > 0 else "")


def _sentence(item: Mapping[str, Any]) -> str:
    where = field_path(item["loc"])
    return f"{where}: {_problem(item)}" if where else _problem(item)


def _problem(item: Mapping[str, Any]) -> str:
    kind, context, given = item["type"], item.get("ctx", {}), item["input"]
    if kind == "missing":
        return "is missing"
    if kind in _EXPECTED:
        return f"expected {_EXPECTED[kind]}, got {_KINDS.get(type(given), type(given).__name__)}"
    if kind == "literal_error":
        return f"expected one of {context['expected']}, got {_shown(given)}"
    if kind == "string_pattern_mismatch":
        return (
            "expected an id of letters, digits, '.', '_' and '-' that begins with a letter or "
            f"digit and has at most 64 characters, got {_shown(given)}"
        )
    if kind == "value_error":
        return str(context["error"])
    return str(item["msg"]).replace("Input should", "should")


def _shown(given: object) -> str:
    """Return the value of a field that holds a name from a list or an id, never a secret."""
    return repr(given if not isinstance(given, str) else given[:80])
