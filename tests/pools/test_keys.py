"""Several keys of one provider: each failure rests its key, and the others go on answering."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.pools.worlds import ask, by_key, endpoint, hits, keys, pool, provider, write
from tests.servers.loopback import Server
from tests.servers.openai_wire import ANSWER, cut, overflow, say, status

LIMITED = status(429, "slow down", {"Retry-After": "30"})
REFUSED = status(401, "bad key")


@pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])
def test_sixty_calls_are_answered_whatever_two_of_three_keys_do(
    project: Path, openai_server: Server, stream: bool
) -> None:
    openai_server.default = by_key(a=LIMITED, b=REFUSED)
    pool(project, openai_server.base, keys("a", "b", "c"))
    results = [ask(project, stream=stream) for _ in range(60)]
    assert [r.error for r in results if not r.success] == []
    assert {r.output for r in results} == {ANSWER}
    assert {r.key_label for r in results} == {"c"}
    assert hits(openai_server) == {"a": 1, "b": 1, "c": 60}


def test_attempts_tell_which_keys_failed_and_why(project: Path, openai_server: Server) -> None:
    openai_server.default = by_key(a=LIMITED, b=REFUSED)
    entries = [*keys("a", label="team a"), *keys("b", label="team b"), *keys("c", label="team c")]
    pool(project, openai_server.base, entries, routingStrategy="cost-based")
    result = ask(project)
    assert (result.endpoint, result.key_label) == ("ask", "team c")
    assert [(a.endpoint, a.provider, a.key, a.error_type) for a in result.attempts] == [
        ("ask", "p", "team a", "rate_limited"),
        ("ask", "p", "team b", "key_refused"),
    ]
    assert "slow down" in result.attempts[0].message


def test_no_retries_means_no_second_try_with_a_key_and_all_keys_all_the_same(
    project: Path, openai_server: Server
) -> None:
    bad = {name: status(403) for name in "abcdef"}
    openai_server.default = by_key(**bad)
    pool(project, openai_server.base, keys(*"abcdefg"), routingStrategy="cost-based")
    assert ask(project, max_retries=0).success
    assert hits(openai_server) == dict.fromkeys("abcdefg", 1)


def test_all_keys_refused_is_one_clear_error(project: Path, openai_server: Server) -> None:
    openai_server.default = by_key(a=REFUSED, b=REFUSED)
    pool(project, openai_server.base, keys("a", "b"))
    first, second = ask(project), ask(project)
    assert (first.error_type, first.exit_code) == ("key_refused", 5)
    assert (second.error_type, second.exit_code) == ("key_refused", 5)
    assert second.error is not None
    assert "all keys of p were refused: a: " in second.error
    assert hits(openai_server) == {"a": 1, "b": 1}


def test_a_limited_pool_is_waited_for(project: Path, openai_server: Server) -> None:
    soon = status(429, "slow down", {"Retry-After": "1"})
    openai_server.will(soon, soon)
    pool(project, openai_server.base, keys("a", "b"))
    result = ask(project)
    assert result.success
    assert sorted(hits(openai_server).values()) == [1, 2]


def test_a_wait_beyond_the_timeout_is_not_begun(project: Path, openai_server: Server) -> None:
    openai_server.default = LIMITED
    pool(project, openai_server.base, keys("a", "b"))
    result = ask(project, timeout=2)
    assert (result.error_type, result.exit_code) == ("rate_limited", 6)
    assert result.duration_ms < 2000
    assert hits(openai_server) == {"a": 1, "b": 1}


def test_a_failing_server_is_tried_again_as_often_as_asked(
    project: Path, openai_server: Server
) -> None:
    openai_server.default = status(500)
    pool(project, openai_server.base, keys("a", "b"))
    result = ask(project, max_retries=2)
    assert (result.success, result.error_type) == (False, "provider_error")
    assert len(openai_server.posts) == 3


@pytest.mark.parametrize(
    ("behaviour", "error_type"),
    [
        pytest.param(status(400, "no such parameter"), "bad_request", id="bad-request"),
        pytest.param(status(422, "no such parameter"), "bad_request", id="unprocessable"),
        pytest.param(overflow(), "context_window_exceeded", id="overflow"),
        pytest.param(cut("Half an"), "incomplete_reply", id="after-delivered-text"),
    ],
)
def test_what_another_key_cannot_mend_is_not_tried_again(
    project: Path, openai_server: Server, behaviour, error_type: str
) -> None:
    openai_server.default = behaviour
    pool(project, openai_server.base, keys("a", "b"))
    pieces: list[str] = []
    result = ask(project, stream=True, on_output=lambda event: pieces.append(event["data"]))
    assert result.error_type == error_type
    assert len(openai_server.posts) == 1
    assert "".join(pieces) == result.output


def test_a_bug_of_the_reader_is_no_failure_of_the_provider(
    project: Path, openai_server: Server
) -> None:
    def broken(event: dict[str, str]) -> None:
        raise BrokenPipeError("the reader is gone")

    pool(project, openai_server.base, keys("a", "b"))
    with pytest.raises(BrokenPipeError):
        ask(project, on_output=broken)
    assert len(openai_server.posts) == 1


def test_the_own_key_counts_as_one_of_the_pool(project: Path, openai_server: Server) -> None:
    openai_server.default = by_key(a=REFUSED)
    pool(project, openai_server.base, keys("a"), apiKey="sk-pool-own")
    assert {ask(project).key_label for _ in range(4)} == {"apiKey"}


def test_a_single_key_of_a_pool_needs_no_choice(project: Path, openai_server: Server) -> None:
    entries = [*keys("a", label="only"), *keys("b", enabled=False)]
    pool(project, openai_server.base, entries)
    result = ask(project)
    assert (result.key_label, result.attempts) == ("only", ())
    assert hits(openai_server) == {"a": 1}


def test_a_key_whose_file_is_missing_is_passed_over(project: Path, openai_server: Server) -> None:
    lost = {"id": "a", "key": f"${{file:{project}/no-such-file}}"}
    pool(project, openai_server.base, [lost, *keys("b", "c")], routingStrategy="cost-based")
    results = [ask(project) for _ in range(3)]
    assert {result.key_label for result in results} == {"b"}
    assert [a.error_type for a in results[0].attempts] == ["secret_unavailable"]


def test_a_key_that_was_put_right_is_used_at_once(
    project: Path, openai_server: Server, backup_server: Server
) -> None:
    openai_server.default = by_key(wrong=REFUSED)
    providers = [
        provider("p", openai_server.base, apiKey="${KEY}"),
        provider("q", backup_server.base),
    ]
    write(project, providers, [endpoint("ask", "p", fallbacks=["f"]), endpoint("f", "q")])
    environs = [{"KEY": "sk-pool-wrong"}, {"KEY": "sk-pool-wrong"}, {"KEY": "sk-pool-right"}]
    assert [ask(project, environ=values).endpoint for values in environs] == ["f", "f", "ask"]
    assert hits(openai_server) == {"wrong": 1, "right": 1}


def test_a_made_endpoint_uses_the_pool_of_its_provider(
    project: Path, openai_server: Server
) -> None:
    openai_server.default = by_key(a=REFUSED)
    pool(project, openai_server.base, keys("a", "b"))
    results = [ask(project, endpoint_id="p/any-model") for _ in range(5)]
    assert {(r.key_label, r.model) for r in results} == {("b", "any-model")}


def test_endpoints_of_one_provider_share_its_resting_keys(
    project: Path, openai_server: Server
) -> None:
    openai_server.default = by_key(a=REFUSED)
    providers = [provider("p", openai_server.base, apiKeys=keys("a", "b"))]
    write(project, providers, [endpoint("ask", "p"), endpoint("other", "p")])
    for name in ("ask", "other") * 10:
        assert ask(project, endpoint_id=name).key_label == "b"
    assert hits(openai_server)["a"] <= 1


def test_text_delivered_before_a_refusal_is_kept(project: Path, openai_server: Server) -> None:
    openai_server.will(cut("Half an"), say())
    pool(project, openai_server.base, keys("a", "b"))
    result = ask(project, stream=True)
    assert (result.success, result.output) == (False, "Half an")
