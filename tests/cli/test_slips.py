"""A name that is nearly right is answered with the right one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.providing import add, ccw, said, stored


@pytest.fixture
def configured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-loop")
    add(tmp_path, "--id", "work")
    ccw(tmp_path, "endpoint", "add", "mine", "--provider", "work", "--model", "m")
    return tmp_path


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        ("cli --model opnai/gpt-4o -p hi", 3, "Provider not found: opnai; did you mean openai? "),
        ("cli --model wrok/gpt-4o -p hi", 3, "Provider not found: wrok; did you mean work? "),
        ("cli --model local/foo -p hi", 3,
         "Model not found: foo of provider local; there is only smollm2: --model local/smollm2"),
        ("provider add --type custm", 2, "--type custm: did you mean custom? "),
        ("provider update work --type opena", 2, "--type opena: did you mean openai? "),
        ("init --type opnai --model m", 2, "--type opnai: did you mean openai? "),
        ("provider show wrok", 3, "Provider not found: wrok; did you mean work?\n"),
        ("provider update wrok --name x", 3, "Provider not found: wrok; did you mean work?\n"),
        ("provider remove wrok --yes", 3, "Provider not found: wrok; did you mean work?\n"),
        ("endpoint show mien", 3, "Endpoint not found: mien; did you mean mine?\n"),
        ("endpoint default mien", 3, "Endpoint not found: mien; did you mean mine?\n"),
        ("endpoint update mien --model x", 3, "Endpoint not found: mien; did you mean mine?\n"),
        ("endpoint remove mien --yes", 3, "Endpoint not found: mien; did you mean mine?\n"),
    ],
)  # fmt: skip
def test_did_you_mean(configured: Path, words: str, code: int, message: str) -> None:
    before = stored(configured)
    result = ccw(configured, *words.split())
    assert (result.exit_code, result.stdout) == (code, "")
    assert result.stderr.startswith(f"ccw: {message}")
    assert stored(configured) == before


def test_insisting_on_a_type(tmp_path: Path) -> None:
    words = ("provider", "add", "--type", "custm", "--id", "p", "--any-type")
    assert ccw(tmp_path, *words).stdout == "added p\n"
    assert stored(tmp_path)["providers"][0]["type"] == "custm"


@pytest.mark.parametrize(
    ("kind", "near"),
    [("cohere", None), ("azure_ai", "azure"), ("openai_like", "openai"), ("anthropic", None)],
)
def test_a_provider_of_litellm_needs_no_insisting(
    tmp_path: Path, kind: str, near: str | None
) -> None:
    added = said(ccw(tmp_path, "provider", "add", "--type", kind, "--id", "p"))
    note = f"note: {kind} is litellm's provider of that name; another type is {near}\n"
    assert added[:2] == (0, "added p\n")
    assert (note in added[2], "another type" in added[2]) == (near is not None, near is not None)


def test_fallbacks_are_looked_at(configured: Path) -> None:
    words = ("endpoint", "update", "mine", "--fallback", "spaer")
    told = "note: fallback Endpoint not found: spaer\n"
    assert said(ccw(configured, *words)) == (0, "updated mine\n", told)
    itself = ccw(configured, *words, "--fallback", "mine")
    assert (itself.exit_code, "cannot stand in for itself" in itself.stderr) == (3, True)
    assert stored(configured)["endpoints"][0]["fallbacks"] == ["spaer"]
    assert said(ccw(configured, "endpoint", "update", "mine", "--fallback", "")) == (
        0, "updated mine\n", "",
    )  # fmt: skip
    assert stored(configured)["endpoints"][0]["fallbacks"] == []
    ccw(configured, "endpoint", "add", "two", "--provider", "work", "--model", "m",
        "--fallback", "mine")  # fmt: skip
    ccw(configured, "endpoint", "update", "mine", "--no-fallbacks")
    assert [e["fallbacks"] for e in stored(configured)["endpoints"]] == [[], ["mine"]]
    both = ccw(configured, "endpoint", "update", "mine", "--fallback", "two", "--no-fallbacks")
    assert said(both) == (2, "", "ccw: --fallback and --no-fallbacks exclude each other\n")
