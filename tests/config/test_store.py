"""The file: what is read, what is refused, what a save leaves behind."""

from __future__ import annotations

import json
import os
import stat
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccw.config import edit
from ccw.config.models import LiteLLMApiConfig
from ccw.config.places import config_path
from ccw.config.store import load, update
from ccw.errors import AlreadyExists, ConfigFileError, InvalidValue, NotFound
from tests.config.storing import CANARY, NOW, add, write, write_json


def test_a_missing_file_is_the_defaults_and_stays_missing(tmp_path: Path) -> None:
    assert load(tmp_path) == LiteLLMApiConfig()
    assert list(tmp_path.iterdir()) == []


def test_a_first_save_spells_out_the_main_keys(tmp_path: Path) -> None:
    add(tmp_path)
    text = config_path(tmp_path).read_text()
    assert json.loads(text) == {
        "version": 1,
        "providers": [
            {
                "id": "new",
                "name": "ollama",
                "type": "ollama",
                "apiKey": "",
                "enabled": True,
                "createdAt": "2025-01-01T00:00:00.000Z",
                "updatedAt": "2025-01-01T00:00:00.000Z",
            }
        ],
        "endpoints": [],
        "defaultEndpoint": None,
    }
    assert text.endswith("}\n")


def test_only_the_owner_may_read_the_file(project: Path) -> None:
    write_json(project, version=1).chmod(0o644)
    add(project)
    assert stat.S_IMODE(config_path(project).stat().st_mode) == 0o600


REFUSED = [
    pytest.param("", "is empty; delete it to start afresh", id="empty"),
    pytest.param(" \n", "is empty; delete it to start afresh", id="blank"),
    pytest.param(
        '{"providers": [\n  {"id": "a",', "is not valid JSON: Expecting property name enclosed in "
        "double quotes at line 2, column 14", id="truncated",
    ),
    pytest.param('{"a": 1}}', "is not valid JSON: Extra data at line 1, column 9", id="too-much"),
    pytest.param('{"a": NaN}', "is not valid JSON: NaN is no JSON number", id="nan"),
    pytest.param('{"a": 1, "a": 2}', "is not valid JSON: an object holds the key 'a' twice",
                 id="key-twice"),
    pytest.param('{"a": "\\ud800"}', "holds half of a surrogate pair", id="surrogate"),
    pytest.param(b'{"a": "\xff"}', "is not UTF-8 (byte 7)", id="not-utf8"),
    pytest.param("[" * 100_000, "is nested too deeply", id="too-deep"),
    pytest.param("[]", ": expected an object at the top level", id="list"),
    pytest.param("null", ": expected an object at the top level", id="null"),
    pytest.param(
        '{"version": 2}', "has version 2, this ccw knows versions up to 1; install a newer ccw",
        id="newer",
    ),
    pytest.param('{"version": 2, "providers": 5}', "has version 2", id="newer-of-another-shape"),
    pytest.param('{"version": "1"}', ": version: expected a whole number, got a text",
                 id="version-text"),
    pytest.param('{"version": true}', ": version: expected a whole number, got true or false",
                 id="version-bool"),
    pytest.param('{"version": -1}', ": version: expected 1, got -1", id="version-negative"),
    pytest.param('{"providers": {}}', ": providers: expected a list, got an object", id="no-list"),
    pytest.param('{"providers": [5]}', ": providers[0]: expected an object, got a number",
                 id="no-object"),
    pytest.param('{"providers": [{"id": "a"}]}',
                 ": providers[0].name: is missing; providers[0].type: is missing", id="missing"),
    pytest.param('{"providers": [{"id": "a/b", "name": "n", "type": "t"}]}',
                 ": providers[0].id: expected an id of letters", id="slash"),
    pytest.param('{"providers": [{"id": "a", "name": "n", "type": "t", "apiBase": "ftp://h"}]}',
                 ": providers[0].apiBase: must begin with http:// or https://", id="ftp"),
    pytest.param(json.dumps({"providers": [{"id": "a", "name": "n", "type": "t",
                                            "apiBase": f"http://u:{CANARY}@h"}]}),
                 ": providers[0].apiBase: must not hold a user name or password", id="user-info"),
    pytest.param(json.dumps({"providers": [{"id": "a", "name": "n", "type": "t",
                                            "apiKey": {"value": CANARY}}]}),
                 ": providers[0].apiKey: expected a text, got an object", id="key-object"),
    pytest.param(json.dumps({"providers": [{"id": "a", "name": 1, "type": "t", "apiKey": CANARY,
                                            "enabled": "yes"}]}),
                 ": providers[0].name: expected a text, got a number; "
                 "providers[0].enabled: expected true or false, got a text", id="two-problems"),
    pytest.param('{"endpoints": [{"id": "e x", "name": "n", "providerId": "p", "model": "m"}]}',
                 ": endpoints[0].id: expected an id of letters", id="space"),
    pytest.param('{"endpoints": [{"id": "e", "name": "n", "providerId": "p", "model": "m", '
                 '"cacheStrategy": {"layout": "fast", "ttlMinutes": "60"}}]}',
                 ": endpoints[0].cacheStrategy.ttlMinutes: expected a number, got a text; "
                 "endpoints[0].cacheStrategy.layout: expected one of 'stable', 'path' or 'overlay'"
                 ", got 'fast'", id="nested"),
    pytest.param('{"providers": [{"id": "a", "name": "n", "type": "t"},'
                 '{"id": "a", "name": "n", "type": "t"}]}',
                 ": providers[1].id: a is there twice; rename one of them", id="provider-twice"),
    pytest.param('{"endpoints": [{"id": "a", "name": "n", "providerId": "p", "model": "m"},'
                 '{"id": "a", "name": "n", "providerId": "p", "model": "m"}]}',
                 ": endpoints[1].id: a is there twice", id="endpoint-twice"),
    pytest.param('{"globalCacheSettings": null}',
                 ": globalCacheSettings: expected an object, got null", id="null-object"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "problem"), REFUSED)
