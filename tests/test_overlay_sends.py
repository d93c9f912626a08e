"""An overlay sends again only what the same receiver was sent, and nothing that is left out now."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ccw import context_cache
from ccw.config.models import CacheStrategy
from ccw.execution.options import LiteLLMExecutionOptions
from ccw.execution.preview import preview_litellm_endpoint
from ccw.explaining import explain
from tests.context.packs import understood
from tests.executing import ask
from tests.overlays import (
    PROMPT,
    SECRET,
    SETTINGS,
    WITH_SECRET,
    body,
    delete,
    edit,
    pack_of,
)
from tests.servers.loopback import Server


def ignore(project: Path) -> None:
    (project / ".ccwignore").write_text(f"{SETTINGS}\n")


def rename(project: Path) -> None:
    (project / SETTINGS).rename(project / "s/settings.pem")


def lead_outside(project: Path) -> None:
    delete(project)
    (project / SETTINGS).symlink_to("/etc/hostname")


def make_binary(project: Path) -> None:
    (project / SETTINGS).write_bytes(b"\0\1\2")


def make_large(project: Path) -> None:
    (project / SETTINGS).write_bytes(b"x" * (2 << 20))


def delete_and_ignore(project: Path) -> None:
    delete(project)
    ignore(project)


CHANGES = [
    *(ignore, delete, edit, rename, lead_outside, make_binary, make_large, delete_and_ignore),
]
LEAVES_OUT = [ignore, lead_outside, make_binary, make_large, delete_and_ignore]


def pack_locally(project: Path) -> None:
    context_cache.pack(project, "s/", strategy=CacheStrategy(layout="overlay"))


def preview(project: Path) -> None:
    preview_litellm_endpoint(LiteLLMExecutionOptions(PROMPT, "ov", project))


def refuse_by_cost(project: Path) -> None:
    assert not ask(project, PROMPT, endpoint_id="ov", max_cost=0).success


def ask_another_provider(project: Path) -> None:
    assert ask(project, PROMPT, endpoint_id="other").success


def ask_another_model(project: Path) -> None:
    assert ask(project, PROMPT, endpoint_id="larger").success


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize(
    "first",
    [pack_locally, preview, refuse_by_cost, ask_another_provider, ask_another_model],
)
def test_what_was_not_sent_to_the_receiver_never_is(
    overlaid: Path,
    openai_server: Server,
    first: Callable[[Path], None],
    change: Callable[[Path], None],
) -> None:
    first(overlaid)
    change(overlaid)
    result = ask(overlaid, PROMPT, endpoint_id="ov")
    assert (result.success, SECRET in body(openai_server)) == (True, False)
    assert "Gone" not in body(openai_server)
    assert result.earlier_copies == ()


@pytest.mark.parametrize("change", LEAVES_OUT)
def test_what_is_left_out_now_is_not_sent_again(
    overlaid: Path, openai_server: Server, change: Callable[[Path], None]
) -> None:
    """Deleting it and asking once more does not make an excluded file a harmless old copy."""
    assert ask(overlaid, PROMPT, endpoint_id="ov").success
    assert SECRET in body(openai_server)
    edit(overlaid)
    assert ask(overlaid, PROMPT, endpoint_id="ov").earlier_copies == (SETTINGS,)
    change(overlaid)
    assert ask(overlaid, PROMPT, endpoint_id="ov").earlier_copies == ()
    assert SECRET not in body(openai_server)
    (overlaid / SETTINGS).unlink(missing_ok=True)
    assert ask(overlaid, PROMPT, endpoint_id="ov").earlier_copies == ()
    assert SECRET not in body(openai_server)


@pytest.mark.parametrize("change", [delete, edit, rename])
def test_what_was_sent_and_is_deleted_or_edited_may_stay(
    overlaid: Path, openai_server: Server, change: Callable[[Path], None]
) -> None:
    assert ask(overlaid, PROMPT, endpoint_id="ov").success
    first = pack_of(openai_server)
    change(overlaid)
    result = ask(overlaid, PROMPT, endpoint_id="ov")
    assert pack_of(openai_server).startswith(first)
    assert result.earlier_copies == (SETTINGS,)


def test_each_receiver_is_sent_on_from_what_it_was_sent(
    overlaid: Path, openai_server: Server
) -> None:
    sent: dict[str, bytes] = {}
    for number, endpoint in enumerate(["ov", "other", "ov", "larger", "other", "ov"]):
        (overlaid / f"s/{'abcdef'[number]}.py").write_text(f"{number}\n")
        assert ask(overlaid, PROMPT, endpoint_id=endpoint).success
        pack = pack_of(openai_server)
        assert understood(pack) == {p: (overlaid / p).read_bytes() for p in WITH_SECRET}
        assert pack.startswith(sent.get(endpoint, b""))
        sent[endpoint] = pack.partition(b"\n\nReplaced, ")[0]


def test_receivers_that_take_turns_find_their_packs(overlaid: Path, openai_server: Server) -> None:
    assert ask(overlaid, PROMPT, endpoint_id="ov").success
    edit(overlaid)
    asked = ["ov", "other"] * 3
    results = [(ask(overlaid, PROMPT, endpoint_id=name), explain(overlaid)) for name in asked]
    assert [result.cache_hit for result, _ in results] == [False, False, True, True, True, True]
    assert [told.local.reason for _, told in results[2:]] == ["hit"] * 4
    assert "for another model or provider" in results[1][1].local.message
    assert [len(result.earlier_copies) for result, _ in results] == [1, 0] * 3


def test_what_is_packed_in_between_takes_nothing_away(
    overlaid: Path, openai_server: Server
) -> None:
    assert ask(overlaid, PROMPT, endpoint_id="ov").success
    first = pack_of(openai_server)
    for number, between in enumerate([pack_locally, preview, refuse_by_cost, ask_another_model]):
        (overlaid / "s/a.py").write_text(f"{number}\n" * 20)
        between(overlaid)
    (overlaid / "s/a.py").write_text("last\n")
    assert ask(overlaid, PROMPT, endpoint_id="ov").earlier_copies == ("s/a.py",)
    assert pack_of(openai_server).startswith(first)
    assert pack_of(openai_server).count(b"```s/a.py\n") == 2


def test_another_address_is_another_receiver(overlaid: Path, openai_server: Server) -> None:
    assert ask(overlaid, PROMPT, endpoint_id="ov").success
    path = overlaid / ".ccw/storage/config/litellm-api-config.json"
    path.write_text(path.read_text().replace("127.0.0.1", "localhost"))
    edit(overlaid)
    assert ask(overlaid, PROMPT, endpoint_id="ov").earlier_copies == ()
    assert SECRET not in body(openai_server)


def test_a_preview_lists_the_earlier_copies(overlaid: Path, openai_server: Server) -> None:
    assert ask(overlaid, PROMPT, endpoint_id="ov").success
    edit(overlaid)
    options = LiteLLMExecutionOptions(PROMPT, "ov", overlaid)
    for _ in range(2):
        seen = preview_litellm_endpoint(options)
        assert [(copy.path, copy.bytes > 40) for copy in seen.earlier_copies] == [(SETTINGS, True)]
    options = LiteLLMExecutionOptions(PROMPT, "other", overlaid)
    assert preview_litellm_endpoint(options).earlier_copies == ()
