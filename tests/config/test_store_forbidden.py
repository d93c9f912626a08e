"""Files and folders that the user may not read or write, or that are not what they should be."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ccw.config.places import config_path
from ccw.config.references import project_environ
from ccw.config.store import load
from ccw.errors import ConfigFileError
from tests.config.storing import CANARY, add, write_json

NOBODY = 65534


def as_another_user(attempt: Callable[[Path], object], project: Path) -> str:
    """Return what *attempt* says to a user without rights there; root itself has them all."""
    import dotenv  # noqa: F401 (the other user may not be able to read it)
    import filelock  # noqa: F401

    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            if os.getuid() == 0:
                os.setegid(NOBODY)
                os.seteuid(NOBODY)
            attempt(project)
        except ConfigFileError as error:
            os.write(writer, str(error).encode())
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as said:
        text = said.read()
    os.waitpid(child, 0)
    return text


@pytest.fixture
def public_project() -> Iterator[Path]:
    """A project that every user of the machine may enter; pytest's own folders are private."""
    with tempfile.TemporaryDirectory(prefix="ccw-test-") as name:
        Path(name).chmod(0o755)
        config_path(Path(name)).parent.mkdir(parents=True)
        yield Path(name)


def test_an_unreadable_file(public_project: Path) -> None:
    path = write_json(public_project, version=1)
    path.chmod(0)
    said = as_another_user(load, public_project)
    assert said == f"cannot read {path}: Permission denied; check the file and its permissions"


def test_an_unreadable_dotenv(public_project: Path) -> None:
    path = public_project / ".env"
    path.write_text(f"KEY={CANARY}")
    path.chmod(0)
    said = as_another_user(lambda project: project_environ(project, {}), public_project)
    assert said == f"cannot read {path}: Permission denied; check its permissions"


def test_a_read_only_folder(public_project: Path) -> None:
    path = write_json(public_project, version=1)
    path.chmod(0o444)
    path.parent.chmod(0o555)
    reading = as_another_user(load, public_project)
    adding = as_another_user(add, public_project)
    path.parent.chmod(0o755)
    assert reading == ""
    assert adding == f"cannot write in {path.parent}: Permission denied; nothing was saved"
    assert os.listdir(path.parent) == [path.name]


def test_a_read_only_file_is_not_replaced(project: Path) -> None:
    path = write_json(project, version=1)
    path.chmod(0o444)
    with pytest.raises(ConfigFileError) as caught:
        add(project)
    message = f"{path} is read-only, nothing was saved; to change it: chmod u+w {path}"
    assert str(caught.value) == message
    assert path.read_text() == '{"version": 1}'
    path.chmod(0o644)
    add(project)


def test_no_folder_can_be_made(public_project: Path) -> None:
    shutil.rmtree(public_project / ".ccw")
    said = as_another_user(add, public_project)
    folder = config_path(public_project).parent
    assert said == f"cannot create {folder}: Permission denied; nothing was saved"


@pytest.mark.parametrize("place", [".ccw", ".ccw/storage", ".ccw/storage/config"])
def test_a_file_where_a_folder_should_be(tmp_path: Path, place: str) -> None:
    (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / place).write_text("mine")
    with pytest.raises(ConfigFileError, match=r"cannot read .*Not a directory"):
        load(tmp_path)
    with pytest.raises(ConfigFileError, match=r"cannot create .*; nothing was saved"):
        add(tmp_path)
    assert (tmp_path / place).read_text() == "mine"


def test_a_folder_where_the_file_should_be(project: Path) -> None:
    config_path(project).mkdir()
    with pytest.raises(ConfigFileError, match=r"cannot read .*it is not a regular file"):
        load(project)
