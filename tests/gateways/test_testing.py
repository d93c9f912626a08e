"""Connection tests: what they tell, what is remembered, and what is never touched."""

from __future__ import annotations

import hashlib
import logging
from pathlib import Path
from typing import Any

import pytest

from ccw.config.models import ProviderCredential
from ccw.config.state import KeyState, ProviderState, State, state_of, state_path
from ccw.errors import InvalidValue, NotFound
from ccw.gateways.remembering import remembered
from ccw.gateways.testing import CheckResult, KeyCheck, check_connection
from ccw.llm.local.model import SMOLLM2, model_path
from tests.canary import CANARY, assert_not_on_disk, assert_nowhere
from tests.gateways.worlds import START, World, gate
from tests.nobody import open_to_all, run_as_nobody
from tests.projects import CONFIG
from tests.servers.by_path import Gateway, models, redirect
from tests.servers.loopback import Exchange
from tests.servers.openai_wire import echo_headers, status

TESTED = "2027-01-15T08:00:00.000Z"


def fingerprint(project: Path) -> str:
    return hashlib.sha256((project / CONFIG).read_bytes()).hexdigest()


def test_success_is_told_and_remembered(world: World, by_path: Gateway) -> None:
    server = by_path({"/v1/models": models("a", "b")})
    world.configure(gate(server.base))
    before = fingerprint(world.project)
    result = world.check()
    assert (result.success, result.error, result.kind, result.kept) == (True, None, None, True)
    assert [model.id for model in result.models] == ["a", "b"]
    assert result.latency_ms is not None
    assert [(key.id, key.state) for key in result.keys] == [("apiKey", "ok")]
    assert state_of(world.project, "gate") == ProviderState(
        last_validated=TESTED,
        ok=True,
        latency_ms=result.latency_ms,
        error=None,
        keys={"apiKey": KeyState(state="ok", since=START, until=None)},
    )
    assert fingerprint(world.project) == before


@pytest.mark.parametrize(
    ("answer", "kind", "exit_code", "state"),
    [
        pytest.param(status(401), "key", 5, {"apiKey": "refused"}, id="refused-key"),
        pytest.param(echo_headers(), "key", 5, {"apiKey": "refused"}, id="key-told-back"),
        pytest.param(status(404), "not_found", 1, {}, id="not-found"),
        pytest.param({}, "no_list", 1, {}, id="no-list"),
        pytest.param([], "empty", 1, {"apiKey": "ok"}, id="no-models"),
        pytest.param(lambda exchange: exchange.pause(9), "timeout", 6, {}, id="timeout"),
    ],
)
def test_a_failure_is_told_and_remembered(
    world: World,
    by_path: Gateway,
    answer: Any,
    kind: str,
    exit_code: int,
    state: dict[str, str],
) -> None:
    world.configure(gate(by_path({"*": answer}).base))
    result = world.check(timeout=0.5)
    assert (result.success, result.kind) == (False, kind)
    assert result.failure is not None
    assert result.failure.exit_code == exit_code
    seen = state_of(world.project, "gate")
    assert (seen.ok, seen.error, seen.last_validated) == (False, kind, TESTED)
    assert {name: key.state for name, key in seen.keys.items()} == state
    assert_nowhere(f"{result} {result.failure!r}")
    assert_not_on_disk(world.project, Path(world.environ["HOME"]))


@pytest.mark.parametrize(("asked", "kept"), [("30", 30), ("999999999999", 86_400)])
def test_a_rate_limit_means_that_the_key_was_probably_accepted(
    world: World, by_path: Gateway, asked: str, kept: int
) -> None:
    world.configure(gate(by_path({"*": status(429, headers={"Retry-After": asked})}).base))
    result = world.check()
    assert (result.success, result.error, result.kind) == (True, None, "limited")
    assert (result.note or "").startswith(
        "limited at present; the key was probably accepted (Gate ("
    )
    key = state_of(world.project, "gate").keys["apiKey"]
    assert key == KeyState(state="limited", since=START, until=START + kept)


def test_a_rate_limit_says_nothing_of_a_key_that_there_is_not(by_path: Gateway) -> None:
    result = check_connection(by_path({"*": status(429)}).root)
    assert (result.success, (result.note or "")[:28]) == (True, "limited at present (litellm ")


