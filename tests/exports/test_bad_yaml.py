"""Files that are no proxy's configuration: each is refused with its file and line."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from ccw.config.views import written
from ccw.errors import CcwError, ImportRefused
from ccw.exports.proxy_file import MAX_MODELS, Info, Params, Settings
from ccw.exports.yaml_file import MAX_BYTES, MAX_NODES, parse_yaml, read_yaml
from tests.exports.configs import FILE, imported, plan_of

BOMB = "\n".join(
    ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    + [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 12)]
    + ["model_list: *a11"]
)
MERGE_BOMB = "\n".join(
    ["a0: &a0 {x: y}"]
    + [f"a{i}: &a{i} {{<<: [{', '.join([f'*a{i - 1}'] * 10)}]}}" for i in range(1, 12)]
    + ["model_list: []"]
)
CHAIN = "\n".join(
    ["a0: &a0 []", *(f"a{i}: &a{i} [*a{i - 1}]" for i in range(1, 3000)), "model_list: []"]
)
ENTRY = "model_list:\n  - model_name: m\n    litellm_params:\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", "config.yaml is empty", id="empty"),
        pytest.param("- a\n", "config.yaml:1: the file: expected names with values", id="a-list"),
        pytest.param("just text", "config.yaml:1: the file: expected names", id="a-text"),
        pytest.param("1: 2\n", "config.yaml:1: the file: expected names", id="a-number-as-name"),
        pytest.param("a: 1\n", "config.yaml:1: there is no model_list; is this", id="no-models"),
        pytest.param(
            "a: 1\nmodel_list: {}\n", "config.yaml:2: model_list: expected a list", id="no-list"
        ),
        pytest.param(
            "model_list:\n  - a\n", "config.yaml:2: model_list[0]: expected names", id="no-entry"
        ),
        pytest.param(
            "model_list:\n  - litellm_params: {}\n",
            "config.yaml:2: model_list[0].model_name: expected a text",
            id="no-name",
        ),
        pytest.param(
            "model_list:\n  - model_name: 3.5\n",
            "config.yaml:2: model_list[0].model_name: expected a text",
            id="a-number-as-model-name",
        ),
        pytest.param(
            "model_list:\n  - model_name: m\n",
            "config.yaml:2: model_list[0].litellm_params: expected names",
            id="no-params",
        ),
        pytest.param(f"{ENTRY}      rpm: 1\n", "config.yaml:3: model: is missing", id="no-model"),
        pytest.param(
            f"{ENTRY}      model: openai/a\n      rpm: many\n",
            "config.yaml:5: rpm: should be a valid integer",
            id="no-number",
        ),
        pytest.param(
            f"{ENTRY}      model: openai/a\n      api_key: [a]\n",
            "config.yaml:5: api_key: expected a text, got a list",
            id="a-list-as-key",
        ),
        pytest.param(
            f"{ENTRY}      model: openai/a\n      api_base: ftp://x\n",
            "config.yaml:5: model_list[0].litellm_params.api_base must begin with http://",
            id="no-address",
        ),
        pytest.param(
            f"{ENTRY}      model: nobody-knows\n",
            "config.yaml:4: model_list[0].litellm_params.model 'nobody-knows' is nobody's",
            id="a-bare-id-that-nobody-knows",
        ),
        pytest.param(
            f"{ENTRY}      model: os.environ/MODEL\n",
            "config.yaml:4: model_list[0].litellm_params.model is read from the environment",
            id="a-model-of-the-environment",
        ),
        pytest.param(
            "model_list: []\nrouter_settings: {fallbacks: [a]}\n",
            "config.yaml:2: fallbacks[0]: expected an object",
            id="fallbacks-without-lists",
        ),
        pytest.param(
            "model_list: []\nrouter_settings: [a]\n",
            "config.yaml:2: router_settings: expected names",
            id="settings-as-list",
        ),
        pytest.param(
            "model_list: []\nccw: {providers: 3}\n",
            "config.yaml:2: ccw.providers: expected a list",
            id="own-section-without-list",
        ),
        pytest.param(
            "model_list: []\nccw:\n  providers:\n  - {id: '!', name: x, type: openai}\n",
            "config.yaml:4: id: expected an id",
            id="own-section-with-a-bad-id",
        ),
        pytest.param(
            "model_list:\n  - !!python/object/apply:os.system [ls]\n",
            "config.yaml:2: the tag 'tag:yaml.org,2002:python/object/apply:os.system' is not read",
            id="python-tag",
        ),
        pytest.param("model_list: !mine []\n", "config.yaml:1: the tag '!mine'", id="own-tag"),
        pytest.param("a: 1\na: 2\n", "config.yaml:2: 'a' is there twice", id="a-key-twice"),
        pytest.param("? [a]\n: b\n", "config.yaml:1: a key is not a text", id="a-list-as-name"),
        pytest.param("a: b: c\n", "config.yaml:1: mapping values are not allowed", id="syntax"),
        pytest.param("a: [\n", "config.yaml:2: ", id="unclosed"),
        pytest.param("a: *b\n", "config.yaml:1: found undefined alias 'b'", id="unknown-alias"),
        pytest.param("a: 1\n---\nb: 2\n", "config.yaml:2: ", id="two-documents"),
        pytest.param("a: \x07\n", "config.yaml: character 0x7 is not allowed", id="bell"),
        pytest.param("a: 2024-99-99\n", "config.yaml: a value cannot be read", id="no-date"),
        pytest.param(f"a: {'9' * 5000}\n", "config.yaml: a value cannot be read", id="long-number"),
        pytest.param("a: &a [*a]\n", "config.yaml:1: an alias holds itself", id="cycle"),
        pytest.param("[" * 100, "config.yaml:1: nested over 50 deep", id="deep"),
        pytest.param("[" * 100_000, "config.yaml:1: nested over 50 deep", id="very-deep"),
        pytest.param(
            f"a: [{'1,' * (MAX_NODES + 1)}]",
            f"config.yaml:1: over {MAX_NODES} values, which no proxy's configuration has",
            id="too-many-values",
        ),
        pytest.param(BOMB, "its aliases stand for too much", id="billion-laughs"),
        pytest.param(MERGE_BOMB, "its aliases stand for too much", id="billion-merges"),
        pytest.param(CHAIN, "its aliases stand for too much", id="a-chain-of-aliases"),
    ],
)
def test_what_is_wrong_and_where(text: str, expected: str) -> None:
    start = time.monotonic()
    with pytest.raises(ImportRefused) as error:
        plan_of(text)
    assert expected in str(error.value)
    assert str(error.value).endswith("nothing was imported")
    assert (error.value.__cause__, error.value.__context__) == (None, None)
    assert time.monotonic() - start < 20


def test_a_tag_runs_nothing(tmp_path: Path) -> None:
    victim = tmp_path / "made"
    with pytest.raises(ImportRefused):
        plan_of(f"model_list: !!python/object/apply:os.mkdir ['{victim}']\n")
    assert not victim.exists()


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (None, "cannot be read: No such file or directory"),
        (b"\xff\xfe\xfa", "is not UTF-8; save it as UTF-8"),
        (b" " * (MAX_BYTES + 1), "is over 4 MB, which no proxy's configuration is"),
    ],
    ids=["missing", "not-utf-8", "huge"],
)
def test_files_that_cannot_be_read(tmp_path: Path, data: bytes | None, problem: str) -> None:
    path = tmp_path / "x.yaml"
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(ImportRefused) as error:
        read_yaml(path)
    assert str(error.value) == f"{path} {problem}; nothing was imported"


def test_a_byte_order_mark_is_no_part_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(b"\xef\xbb\xbfmodel_list: []\n")
    assert read_yaml(path).value == {"model_list": []}


@settings(max_examples=300)
@given(st.text("ab:-[]{}&*!|>'\"#%@`,?\n \t0.<~", max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(ImportRefused):
        assert parse_yaml(text, FILE).path == FILE


odd = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-2, 2**70),
        st.floats(),
        st.dates(),
        st.text(max_size=6),
        st.sampled_from(
            ["openai/x", "os.environ/A", "os.environ/", "*", "http://h/v1", "b", "\x00"]
        ),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=2), st.dictionaries(st.sampled_from(["a", "b"]), inner, max_size=2)
    ),
    max_leaves=3,
)
FIELDS = [*Params.model_fields, "base_url", "num_retries", "temperature", "input_cost_per_token"]
params = st.fixed_dictionaries(
    {"model": st.one_of(st.sampled_from(["openai/x", "azure/y", "gpt-4o", "a/b"]), odd)},
    optional={name: odd for name in FIELDS if name != "model"},
)
entries = st.fixed_dictionaries(
    {"model_name": st.one_of(st.sampled_from(["a", "b"]), odd), "litellm_params": params},
    optional={
        "model_info": st.one_of(
            odd, st.fixed_dictionaries({}, optional=dict.fromkeys(Info.model_fields, odd))
        )
    },
)
settings_of = st.fixed_dictionaries({}, optional=dict.fromkeys(Settings.model_fields, odd))
documents = st.fixed_dictionaries(
    {"model_list": st.lists(entries, max_size=3)},
    optional={"router_settings": settings_of, "litellm_settings": settings_of, "ccw": odd},
)


@settings(max_examples=200)
@given(documents)
def test_any_values_are_read_or_refused(document: Any) -> None:
    with suppress(CcwError):
        made, _ = imported(yaml.safe_dump(document))
        assert len(made.endpoints) <= len(document["model_list"])
        written(made)


def test_more_models_than_can_be_taken_in() -> None:
    count = MAX_MODELS + 1
    text = "model_list:\n" + "".join(
        f"- {{model_name: m{number}, litellm_params: {{model: openai/m}}}}\n"
        for number in range(count)
    )
    with pytest.raises(ImportRefused) as error:
        plan_of(text)
    assert str(error.value) == (
        f"config.yaml:1: {count} models, of which ccw takes in {MAX_MODELS} at most; choose some "
        "with --only REGEX; nothing was imported"
    )
    assert len(plan_of(text, only="^m4...$").endpoints) == 1000
