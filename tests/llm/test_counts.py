"""Counts are kept by content; the counts of cut pieces add up to that of the whole."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccw.llm.counts import COUNTS_FILE, cut, open_counter
from ccw.llm.tokens import count_tokens

TEXT = "def greet(name: str) -> str:\n    return f'hello {name}'\n"
LOADED = (
    "import sys; from pathlib import Path; from ccw.llm.counts import open_counter\n"
    "from ccw.llm import tokens\n"
    "with open_counter('gpt-4o', Path(sys.argv[1])) as counter:\n"
    "    print(counter.count(sys.argv[2].encode()), tokens._encoding.cache_info().currsize)\n"
)


def in_a_process(folder: Path, text: str) -> tuple[int, bool]:
    """Return the count of *text* and whether the tokenizer had to be loaded for it."""
    command = [sys.executable, "-c", LOADED, str(folder), text]
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    return int(out[0]), out[1] == "1"


def test_a_second_process_counts_nothing(tmp_path: Path) -> None:
    tokens = count_tokens(TEXT, "gpt-4o").tokens
    assert in_a_process(tmp_path, TEXT) == (tokens, True)
    assert in_a_process(tmp_path, TEXT) == (tokens, False)
    assert (tmp_path / COUNTS_FILE).stat().st_mode & 0o777 == 0o600


def test_each_tokenizer_has_its_own_counts(tmp_path: Path) -> None:
    text = "お誕生日おめでとう"
    for model in ("gpt-4o", "gpt-4"):
        for _ in range(2):
            with open_counter(model, tmp_path) as counter:
                assert counter.count(text.encode()) == count_tokens(text, model).tokens


def test_nothing_is_kept_without_a_folder(tmp_path: Path) -> None:
    with open_counter("gpt-4o", None) as counter:
        assert counter.count(b"hello world") == 2
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("spoilt", ["corrupt", "folder", "no-parent"])
def test_counts_that_cannot_be_kept_are_counted(tmp_path: Path, spoilt: str) -> None:
    folder = tmp_path / "deep" / "deeper" if spoilt == "no-parent" else tmp_path
    if spoilt == "corrupt":
        (folder / COUNTS_FILE).write_bytes(b"no database" * 1000)
    if spoilt == "folder":
        (folder / COUNTS_FILE).mkdir()
    with open_counter("gpt-4o", folder) as counter:
        assert counter.count(b"hello world") == 2


def test_a_broken_file_of_counts_is_made_new(tmp_path: Path) -> None:
    (tmp_path / COUNTS_FILE).write_bytes(b"no database" * 1000)
    for _ in range(2):
        with open_counter("gpt-4o", tmp_path) as counter:
            counter.count(TEXT.encode())
    assert in_a_process(tmp_path, TEXT)[1] is False


PIECES = st.lists(
    st.text(st.sampled_from("ab `#-_/\t\n\r'sé漢１ \u00a0{}().,0"), max_size=12), max_size=8
)


@settings(max_examples=600, deadline=None)
@given(pieces=PIECES, model=st.sampled_from(["gpt-4o", "gpt-4"]))
def test_the_tokens_of_pieces_add_up(pieces: list[str], model: str) -> None:
    whole = "".join(pieces).encode()
    places = [len("".join(pieces[:number]).encode()) for number in range(len(pieces))]
    parts = cut(whole, places)
    assert b"".join(parts) == whole
    with open_counter(model, None) as counter:
        assert counter.count_all(parts).tokens == count_tokens(whole.decode(), model).tokens