def test_each_key_of_a_pool_is_tested(world: World, by_path: Gateway) -> None:
    def by_key(exchange: Exchange) -> None:
        key = exchange.request.headers["authorization"].removeprefix("Bearer ")
        answers = {"sk-bad": status(401), "sk-busy": status(429)}
        answers.get(key, lambda e: e.whole(200, b'["m"]', {}))(exchange)

    server = by_path({"*": by_key})
    world.environ |= {"BAD": "sk-bad", "BUSY": "sk-busy", "GOOD": "sk-good"}
    keys = [
        {"id": "x", "key": "${BAD}", "label": "team x"},
        {"key": "${BUSY}"},
        {"id": "z", "key": "${GOOD}"},
        {"id": "off", "key": "${GOOD}", "enabled": False},
        {"id": "unset", "key": "${NO_SUCH_KEY}"},
    ]
    world.configure(gate(server.base, apiKey="", apiKeys=keys))
    result = world.check()
    assert (result.success, [model.id for model in result.models]) == (True, ["m"])
    assert [(key.id, key.name, key.state) for key in result.keys] == [
        ("x", "team x", "refused"),
        ("key-2", "key-2", "limited"),
        ("z", "z", "ok"),
    ]
    assert result.note == "key unset of provider gate is left out: NO_SUCH_KEY is not set"
    states = {name: key.state for name, key in state_of(world.project, "gate").keys.items()}
    assert states == {"x": "refused", "key-2": "limited", "z": "ok"}


def test_states_of_keys_that_are_no_more_are_dropped(world: World, by_path: Gateway) -> None:
    world.configure(gate(by_path({"*": models("m")}).base))
    world.check()
    old = {"gone": KeyState(state="refused", since=1.0)}
    before = state_of(world.project, "gate").model_copy(update={"keys": old})
    result = CheckResult(True, "gate", keys=(KeyCheck("apiKey", "apiKey", "ok"),))
    provider = ProviderCredential(id="gate", name="Gate", type="custom")
    after = remembered(State(providers={"gate": before}), provider, result, START)
    assert list(after.providers["gate"].keys) == ["apiKey"]


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        pytest.param({"apiKey": "${NO_SUCH_KEY}"}, "NO_SUCH_KEY, which is not set", id="unset"),
        pytest.param({"apiKey": "sk-line\nbreak"}, "characters that no key has", id="newline"),
        pytest.param({"apiKey": "sk-dash–"}, "characters that no key has", id="typographic"),
        pytest.param({"apiBase": "${NO_BASE}", "apiKey": ""}, "NO_BASE", id="no-base"),
        pytest.param({"type": "azure", "apiBase": None}, "needs an address", id="azure"),
    ],
)
def test_a_provider_that_is_not_ready_is_not_asked(
    world: World, by_path: Gateway, fields: dict[str, Any], says: str
) -> None:
    server = by_path({"*": models("m")})
    world.configure({**gate(server.base), **fields})
    result = world.check()
    assert (result.success, result.kind) == (False, "config")
    assert says in (result.error or "")
    assert result.failure is not None
    assert result.failure.exit_code == 3
    assert server.requests == []


@pytest.mark.parametrize(("provider", "error"), [("other", NotFound), ("off", InvalidValue)])
def test_what_cannot_be_tested_is_raised(
    world: World, provider: str, error: type[Exception]
) -> None:
    world.configure(gate("http://127.0.0.1:1", id="off", enabled=False))
    with pytest.raises(error):
        world.check(provider)
    assert not state_path(world.project).exists()


def test_the_key_does_not_follow_a_redirect(world: World, by_path: Gateway) -> None:
    other = by_path({"*": models("m")})
    server = by_path({"*": redirect(other.base)})
    world.configure(gate(server.base))
    result = world.check()
    assert (result.success, result.kind, other.requests) == (False, "redirect", [])
    assert server.requests[0].headers["authorization"] == f"Bearer {CANARY}"


def test_no_log_tells_a_key(
    world: World, by_path: Gateway, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for kind in ("custom", "anthropic", "google", "litellm"):
        world.configure(gate(by_path({"*": models("m")}).base, type=kind))
        assert world.check().success
        assert world.list().models
    assert caplog.records
    assert_nowhere(caplog.text)


def test_the_embedded_model_has_to_be_installed(world: World) -> None:
    world.configure({"id": "gate", "name": "Local", "type": "local"})
    assert "ccw local install" in (world.check().error or "")
    path = model_path(Path(world.environ["HOME"]) / ".ccw")
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:
        file.truncate(SMOLLM2.size)
    result = world.check()
    assert (result.success, [model.id for model in result.models]) == (True, ["smollm2"])


def test_a_read_only_project_is_no_failure(world: World, by_path: Gateway) -> None:
    world.configure(gate(by_path({"*": models("m")}).base, apiKey=""))
    open_to_all(world.project)
    state_path(world.project).parent.chmod(0o555)
    (world.project / CONFIG).chmod(0o444)
    code = (
        "from ccw.gateways.testing import check_provider\n"
        "r = check_provider(Path(sys.argv[1]), 'gate', environ={'HOME': '/nonexistent'})\n"
        "print(r.success, r.kept)"
    )
    done = run_as_nobody(code, str(world.project))
    assert (done.stdout, done.stderr) == ("True False\n", "")
