"""What a stranger gets: requirements that are pinned, hashed and satisfy the project's own."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import ccw

ROOT = Path(__file__).parents[1]
PINNED = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==([^ ;\\]+)", re.MULTILINE)
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def pins(name: str) -> dict[str, str]:
    """The versions that the requirement file *name* pins."""
    text = (ROOT / "requirements" / name).read_text()
    return {package.lower(): version for package, version in PINNED.findall(text)}


def wanted(*extras: str) -> list[Requirement]:
    """The project's requirements with those of *extras*."""
    optional = PROJECT["optional-dependencies"]
    lines = [*PROJECT["dependencies"], *(line for extra in extras for line in optional[extra])]
    return [Requirement(line) for line in lines if not line.startswith("ccw[")]


@pytest.mark.parametrize(
    ("name", "extras"), [("run.txt", ["local"]), ("dev.txt", ["local", "dev"])]
)
def test_pins_satisfy_the_project(name: str, extras: list[str]) -> None:
    pinned = pins(name)
    for requirement in wanted(*extras):
        assert requirement.specifier.contains(pinned[requirement.name.lower()]), requirement


def test_both_files_pin_the_same_versions() -> None:
    run, dev = pins("run.txt"), pins("dev.txt")
    assert {name: dev.get(name) for name in run} == run


@pytest.mark.parametrize("name", ["run.txt", "dev.txt"])
def test_every_pin_has_hashes_and_no_address(name: str) -> None:
    text = (ROOT / "requirements" / name).read_text()
    blocks = re.split(r"\n(?=[A-Za-z0-9])", text)
    assert all("--hash=sha256:" in block for block in blocks if "==" in block)
    assert not re.search(r"://|--index|--find-links", text)


def test_the_litellm_releases_with_a_planted_payload_are_never_installed() -> None:
    requirement = next(r for r in wanted() if r.name == "litellm")
    allowed = [v for v in ("1.82.6", "1.82.7", "1.82.8", "1.84.0") if v in requirement.specifier]
    assert allowed == ["1.84.0"]


def test_the_changelog_knows_the_version() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text()
    assert f"## [{ccw.__version__}]" in changelog or "## [Unreleased]" in changelog
