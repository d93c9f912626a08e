"""What a file or a command gives as a secret, and what it may not give."""

from __future__ import annotations

import os
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ccw.config.references import ProjectEnviron, expand, fill, project_environ
from ccw.config.references.commands import command_output
from ccw.errors import CcwError, InvalidValue, MissingVariable, SecretUnavailable
from tests.canary import read

KEY = "sk-canary-0123456789"
FIELD = "apiKey of provider p"


def environ_of(project: Path) -> ProjectEnviron:
    return project_environ(project, {"HOME": str(project / "home"), "PATH": os.environ["PATH"]})


def refused(project: Path, text: str) -> str:
    """Return the message of the refusal, which holds the key nowhere."""
    with pytest.raises(SecretUnavailable) as caught:
        expand(text, environ_of(project), FIELD)
    assert (caught.value.exit_code, caught.value.__cause__, caught.value.__context__) == (
        3,
        None,
        None,
    )
    assert KEY not in "".join(traceback.format_exception(caught.value)) + repr(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("content", [KEY, f"{KEY}\n", f"{KEY}\r\n", f"\ufeff{KEY}\n"])
@pytest.mark.parametrize("path", ["key.txt", "sub/../key.txt", "~/key.txt", " key.txt"])
def test_a_file(project: Path, path: str, content: str) -> None:
    for folder in (project, project / "home"):
        (folder / "sub").mkdir(parents=True)
        (folder / "key.txt").write_bytes(content.encode())
    assert expand(f"Bearer ${{file:{path}}}!", environ_of(project), FIELD) == f"Bearer {KEY}!"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        pytest.param(b"", "is empty; write the key into it", id="empty"),
        pytest.param(b" \n", "is empty; write the key into it", id="blank"),
        pytest.param(
            f"{KEY}\nsecond\n".encode(),
            "has 2 lines; it should hold the key alone",
            id="two-lines",
        ),
        pytest.param(
            KEY.encode() + b"\xff", "is not UTF-8; it should hold the key alone", id="not-utf-8"
        ),
        pytest.param(
            KEY.encode() * 4096, "is larger than 64 KB; it should hold the key alone", id="large"
        ),
    ],
)
def test_a_file_that_holds_no_key(project: Path, content: bytes, problem: str) -> None:
    path = project / "key.txt"
    path.write_bytes(content)
    message = refused(project, "${file:key.txt}")
    assert message == f"{FIELD} refers to the file {path}, which {problem}"


def test_what_is_no_file(project: Path) -> None:
    """A pipe without a writer would be waited for, a device would never end."""
    (project / "folder").mkdir()
    os.mkfifo(project / "pipe")
    begin, end = f"{FIELD} refers to the file ", "; check the path and its permissions"
    for path, why in (
        (project / "none", "No such file or directory"),
        (project / "folder", "it is not a regular file"),
        (project / "pipe", "it is not a regular file"),
        (Path("/dev/zero"), "it is not a regular file"),
    ):
        message = refused(project, f"${{file:{path}}}")
        assert message == f"{begin}{path}, which cannot be read: {why}{end}"
    assert "embedded null" in refused(project, "${file:a\0b}")


def test_a_command_runs_in_the_project_without_a_shell(project: Path) -> None:
    (project / "say").write_text('#!/bin/sh\nprintf "%s|" "$PWD" "$HOME" "$@"\ncat\n')
    (project / "say").chmod(0o700)
    output = expand("${cmd:./say 'a b' $HOME; *}", environ_of(project), FIELD)
    assert output == f"{project}|{project / 'home'}|a b|$HOME;|*|"


def test_a_command_gets_the_real_environment_alone(project: Path) -> None:
    (project / ".env").write_text("FROM_DOTENV=1\n")
    with pytest.raises(SecretUnavailable, match=r"failed \(exit code 1\)"):
        expand("${cmd:printenv FROM_DOTENV}", environ_of(project), FIELD)


@pytest.mark.parametrize("text", ["${cmd:printf %s x}", "${cmd:echo x}", "${cmd:printf 'x\r\n'}"])
def test_one_line_is_taken_without_its_end(project: Path, text: str) -> None:
    assert expand(text, environ_of(project), FIELD) == "x"


