"""litellm's data files, read where the package lies and without importing it (2 s)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from pydantic_core import from_json

PROVIDER_NAMES = "types/utils.py"  # the enumeration LlmProviders, which alone is complete
MODEL_MAP = "model_prices_and_context_window_backup.json"
TOKENIZERS = "litellm_core_utils/tokenizers"


def litellm_folder() -> Path:
    """Return the folder of the installed litellm package; raise ImportError when there is none."""
    spec = find_spec("litellm")
    if spec is None or not spec.submodule_search_locations:
        raise ImportError("litellm is not installed: pip install litellm")
    return Path(spec.submodule_search_locations[0])


def tokenizer_folder() -> Path:
    """Return the folder of BPE files that litellm ships, named as tiktoken's cache names them."""
    return litellm_folder() / TOKENIZERS


@cache
def provider_names() -> frozenset[str]:
    """Return the names of litellm's providers; none when they are not where they used to be."""
    try:
        text = (litellm_folder() / PROVIDER_NAMES).read_text(encoding="utf-8")
    except OSError:
        return frozenset()
    _, _, names = text.partition("\nclass LlmProviders(")
    return frozenset(re.findall(r"""^    [A-Z]\w* = ["']([^"']+)["']""", _block(names), re.M))


@cache
def model_map() -> Mapping[str, Mapping[str, Any]]:
    """Return litellm's map of models: id -> prices in USD per token, windows in tokens."""
    entries: dict[str, Mapping[str, Any]] = from_json((litellm_folder() / MODEL_MAP).read_bytes())
    return entries


def _block(text: str) -> str:
    """Return *text* up to the next line that is not indented."""
    _head, _, rest = text.partition("\n")
    end = re.search(r"^\S", rest, re.M)
    return rest[: end.start()] if end else rest