def test_a_file_that_cannot_be_used_is_left_as_it_is(
    project: Path, content: str | bytes, problem: str
) -> None:
    path = write(project, content)
    before = path.read_bytes()
    for attempt in (load, add):
        with pytest.raises(ConfigFileError) as caught:
            attempt(project)
        assert f"{path} {problem}".replace(" :", ":") in str(caught.value)
        assert CANARY not in str(caught.value)
        assert (caught.value.__cause__, caught.value.__context__) == (None, None)
    assert path.read_bytes() == before
    assert sorted(os.listdir(path.parent)) == [path.name, f"{path.name}.lock"]


def test_many_problems_are_counted(project: Path) -> None:
    write_json(project, providers=[5] * 9)
    with pytest.raises(ConfigFileError, match=r"providers\[4\]: .*; and 4 more; correct it"):
        load(project)


def test_unknown_keys_survive_a_save(project: Path) -> None:
    content = {
        "$schema": "x",
        "version": 1,
        "providers": [
            {"id": "p", "name": "P", "type": "t", "future": [1, None], "advancedSettings": {"n": 1}}
        ],
        "endpoints": [
            {"id": "e", "name": "E", "providerId": "p", "model": "m", "cacheStrategy": {"n": {}},
             "params": {"stop": None, "x": 1.5}, "n": "ä\u2028"}
        ],
        "globalCacheSettings": {"n": False},
        "later": {"deep": {"er": None}},
    }  # fmt: skip
    write_json(project, **content)
    add(project)
    saved = json.loads(config_path(project).read_text())
    assert saved.pop("providers")[0] == content.pop("providers")[0]  # type: ignore[index]
    assert saved == content


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


@given(JSON)
def test_any_json_of_others_survives_a_save(value: Any) -> None:
    with tempfile.TemporaryDirectory() as name:
        path = config_path(Path(name))
        path.parent.mkdir(parents=True)
        endpoint = {"id": "e", "name": "E", "providerId": "p", "model": "m"}
        content = {"endpoints": [{**endpoint, "params": {"x": value}, "mine": value}], "own": value}
        path.write_text(json.dumps(content))
        add(Path(name))
        saved = json.loads(path.read_text())
    assert {key: saved[key] for key in content} == content


def test_snake_case_and_a_byte_order_mark_are_read(project: Path) -> None:
    write(project, b'\xef\xbb\xbf{"default_endpoint": "x"}')
    assert load(project).default_endpoint == "x"


def test_an_older_file_is_migrated_in_memory_and_kept_at_the_next_save(project: Path) -> None:
    old = '{"version": 0, "default_endpoint": null, "own": 1}'
    path = write(project, old)
    backup = path.with_name(path.name + ".bak")
    assert load(project).version == 1
    assert (path.read_text(), backup.exists()) == (old, False)
    add(project)
    saved = json.loads(path.read_text())
    assert (saved["version"], saved["own"], backup.read_text()) == (1, 1, old)
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    add(project, "second")
    assert backup.read_text() == old


def test_an_edit_that_fails_or_changes_nothing_writes_nothing(project: Path) -> None:
    path = write_json(project, version=1)
    before = path.stat()
    update(project, lambda config: (config, None))
    with pytest.raises(NotFound):
        update(project, lambda config: edit.remove_provider(config, "no"))
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_save_is_told_with_what_was_there_before(project: Path) -> None:
    saved: list[tuple[int, int, bool]] = []

    def on_saved(old: LiteLLMApiConfig, new: LiteLLMApiConfig) -> None:
        saved.append((len(old.providers), len(new.providers), load(project) == new))

    data = {"id": "p", "type": "ollama"}
    update(project, lambda config: edit.add_provider(config, data, NOW), on_saved)
    update(project, lambda config: (config, None), on_saved)
    with pytest.raises(AlreadyExists):
        update(project, lambda config: edit.add_provider(config, data, NOW), on_saved)
    assert saved == [(0, 1, True)]


@pytest.mark.parametrize("value", [object(), float("nan"), "\ud800"], ids=["object", "nan", "half"])
def test_what_is_no_json_is_not_saved(project: Path, value: object) -> None:
    path = write_json(project, version=1)
    data = {"id": "x", "type": "t", "mine": value}
    with pytest.raises(InvalidValue, match="a value cannot be written as JSON"):
        update(project, lambda config: edit.add_provider(config, data, NOW))
    assert path.read_text() == '{"version": 1}'


def test_a_symlinked_file_stays_a_symlink(project: Path) -> None:
    target = project / "dotfiles" / "ccw.json"
    target.parent.mkdir()
    target.write_text('{"own": 1}')
    config_path(project).symlink_to(target)
    add(project)
    assert config_path(project).is_symlink()
    assert json.loads(target.read_text())["own"] == 1
    assert [p.id for p in load(project).providers] == ["new"]


def test_what_a_killed_save_left_is_swept(project: Path) -> None:
    path = write_json(project, version=1)
    stale = path.with_name(path.name + ".tmp-abc")
    stale.write_text("half")
    add(project)
    assert not stale.exists()
