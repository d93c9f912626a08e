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
_HARMLESS = frozenset({".env.example"})


def is_secret(name: str) -> bool:
    """Tell whether a file of this base name usually bears secrets: a closed list, no guesses."""
    low = name.lower()
    return low not in _HARMLESS and (
        low in _SECRET_NAMES or low.endswith(_SECRET_SUFFIXES) or low.startswith(".env.")
    )


def is_left_out(name: str) -> bool:
    """Tell whether a file of this base name is usually left out: a secret's or compiled."""
    return name.endswith(IGNORED_SUFFIX) or is_secret(name)


def may_be_left_out(ending: str) -> bool:
    """Tell whether a visible name that ends in *ending* may be one that is left out."""
    low = ending.lower()
    special = (*_SECRET_NAMES, *_SECRET_SUFFIXES, IGNORED_SUFFIX)
    return any(name.endswith(low) or low.endswith(name) for name in special)
