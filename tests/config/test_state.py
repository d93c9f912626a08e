"""What is remembered of providers and keys: whole, private, by many writers, never in the way."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import pytest

from ccw.config.models import ApiKeyEntry
from ccw.config.state import (
    KeyState,
    ProviderState,
    State,
    key_id,
    read_state,
    state_of,
    state_path,
    update_state,
    with_key,
    with_provider,
    with_state,
)
from tests.nobody import open_to_all, run_as_nobody

LIMITED = KeyState(state="limited", since=10.0, until=70.5)
TESTED = ProviderState(last_validated="2026-01-02T03:04:05.000Z", ok=True, latency_ms=12.5)


def note_key(number: int, state: State) -> State:
    return with_key(state, "p", f"k{number}", LIMITED)


def note_in(project: Path, number: int) -> bool:
    return update_state(project, partial(note_key, number))


def test_nothing_is_known_at_first(project: Path) -> None:
    assert read_state(project) == State()
    assert state_of(project, "p") == ProviderState()
    assert not state_path(project).exists()


def test_what_was_seen_is_read_again(project: Path) -> None:
    assert update_state(project, lambda state: with_provider(state, "p", TESTED))
    assert note_in(project, 1)
    expected = TESTED.model_copy(update={"keys": {"k1": LIMITED}})
    assert state_of(project, "p") == expected
    assert json.loads(state_path(project).read_text()) == {
        "providers": {
            "p": {
                "lastValidated": "2026-01-02T03:04:05.000Z",
                "ok": True,
                "latencyMs": 12.5,
                "keys": {"k1": {"state": "limited", "since": 10.0, "until": 70.5}},
            }
        }
    }
    assert stat.S_IMODE(state_path(project).stat().st_mode) == 0o600


def test_an_edit_that_changes_nothing_writes_nothing(project: Path) -> None:
    assert update_state(project, lambda state: state)
    assert not state_path(project).exists()


def test_unknown_fields_survive(project: Path) -> None:
    state_path(project).write_text('{"later": 1, "providers": {"q": {"newer": [2]}}}')
    note_in(project, 1)
    content = json.loads(state_path(project).read_text())
    assert (content["later"], content["providers"]["q"]) == (1, {"newer": [2]})


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\xff\xfe{", id="no-text"),
        pytest.param(b"[]", id="no-object"),
        pytest.param(b'{"providers": {"p": {"keys": {"k": {"state": "odd"}}}}}', id="odd-state"),
        pytest.param(b'{"providers": null}', id="null"),
        pytest.param(b'{"providers": {"p": {"lastValidated": "yesterday"}}}', id="no-date"),
        pytest.param(
            b'{"providers": {"p": {"lastValidated": "2026-02-31T00:00:00.000Z"}}}', id="odd-date"
        ),
        pytest.param(
            b'{"providers": {"p": {"lastValidated": "\\u001b[8m6-01-01T00:00:00.000Z"}}}',
            id="escapes-as-a-date",
        ),
        pytest.param(b'{"providers": {"p": {"error": "\\u001b[8m"}}}', id="escapes-as-an-error"),
        pytest.param(b'{"providers": {"p": {"latencyMs": NaN}}}', id="no-latency"),
        pytest.param(b"[" * 100_000, id="nested-deeply"),
        pytest.param(b'{"later": "' + b"x" * 2_000_000 + b'"}', id="huge"),
    ],
)
def test_a_broken_file_counts_as_empty_and_is_replaced(project: Path, content: bytes) -> None:
    state_path(project).write_bytes(content)
    assert read_state(project) == State()
    assert note_in(project, 1)
    assert state_of(project, "p").keys == {"k1": LIMITED}


def test_no_folder_is_made_for_it(tmp_path: Path) -> None:
    assert not note_in(tmp_path, 1)
    assert list(tmp_path.iterdir()) == []


def test_a_read_only_project_is_no_failure(project: Path) -> None:
    open_to_all(project)
    state_path(project).parent.chmod(0o555)
    code = (
        "from ccw.config.state import *\n"
        "edit = lambda s: with_provider(s, 'p', ProviderState(ok=True))\n"
        "print(update_state(Path(sys.argv[1]), edit), read_state(Path(sys.argv[1])))"
    )
    result = run_as_nobody(code, str(project))
    assert (result.stdout, result.stderr) == ("False providers={}\n", "")


def test_no_update_of_several_processes_is_lost(project: Path) -> None:
    with ProcessPoolExecutor(3, mp_context=get_context("spawn")) as pool:
        assert list(pool.map(partial(note_in, project), range(12))) == [True] * 12
    assert set(state_of(project, "p").keys) == {f"k{number}" for number in range(12)}
    names = {path.name for path in state_path(project).parent.iterdir()}
    assert names <= {"litellm-api-state.json", "litellm-api-state.json.lock"}


@pytest.mark.parametrize(
    ("changed", "is_told"),
    [
        pytest.param({}, True, id="never-changed"),
        pytest.param({"updatedAt": "2026-01-02T03:04:04.000Z"}, True, id="tested-since"),
        pytest.param({"updatedAt": "2026-01-02T03:04:06.000Z"}, False, id="changed-since"),
    ],
)
def test_an_answer_tells_the_last_test(changed: dict[str, str], is_told: bool) -> None:
    key = {
        "state": "limited",
        "since": "1970-01-01T00:00:10.000Z",
        "until": "1970-01-01T00:01:10.500Z",
    }
    test = {"ok": True, "latencyMs": 12.5, "error": None, "keys": {"k": key}}
    seen = TESTED.model_copy(update={"keys": {"k": LIMITED}})
    told = {"lastValidated": "2026-01-02T03:04:05.000Z", "lastTest": test} if is_told else {}
    assert with_state({"id": "p", **changed}, seen) == {"id": "p", **changed, **told}


def test_an_answer_tells_no_test_that_never_was() -> None:
    assert with_state({"id": "p"}, ProviderState()) == {"id": "p"}
    assert with_state({"id": "p"}, None) == {"id": "p"}


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        pytest.param(ApiKeyEntry(id="team", label="Team"), "team", id="its-id"),
        pytest.param(ApiKeyEntry(label="Team"), "key-2", id="its-place"),
    ],
)
def test_key_id(entry: ApiKeyEntry, expected: str) -> None:
    assert key_id(1, entry) == expected


def test_an_edit_that_fails_is_heard(project: Path) -> None:
    def fail(_state: State) -> State:
        raise KeyError("bug")

    failing: Callable[[State], State] = fail
    with pytest.raises(KeyError):
        update_state(project, failing)
