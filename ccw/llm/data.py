"""litellm's data files, read where the package lies and without importing it (2 s)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from pydantic_core import from_json

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
def model_map() -> Mapping[str, Mapping[str, Any]]:
    """Return litellm's map of models: id -> prices in USD per token, windows in tokens."""
    entries: dict[str, Mapping[str, Any]] = from_json((litellm_folder() / MODEL_MAP).read_bytes())
    return entries
