"""From patterns to the packed context, with the real walk and the real opening."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ccw.context.cache.store import ContextCache
from ccw.context.files.find import Scope, Skipped
from ccw.context.patterns import parse_pattern
from ccw.context.session import PackedContext, PackRequest, pack_context, stream_context
from ccw.errors import ContextTooLarge, NothingMatched
from tests.context.packs import ReadFile, read_pack
from tests.nobody import open_to_all, run_as_nobody

LATER = 10.0
Pack = Callable[..., PackedContext]


@pytest.fixture
def files(project: Path) -> Path:
    (project / "src").mkdir()
    for name in "abc":
        (project / "src" / f"{name}.py").write_text(f"# {name}\n")
    return project


@pytest.fixture
def pack(files: Path, tmp_path: Path) -> Iterator[Pack]:
    cache = ContextCache(tmp_path / "cache", 10 << 20, "project")

    def pack(*patterns: str, **options: object) -> PackedContext:
        request = PackRequest(
            Scope(project=files, cwd=files),
            tuple(parse_pattern(pattern) for pattern in patterns or ("src/**",)),
            **options,  # type: ignore[arg-type]
        )
        return pack_context(request, cache, now=time.time() + LATER)

    yield pack
    cache.close()


def paths(packed: PackedContext) -> list[str]:
    return [file.path for file in packed.files]


def test_a_newly_ignored_file_is_gone_from_the_next_pack(files: Path, pack: Pack) -> None:
    assert paths(pack()) == ["src/a.py", "src/b.py", "src/c.py"]
    assert pack().hit
    (files / "src" / ".gitignore").write_text("b.py\n")
    packed = pack()
    assert not packed.hit
    assert paths(packed) == ["src/a.py", "src/c.py"]
    (files / "src" / ".gitignore").unlink()
    assert paths(pack()) == ["src/a.py", "src/b.py", "src/c.py"]


def test_an_added_and_a_deleted_file_are_seen(files: Path, pack: Pack) -> None:
    pack()
    (files / "src" / "new.py").write_text("new\n")
    (files / "src" / "a.py").unlink()
    assert paths(pack()) == ["src/b.py", "src/c.py", "src/new.py"]
    for name in ("b", "c", "new"):
        (files / "src" / f"{name}.py").unlink()
    with pytest.raises(NothingMatched):
        pack()


def test_a_folder_that_became_a_link_elsewhere_is_not_served(
    files: Path, pack: Pack, tmp_path: Path
) -> None:
    pack()
    (files / "src").rename(tmp_path / "outside")
    (files / "src").symlink_to(tmp_path / "outside")
    (files / "README.md").write_text("x\n")
    packed = pack("**/*")
    assert paths(packed) == ["README.md"]


@pytest.mark.parametrize(
    ("data", "text"),
    [
        pytest.param("é\r\n".encode("utf-16"), "é\r\n", id="utf-16"),
        pytest.param(
            "Käse, Öl und Brötchen\n".encode("latin-1"), "Käse, Öl und Brötchen\n", id="latin-1"
        ),
        pytest.param(b"```src/a.py\nfake\n```\n", "```src/a.py\nfake\n```\n", id="a-fence-of-ours"),
        pytest.param(b"", "", id="empty"),
    ],
)
def test_what_files_may_hold(files: Path, pack: Pack, data: bytes, text: str) -> None:
    (files / "x.txt").write_bytes(data)
    first = pack("x.txt", "src/a.py")
    assert read_pack(first.content)[0] == [
        ReadFile("src/a.py", b"# a\n"),
        ReadFile("x.txt", text.encode()),
    ]
    second = pack("x.txt", "src/a.py")
    assert (second.hit, second.content, second.notes) == (True, first.content, first.notes)


def test_names_of_all_kinds(files: Path, pack: Pack) -> None:
    names = [
        "with space",
        "new\nline",
        "tick`",
        'quo"te',
        os.fsdecode(b"caf\xe9"),
        "no-final-newline",
    ]
    (files / "odd").mkdir()
    for name in names:
        (files / "odd" / name).write_text("x\n")
    packed = pack("odd/*")
    expected = sorted(f"odd/{name}" for name in names)
    assert read_pack(packed.content)[0] == [ReadFile(path, b"x\n") for path in expected]
    assert pack("odd/*").hit


def test_a_binary_file_is_named_to_the_model(files: Path, pack: Pack) -> None:
    (files / "src" / "logo.png").write_bytes(b"\x89PNG\0")
    packed = pack()
    assert packed.skipped == (Skipped("src/logo.png", "binary"),)
    assert packed.content.endswith(b"\n\nLeft out:\n- src/logo.png: binary")


def test_limits_are_checked_before_the_first_byte(files: Path) -> None:
    (files / "src" / "big.txt").write_text("x" * 100_000)
    request = PackRequest(
        Scope(project=files, cwd=files), (parse_pattern("src/**"),), max_bytes=50_000
    )
    written: list[bytes] = []
    with pytest.raises(ContextTooLarge):
        stream_context(request, written.append)
    assert written == []


def test_streamed_and_held_are_the_same_bytes(files: Path, pack: Pack) -> None:
    request = PackRequest(Scope(project=files, cwd=files), (parse_pattern("src/**"),))
    written: list[bytes] = []
    summary = stream_context(request, written.append)
    packed = pack()
    assert b"".join(written) == packed.content
    assert (summary.files, summary.total_bytes) == (packed.files, packed.total_bytes)


PACK_SRC = """
from ccw.context.files.find import Scope
from ccw.context.patterns import parse_pattern
from ccw.context.session import PackRequest, pack_context
folder = Path(sys.argv[1])
packed = pack_context(PackRequest(Scope(folder, folder), (parse_pattern("src/**"),)), now=0)
print([file.path for file in packed.files], packed.skipped)
"""


def test_a_file_without_read_permission_is_left_out(files: Path, tmp_path: Path) -> None:
    open_to_all(files)
    (files / "src" / "b.py").chmod(0)
    result = run_as_nobody(PACK_SRC, str(files))
    assert result.stderr == ""
    assert "['src/a.py', 'src/c.py']" in result.stdout
    assert "src/b.py" in result.stdout
    assert "ermission" in result.stdout
