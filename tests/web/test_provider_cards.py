"""What the card of a provider shows where it has no address."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.projects import write_config
from tests.web.apis import client_of


@pytest.mark.parametrize(
    ("kind", "shown"),
    [
        pytest.param("local", "none: it runs inside ccw", id="embedded"),
        pytest.param("custom", "missing: edit the provider to give one", id="needed"),
        pytest.param("bedrock", "known to litellm", id="known"),
        pytest.param("openai", "<code>https://api.openai.com/v1</code>", id="usual"),
    ],
)
def test_what_stands_in_place_of_an_address(project: Path, kind: str, shown: str) -> None:
    write_config(project, {"providers": [{"id": "it", "name": "It", "type": kind}]})
    base = client_of(project).get("/providers").text.partition("<dt>Base</dt>")[2]
    assert shown in base.partition("</dd>")[0]
