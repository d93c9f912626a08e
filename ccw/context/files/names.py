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
