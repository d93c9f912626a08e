"""Count tokens offline: exact for OpenAI's tokenizers, an estimate for all others."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from ccw.llm.data import tokenizer_folder
from ccw.llm.footprint import switched

if TYPE_CHECKING:
    from tiktoken import Encoding

ESTIMATOR = "o200k_base"  # within some 20 % for other current models on code and English
SHIPPED = {"o200k_base", "o200k_harmony", "cl100k_base"}
EXACT_ROUTES = {"openai", "azure"}


@dataclass(frozen=True, slots=True)
class TokenCount:
    """A number of tokens; not `exact` when the model's tokenizer is unknown."""

    tokens: int
    exact: bool

    def __str__(self) -> str:
        return f"{'' if self.exact else '~'}{self.tokens:,}"


@dataclass(frozen=True, slots=True)
class Tokenizer:
    """Counts the tokens of texts for one model."""

    name: str
    exact: bool

    def count(self, text: str) -> TokenCount:
        """Count *text* as plain text: special tokens in it have no special meaning."""
        encoding = _encoding(self.name)
        return TokenCount(len(encoding.encode_ordinary(text)), self.exact)


def tokenizer_for(model: str) -> Tokenizer:
    """Return the tokenizer of *model*, named with litellm's prefix (`openai/gpt-4o`) or bare."""
    from tiktoken.model import encoding_name_for_model

    route, _, name = model.rpartition("/")
    try:
        encoding = encoding_name_for_model(name)
    except KeyError:
        return Tokenizer(ESTIMATOR, exact=False)
    if encoding not in SHIPPED:
        return Tokenizer(ESTIMATOR, exact=False)
    return Tokenizer(encoding, exact=not route or route in EXACT_ROUTES)


def count_tokens(text: str, model: str) -> TokenCount:
    """Count the tokens of *text* for *model*."""
    return tokenizer_for(model).count(text)


@cache
def _encoding(name: str) -> Encoding:
    from tiktoken import get_encoding

    # tiktoken would download the files; the only switch it knows is this variable
    with switched({"TIKTOKEN_CACHE_DIR": str(tokenizer_folder())}):
        return get_encoding(name)
