"""`ccw cli` as a person or a script runs it: mostly real processes against a loopback server."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.cli.asking import invoke, prompt_sent, run, start
from tests.projects import configure
from tests.servers.loopback import Server
from tests.servers.openai_wire import ANSWER, status


def test_the_answer_alone_is_on_stdout(shop: Path) -> None:
    done = run("-p", "@README.md Explain")
    assert (done.returncode, done.stdout) == (0, f"{ANSWER}\n".encode())
    closing = done.stderr.decode()
    assert closing.startswith("gpt-4o (custom) · 1 file · 120 tokens in (100 cached), 7 out · $")
    assert closing.endswith(" s\n")


def test_the_second_process_tells_of_the_hit(shop: Path) -> None:
    run("-p", "@README.md Explain")
    assert "1 file, cache hit" in run("-p", "@README.md Explain").stderr.decode()


@pytest.mark.parametrize(
    ("arguments", "stdin", "sent"),
    [
        pytest.param(["from argument"], None, "from argument", id="argument"),
        pytest.param(["-p", "from option", "argument"], None, "from option", id="option"),
        pytest.param(["-f", "prompt.md", "-p", "option"], None, "from file\n", id="file"),
        pytest.param([], "from stdin", "from stdin", id="stdin"),
        pytest.param(["-f", "-"], "from stdin", "from stdin", id="file-dash"),
        pytest.param(["-p", "option"], "ignored", "option", id="stdin-left-alone"),
    ],
)
def test_where_the_prompt_comes_from(
    shop: Path, openai_server: Server, arguments: list[str], stdin: str | None, sent: str
) -> None:
    (shop / "prompt.md").write_text("from file\n")
    result = invoke(*arguments, stdin=stdin)
    assert (result.exit_code, prompt_sent(openai_server)) == (0, sent)


def test_stdin_as_further_context(shop: Path, openai_server: Server) -> None:
    assert invoke("-p", "What failed?", "--stdin", stdin="ERROR 42\n").exit_code == 0
    pack, _, question = prompt_sent(openai_server).rpartition("\n\n---\n\n")
    assert "ERROR 42" in pack
    assert question == "What failed?"


def test_five_megabytes_on_stdin(shop: Path, openai_server: Server) -> None:
    configure(shop, openai_server.base, model="of-unknown-window")
    text = "a line of a large log file\n" * 200_000
    assert invoke(stdin=text).exit_code == 0
    assert prompt_sent(openai_server) == text


def test_an_open_and_silent_stdin_does_not_block(shop: Path) -> None:
    with start("-p", "Say hello") as process:
        assert process.stdout is not None
        assert process.stdout.read() == f"{ANSWER}\n".encode()
        assert process.wait(timeout=30) == 0


@pytest.mark.parametrize(
    ("arguments", "stdin", "message"),
    [
        pytest.param([], b"", "the prompt is empty", id="empty"),
        pytest.param(["-p", ""], b"", "the prompt is empty", id="empty-option"),
        pytest.param([], b"caf\xe9", "standard input is not UTF-8 text (byte 0xe9", id="latin-1"),
        pytest.param(["-f", "latin.md"], b"", "latin.md is not UTF-8", id="latin-1-file"),
        pytest.param(["-f", "no.md"], b"", "cannot read the prompt file", id="no-file"),
        pytest.param(["--stdin"], b"text", "there is no prompt", id="context-only"),
        pytest.param(["-p", "x", "--mode", "write"], b"", "mode write belongs", id="write"),
        pytest.param(["-p", "x", "--mode", "auto"], b"", "mode auto belongs", id="auto"),
        pytest.param(["-p", "x", "--mode", "odd"], b"", "Invalid value for '--mode'", id="mode"),
        pytest.param(["-p", "x", "--tool", "gemini"], b"", "unknown tool gemini", id="tool"),
        pytest.param(["-p", "x", "--timeout", "0"], b"", "'--timeout'", id="timeout"),
        pytest.param(["-p", "x", "--cd", "no"], b"", "no such folder: no", id="cd"),
        pytest.param(
            ["-p", "x", "--include-dirs", "src,no"], b"", "no such folder: no", id="include"
        ),
    ],
)
def test_wrong_usage(
    shop: Path, openai_server: Server, arguments: Sequence[str], stdin: bytes, message: str
) -> None:
    (shop / "latin.md").write_bytes(b"caf\xe9")
    result = invoke(*arguments, stdin=stdin)
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr
    assert openai_server.requests == []


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        pytest.param(["-p", "hi", "--model", "aks"], 3, "did you mean ask?", id="typo"),
        pytest.param(["-p", "@no/*.x hi"], 4, "@no/*.x", id="no-match"),
        pytest.param(["-p", "@../*.x hi"], 4, "--include-dirs", id="outside"),
        pytest.param(["-p", "@README.md hi", "--max-size", "0.001"], 7, "--over drop", id="size"),
    ],
)
def test_exit_codes_before_the_call(
    shop: Path, arguments: list[str], code: int, message: str
) -> None:
    (shop.parent / "outside.x").write_text("x")
    result = invoke(*arguments)
    assert (result.exit_code, result.stdout) == (code, "")
    assert result.stderr.startswith("ccw: ")
    assert message in result.stderr


@pytest.mark.parametrize(
    ("code", "exit_code"), [(400, 1), (401, 5), (403, 5), (404, 1), (429, 6), (500, 1), (503, 6)]
)
def test_exit_codes_of_the_provider(
    shop: Path, openai_server: Server, code: int, exit_code: int
) -> None:
    openai_server.default = status(code)
    result = invoke("-p", "hi", "--max-retries", "0")
    assert (result.exit_code, result.stdout) == (exit_code, "")


def test_unreachable(shop: Path) -> None:
    configure(shop, "http://127.0.0.1:9/v1")
    result = invoke("-p", "hi", "--max-retries", "0")
    assert result.exit_code == 6
    assert "127.0.0.1:9" in result.stderr


def test_a_pattern_that_matches_nothing_can_be_allowed(shop: Path, openai_server: Server) -> None:
    result = invoke("-p", "@no/*.x @README.md hi", "--allow-missing")
    assert result.exit_code == 0
    assert "# Shop" in prompt_sent(openai_server)


def test_secrets_only_when_allowed(shop: Path, openai_server: Server) -> None:
    (shop / ".env").write_text("TOKEN=hush\n")
    refused = invoke("-p", "@.env hi")
    assert refused.exit_code == 4
    assert "--allow-secrets" in refused.stderr
    assert invoke("-p", "@.env hi", "--allow-secrets").exit_code == 0
    assert "TOKEN=hush" in prompt_sent(openai_server)


def test_patterns_start_in_the_folder_of_cd(shop: Path, openai_server: Server) -> None:
    assert invoke("-p", "@auth/*.ts hi", "--cd", "src").exit_code == 0
    assert "```src/auth/login.ts\n" in prompt_sent(openai_server)


def test_files_of_an_included_folder(shop: Path, openai_server: Server) -> None:
    common = shop.parent / "common"
    common.mkdir()
    (common / "types.ts").write_text("export type Id = string\n")
    result = invoke("-p", "@../common/*.ts hi", "--includeDirs", "../common,src")
    assert result.exit_code == 0
    assert "```../common/types.ts\n" in prompt_sent(openai_server)


def test_drop_leaves_out_the_largest(shop: Path, openai_server: Server) -> None:
    (shop / "src" / "large.ts").write_text("x" * 5000)
    result = invoke("-p", "@src/**/*.ts hi", "--max-size", "2", "--over", "drop")
    assert result.exit_code == 0
    assert "src/large.ts" in result.stderr
    assert "x" * 5000 not in prompt_sent(openai_server)


def test_only_patterns_is_answered_with_a_note(shop: Path) -> None:
    result = invoke("-p", "@README.md")
    assert result.exit_code == 0
    assert "names files and asks nothing" in result.stderr


def test_no_stream(shop: Path, openai_server: Server) -> None:
    assert invoke("-p", "hi", "--no-stream").stdout == f"{ANSWER}\n"
    assert not openai_server.posts[-1].wants_stream


def test_without_a_home(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The account's home is used then; the cache is off so that nothing is left there."""
    monkeypatch.delenv("HOME")
    done = run("-p", "@README.md Explain", "--no-cache")
    assert (done.returncode, done.stdout) == (0, f"{ANSWER}\n".encode())


def test_without_any_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = invoke("-p", "hi")
    assert result.exit_code == 3
    assert "ccw init" in result.stderr
    assert list(tmp_path.iterdir()) == []
