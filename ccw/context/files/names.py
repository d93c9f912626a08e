"""Names that are left out of globs by themselves, and those that usually bear secrets."""

from __future__ import annotations

IGNORED_FOLDERS = frozenset(
    {".git", "node_modules", "dist", "build", ".next", "__pycache__", "venv", ".venv"}
)
IGNORED_SUFFIX = ".pyc"
_SECRET_NAMES = frozenset(
    {
        ".env",
        ".netrc",
        ".npmrc",
        ".pypirc",
        "credentials",
        "credentials.json",
        "id_dsa",
        "id_ecdsa",
        "id_ed25519",
        "id_rsa",
        "kubeconfig",
    }
)
_SECRET_SUFFIXES = (".pem", ".key", ".p12")
# the last three characters of visible names that are worth a look, in lower case
GUARDED_ENDS = frozenset(name[-3:] for name in (*_SECRET_NAMES, *_SECRET_SUFFIXES, IGNORED_SUFFIX))
_HARMLESS = frozenset({".env.example"})


def is_secret(name: str) -> bool:
    """Tell whether a file of this base name usually bears secrets: a closed list, no guesses."""
    low = name.lower()
    return low not in _HARMLESS and (
        low in _SECRET_NAMES or low.endswith(_SECRET_SUFFIXES) or low.startswith(".env.")
    )


def may_be_left_out(ending: str) -> bool:
    """Tell whether a visible name that ends in *ending* may be a secret's or a compiled file's."""
    low = ending.lower()
    special = (*_SECRET_NAMES, *_SECRET_SUFFIXES, IGNORED_SUFFIX)
    return any(name.endswith(low) or low.endswith(name) for name in special)
