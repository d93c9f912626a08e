"""Find the @patterns of a prompt; pure text work, no file is touched."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pattern:
    """One @pattern: which files, or with `exclude` which not, and which of their lines.

    `token` is what the user typed, unquoted and with its `@`; `glob` is what follows the `@`
    (and the `!` of an exclusion) without the line range; `lines` is 1-based and inclusive.
    """

    token: str
    glob: str
    exclude: bool = False
    lines: tuple[int, int] | None = None
