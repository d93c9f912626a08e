"""What the documents quote is what the program says, and what they link to is there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TROUBLES = (ROOT / "docs" / "troubleshooting.md").read_text(encoding="utf-8")
DOCUMENTS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]


def texts_of_the_code() -> Iterator[str]:
    """Every text that the package may print: the pieces of f-strings too, but no docstring."""
    for path in (ROOT / "ccw").rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        # a text that is a statement of its own documents and is never printed
        idle = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and id(node) not in idle:
                yield str(node.value)


def quoted_messages() -> list[str]:
    """The messages of the headings, and those that an entry begins with."""
    return re.findall(r"^(?:## |- )`([^`]+)`(?:$|:)", TROUBLES, re.MULTILINE)


@pytest.mark.parametrize("message", quoted_messages())
def test_a_quoted_message_stands_in_the_code(message: str) -> None:
    assert any(message in text for text in texts_of_the_code())


def test_there_are_quoted_messages() -> None:
    assert len(quoted_messages()) >= 6


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document: Path) -> None:
    targets = re.findall(r"\]\((?!https?:|#)([^)#]+)", document.read_text(encoding="utf-8"))
    assert [target for target in targets if not (document.parent / target).exists()] == []


def test_every_command_of_the_readme_exists() -> None:
    from ccw.cli.main import COMMANDS

    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"^\$ ccw (\w+)", readme, re.MULTILINE))
    named |= set(re.findall(r"`ccw (\w+)`", readme))
    assert named <= set(COMMANDS)
    assert named
