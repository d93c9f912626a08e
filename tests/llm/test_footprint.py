"""The process is as it was before, also when calls overlap."""

from __future__ import annotations

import gc
import os

import pytest

from ccw.llm.footprint import kept, switched, uncollected

NAME = "CCW_TEST_FOOTPRINT"


@pytest.mark.parametrize("before", [None, "mine"], ids=["unset", "set"])
def test_kept(monkeypatch: pytest.MonkeyPatch, before: str | None) -> None:
    if before is not None:
        monkeypatch.setenv(NAME, before)
    with kept(NAME):
        os.environ[NAME] = "theirs"
    assert os.environ.get(NAME) == before


def test_the_last_of_overlapping_users_restores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, "mine")
    first, second = kept(NAME), kept(NAME)
    first.__enter__()
    os.environ[NAME] = "theirs"
    second.__enter__()
    first.__exit__(None, None, None)
    second.__exit__(None, None, None)
    assert os.environ[NAME] == "mine"


def test_switched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, "mine")
    with switched({NAME: "on", "CCW_TEST_OTHER": "on"}):
        assert (os.environ[NAME], os.environ["CCW_TEST_OTHER"]) == ("on", "on")
    assert (os.environ[NAME], os.environ.get("CCW_TEST_OTHER")) == ("mine", None)


@pytest.mark.parametrize("enabled", [True, False])
def test_the_collector_is_as_before(enabled: bool) -> None:
    was = gc.isenabled()
    (gc.enable if enabled else gc.disable)()
    try:
        with uncollected():
            assert not gc.isenabled()
        assert gc.isenabled() == enabled
    finally:
        gc.unfreeze()
        (gc.enable if was else gc.disable)()