@pytest.mark.parametrize(
    ("command", "name", "problem"),
    [
        pytest.param(
            "no-such-command-here", None,
            "cannot be run: No such file or directory; check that it is installed",
            id="not-found",
        ),
        pytest.param(
            "/etc", None, "cannot be run: Permission denied; check that it is installed",
            id="no-program",
        ),
        pytest.param(
            f"sh -c 'echo {KEY}; echo {KEY} >&2; exit 7'", "sh",
            "failed (exit code 7); run it by hand to see why",
            id="fails",
        ),
        pytest.param(
            "sh -c 'kill -9 $$'", "sh", "failed (ended by signal 9); run it by hand to see why",
            id="killed",
        ),
        pytest.param("true", None, "printed nothing; it should print the key on stdout",
                     id="prints-nothing"),
        pytest.param("echo", None, "printed nothing; it should print the key on stdout",
                     id="prints-an-empty-line"),
        pytest.param(
            f"sh -c 'echo {KEY} >&2'", "sh", "printed nothing; it should print the key on stdout",
            id="prints-on-stderr",
        ),
        pytest.param(
            f"printf '{KEY}\\nsecond\\n'", "printf",
            "printed more than one line; it should print the key alone",
            id="prints-two-lines",
        ),
        pytest.param(
            f"printf '{KEY}\\377'", "printf",
            "printed something that is not UTF-8; check what it prints",
            id="prints-bytes",
        ),
        pytest.param("yes", None, "prints more than 64 KB; it should print the key alone",
                     id="never-stops-printing"),
    ],
)  # fmt: skip
def test_a_command_that_gives_no_key(
    project: Path, command: str, name: str | None, problem: str
) -> None:
    message = refused(project, f"${{cmd:{command}}}")
    assert message == f"{FIELD} refers to the command {name or command}, which {problem}"


@pytest.mark.parametrize(
    "script",
    [
        pytest.param("sleep 60", id="silent"),
        pytest.param("echo half; sleep 60", id="after-a-line"),
        pytest.param("sleep 60 & echo half", id="its-child-holds-the-output"),
        pytest.param("exec >&-; sleep 60", id="closed-its-output"),
    ],
)
def test_a_command_that_hangs_is_ended_with_what_it_started(project: Path, script: str) -> None:
    marker = f"{project}/pids"
    command = f"""sh -c 'echo $$ > {marker}; {script}'"""
    started = time.monotonic()
    with pytest.raises(SecretUnavailable) as caught:
        command_output(command, FIELD, project, {"PATH": os.environ["PATH"]}, seconds=0.5)
    assert str(caught.value) == (
        f"{FIELD} refers to the command sh, which did not end within 0.5 s; "
        "run it by hand: it may wait for a password"
    )
    assert time.monotonic() - started < 5
    group = int(Path(marker).read_text())
    while _alive(group) and time.monotonic() - started < 5:
        time.sleep(0.01)  # a signal takes its moment
    assert _alive(group) == []


def _alive(group: int) -> list[str]:
    """Return the processes of *group* that still run; a zombie waits for its parent alone."""
    stats = (read(path).decode() for path in Path("/proc").glob("[0-9]*/stat"))
    fields = (stat.rpartition(")")[2].split() for stat in stats if stat)
    return [line[1] for line in fields if int(line[2]) == group and line[0] not in "ZX"]


def test_each_is_asked_once_in_the_life_of_an_environ(project: Path) -> None:
    counting = "${cmd:sh -c 'echo x >> runs; wc -l < runs'}"
    environ = environ_of(project)
    assert [expand(counting, environ, FIELD).strip() for _ in range(3)] == ["1", "1", "1"]
    assert expand(counting, environ_of(project), FIELD).strip() == "2"


def test_threads_that_ask_at_once_share_one_run(project: Path) -> None:
    counting = "${cmd:sh -c 'echo x >> runs; sleep 0.1; wc -l < runs'}"
    environ = environ_of(project)
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: expand(counting, environ, FIELD).strip(), range(4)))
    assert answers == ["1"] * 4


def test_what_is_malformed_or_unset_is_told_before_anything_runs(project: Path) -> None:
    touching = "${cmd:touch ran}"
    for text, kind in (
        (f"{touching}${{keyring:x}}", InvalidValue),
        (f"{touching}${{vault:x}}", InvalidValue),
        (f"{touching}${{NO}}", MissingVariable),
    ):
        with pytest.raises(kind) as caught:
            expand(text, environ_of(project), FIELD)
        assert isinstance(caught.value, CcwError)
        assert FIELD in str(caught.value)
    assert fill(f"{touching}${{NO}}", environ_of(project), FIELD) == ""
    assert not (project / "ran").exists()


def test_a_plain_mapping_runs_nothing(project: Path) -> None:
    with pytest.raises(SecretUnavailable, match="use project_environ"):
        expand("${cmd:touch ran}", {}, FIELD)


def test_the_repr_of_an_environ_shows_no_value(project: Path) -> None:
    (project / ".env").write_text(f"A={KEY}\n")
    environ = project_environ(project, {"B": KEY})
    assert expand(f"${{cmd:echo {KEY}}}", project_environ(project, {}), FIELD) == KEY
    assert repr(environ) == f"ProjectEnviron(project={project!r})"
