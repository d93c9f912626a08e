"""Lists of models that are kept: for minutes, each for one key, without a key in them."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest

from ccw.gateways.kept import cache_folder
from tests.canary import CANARY, assert_not_on_disk
from tests.gateways.worlds import START, World, gate, ids
from tests.servers.by_path import Gateway, models


def test_it_is_kept_for_five_minutes(world: World, by_path: Gateway) -> None:
    answers: dict[str, Any] = {"/v1/models": models("a")}
    server = by_path(answers)
    world.configure(gate(server.base))
    world.list()
    answers["/v1/models"] = models("b")
    world.now = START + 299
    kept = world.list()
    assert (ids(kept), kept.source, kept.fetched_at, kept.age) == (["a"], "cache", START, 299)
    assert len(server.requests) == 1
    assert ids(world.list(refresh=True)) == ["b"]
    world.now += 300
    again = world.list()
    assert (ids(again), again.source, again.age) == (["b"], "gateway", 0)
    assert len(server.requests) == 3


def test_a_list_from_the_future_is_asked_for_again(world: World, by_path: Gateway) -> None:
    server = by_path({"/v1/models": models("a")})
    world.configure(gate(server.base))
    world.list()
    world.now = START - 3600
    assert world.list().source == "gateway"


def test_two_providers_at_one_base_have_lists_of_their_own(world: World, by_path: Gateway) -> None:
    def by_key(exchange: Any) -> None:
        name = exchange.request.headers["authorization"].removeprefix("Bearer ")
        exchange.whole(200, f'[{{"id": "{name}"}}]'.encode(), {})

    server = by_path({"*": by_key})
    world.environ |= {"ONE": "sk-one", "TWO": "sk-two"}
    world.configure(gate(server.base, apiKey="${ONE}"), gate(server.base, id="b", apiKey="${TWO}"))
    assert [ids(world.list(name)) for name in ("gate", "b", "gate", "b")] == [
        ["sk-one"],
        ["sk-two"],
    ] * 2
    world.environ["ONE"] = "sk-three"  # another key, another list
    assert ids(world.list()) == ["sk-three"]


def test_a_command_is_not_run_to_find_a_kept_list(world: World, by_path: Gateway) -> None:
    server = by_path({"*": models("m")})
    mark = world.project / "ran"
    world.environ |= {"PATH": "/usr/bin:/bin", "CCW_TRUST": "1"}
    world.configure(gate(server.base, apiKey=f"${{cmd:sh -c 'echo x >> {mark}; echo sk-cmd'}}"))
    assert [world.list().source for _ in range(3)] == ["gateway", "cache", "cache"]
    assert mark.read_text() == "x\n"


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b'{"fetchedAt": "now"}', b"\xff", b'{"fetchedAt": 1800000000, "models": [{}]}'],
)
def test_a_broken_file_is_asked_anew(world: World, by_path: Gateway, content: bytes) -> None:
    server = by_path({"*": models("m")})
    world.configure(gate(server.base))
    world.list()
    [path] = cache_folder(Path(world.environ["HOME"]) / ".ccw").glob("*.json")
    path.write_bytes(content)
    assert (ids(world.list()), world.list().source) == (["m"], "cache")
    assert len(server.requests) == 2


def test_a_folder_that_cannot_be_written_is_no_failure(world: World, by_path: Gateway) -> None:
    server = by_path({"*": models("m")})
    world.configure(gate(server.base))
    home = Path(world.environ["HOME"]) / ".ccw"
    home.mkdir()
    (home / "cache").write_text("a file in the way")
    assert [world.list().source for _ in range(2)] == ["gateway", "gateway"]


def test_lists_that_nobody_asks_for_are_removed(world: World, by_path: Gateway) -> None:
    server = by_path({"*": models("m")})
    world.configure(gate(server.base), gate(server.base, id="other", apiKey="sk-other"))
    world.list()
    world.now += 31 * 24 * 3600
    world.list("other")
    assert len(list(cache_folder(Path(world.environ["HOME"]) / ".ccw").glob("*.json"))) == 1


def test_nothing_that_is_kept_holds_a_key(world: World, by_path: Gateway) -> None:
    world.configure(
        gate(by_path({"*": models("m")}).base, apiKey=CANARY),
    )
    world.list()
    assert_not_on_disk(Path(world.environ["HOME"]))
    modes = {path.name[-4:]: stat.S_IMODE(path.stat().st_mode) for path in world.home_files()}
    assert modes == {"json": 0o600, "salt": 0o600}
    assert stat.S_IMODE(cache_folder(Path(world.environ["HOME"]) / ".ccw").stat().st_mode) == 0o700
