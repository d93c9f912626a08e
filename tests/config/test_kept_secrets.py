"""Configurations kept from call to call: none that holds a secret."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ccw.config.places import config_path
from tests.config.keeping import P, look, names, users_path, write
from tests.config.storing import CANARY


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"apiKey": CANARY}, id="key"),
        pytest.param({"apiKey": f"${{A:-{CANARY}}}"}, id="default"),
        pytest.param({"apiKeys": [{"key": "${A}"}, {"key": CANARY}]}, id="pool"),
        pytest.param({"advancedSettings": {"customHeaders": {"X-A": CANARY}}}, id="header"),
        pytest.param({"advancedSettings": {"proxy": f"http://u:{CANARY}@h"}}, id="proxy"),
        pytest.param({"apiKey": f"${{cmd:vault --token={CANARY}}}"}, id="command"),
        pytest.param({"apiBase": f"https://h/v1?key={CANARY}"}, id="query"),
        pytest.param({"apiBase": f"https://h/v1?{CANARY}"}, id="word-of-query"),
        pytest.param({"apiBase": f"https://h/v1?key=${{A}}{CANARY}"}, id="rest-of-query"),
        pytest.param({"apiBase": f"https://h/v1?key=${{A:-{CANARY}}}"}, id="default-in-query"),
        pytest.param({"accessKey": CANARY}, id="unknown-field"),
    ],
)
@pytest.mark.parametrize("layer", ["project", "user"])
def test_what_holds_a_secret_is_not_kept(project: Path, fields: dict[str, Any], layer: str) -> None:
    path = config_path(project) if layer == "project" else users_path(project)
    write(path, {**P, **fields})
    assert look(project) is not look(project)
    write(path, {**P, "name": "Q"})
    assert look(project) is look(project)
    assert names(look(project)) == ["Q"]


def test_a_reference_is_no_secret(project: Path) -> None:
    keys = [{"key": "${keyring:ccw/p}"}, {"key": "$NAME"}]
    base = "https://h/v1?key=${KEY}&api-version=2024-10-21&${WORD}"
    headers = {"customHeaders": {"Authorization": "Bearer ${TOKEN}"}}
    write(
        config_path(project),
        {**P, "apiKey": "${KEY}", "apiBase": base, "apiKeys": keys, "advancedSettings": headers},
    )
    assert look(project) is look(project)
