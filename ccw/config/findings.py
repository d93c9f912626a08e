"""What a check of the configuration has found, file by file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from typing import Any, Literal

Level = Literal["error", "warning", "information"]
_ORDER: tuple[Level, ...] = ("error", "warning", "information")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to know; `field` is a path in the file such as `providers[0].apiKey`, or "".

    `is_missing`: it refers to something that is not there, which another file might hold.
    """

    level: Level
    field: str
    message: str
    _: KW_ONLY
    is_missing: bool = False

    @property
    def text(self) -> str:
        """The finding as one line."""
        return f"{self.field}: {self.message}" if self.field else self.message


@dataclass(frozen=True, slots=True)
class Report:
    """All findings about one file, errors first."""

    path: Path
    findings: tuple[Finding, ...]

    @property
    def is_valid(self) -> bool:
        """Whether there is no error; warnings do not count."""
        return not self.count("error")

    @property
    def summary(self) -> str:
        """How many errors and warnings there are, in a few words."""
        errors, warnings = self.count("error"), self.count("warning")
        return f"{errors} error(s), {warnings} warning(s)" if errors or warnings else "valid"

    def without_missing(self) -> Report:
        """Return the report without what is said of things that are not there."""
        return Report(self.path, tuple(f for f in self.findings if not f.is_missing))

    def count(self, level: Level) -> int:
        """Return how many findings are of *level*."""
        return sum(finding.level == level for finding in self.findings)


def in_order(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return *findings* with the errors first, each level in the order of the file."""
    return tuple(sorted(findings, key=lambda finding: _ORDER.index(finding.level)))


def as_json(reports: Sequence[Report]) -> dict[str, Any]:
    """Return *reports* in camelCase; the first one is that of the project's file."""
    return {
        "path": str(reports[0].path),
        "valid": all(report.is_valid for report in reports),
        "errors": _items(reports, "error"),
        "warnings": _items(reports, "warning"),
        "information": _items(reports, "information"),
        "files": [{"path": str(r.path), "valid": r.is_valid} for r in reports],
    }


def _items(reports: Sequence[Report], level: Level) -> list[dict[str, str]]:
    return [
        {"path": str(report.path), "field": f.field, "message": f.message, "level": level}
        for report in reports
        for f in report.findings
        if f.level == level
    ]
