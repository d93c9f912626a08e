"""`explain` says why a file is in or out."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ccw.context.explain import explain
from ccw.context.files.find import Scope
from ccw.context.patterns import scan
from tests.context.finding import write
from tests.nobody import open_to_all, run_as_nobody


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        pytest.param("src/a.py", "src/a.py: in\n  matched by @src/*.py, @**/a.py", id="in"),
        pytest.param(
            "./src/../src/a.py", "src/a.py: in\n  matched by @src/*.py, @**/a.py", id="dots"
        ),
        pytest.param("src/a.txt", "src/a.txt: out\n  no pattern matches it", id="no-pattern"),
        pytest.param(
            "src/nothing.py", "src/nothing.py: out\n  there is no such file", id="missing"
        ),
        pytest.param("src", "src: out\n  it is a folder; ask about a file", id="folder"),
        pytest.param(
            "src/not.py",
            "src/not.py: out\n  matched by @src/*.py\n  excluded by @!**/not*",
            id="excluded",
        ),
        pytest.param(
            "src/gen.py",
            "src/gen.py: out\n  matched by @src/*.py\n"
            "  ignored: `gen.*` in src/.gitignore:2; name the file exactly to take it",
            id="ignored",
        ),
        pytest.param(
            "build/a.py",
            "build/a.py: out\n  matched by @**/a.py\n  ignored: build is left out unless a pattern "
            "names it; name the file exactly to take it",
            id="left-out-by-default",
        ),
        pytest.param(
            "src/big.py",
            "src/big.py: out\n  matched by @src/*.py\n"
            "  larger than 2,000 bytes: 2,001 (--max-file-size)",
            id="too-large",
        ),
        pytest.param(
            ".env",
            ".env: out\n  matched by @.e*\n"
            "  may hold secrets; to send it, name it exactly and add --allow-secrets",
            id="secret-met",
        ),
        pytest.param(
            "id_rsa",
            "id_rsa: out\n  no pattern matches it\n"
            "  it may hold secrets; name it exactly and add --allow-secrets",
            id="secret-not-met",
        ),
        pytest.param(
            "src/bin.py", "src/bin.py: out\n  matched by @src/*.py\n  binary", id="binary"
        ),
        pytest.param(
            "src/short.md",
            "src/short.md: out\n  matched by @src/short.md:7-9\n"
            "  its lines 7-9 do not exist: it has 1",
            id="lines-beyond-the-end",
        ),
        pytest.param("../{cwd}", ".: out\n  it is a folder; ask about a file", id="project"),
        pytest.param(
            "/etc/passwd",
            "{etc}/passwd: out\n  it leads outside the allowed folders; add --include-dirs /etc",
            id="outside",
        ),
    ],
)
def test_explain(tmp_path: Path, path: str, expected: str) -> None:
    write(
        tmp_path,
        "src/a.py",
        "src/a.txt",
        "src/not.py",
        "src/gen.py",
        "build/a.py",
        ".env",
        "id_rsa",
    )
    write(tmp_path, "src/big.py", text="x" * 2001)
    (tmp_path / "src/.gitignore").write_text("# made\ngen.*\n")
    write(tmp_path, "src/bin.py", text="\0")
    write(tmp_path, "src/short.md", text="one\n")
    scope = Scope(tmp_path, tmp_path, max_file_size=2000)
    patterns = scan("@src/*.py @**/a.py @!**/not* @.e* @src/short.md:7-9").patterns
    etc = os.path.relpath("/etc", tmp_path)
    path = path.replace("{cwd}", tmp_path.name)
    assert str(explain(path, patterns, scope)) == expected.replace("{etc}", etc)


EXPLAIN = """
from ccw.context.explain import explain
from ccw.context.files.find import Scope, find_files
from ccw.context.patterns import parse_pattern
from ccw.errors import NothingMatched
root = Path(sys.argv[1])
for path in ("closed/z.py", "unlisted/z.py"):
    print(explain(path, [parse_pattern("**")], Scope(root, root)))
for glob in ("closed/z.py", "closed/*.py", "unlisted/*.py", "**/*.py"):
    try:
        find_files([parse_pattern(glob)], Scope(root, root))
    except NothingMatched as error:
        print(str(error).partition(" (")[0])
"""


def test_folders_that_may_not_be_looked_into(tmp_path: Path) -> None:
    write(tmp_path, "closed/z.py", "unlisted/z.py", "a.md")
    (tmp_path / "closed").chmod(0o000)
    (tmp_path / "unlisted").chmod(0o711)
    open_to_all(tmp_path)
    done = run_as_nobody(EXPLAIN, str(tmp_path))
    (tmp_path / "closed").chmod(0o755)
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        "closed/z.py: out",
        "  permission denied: a folder on its way may not be looked into",
        "unlisted/z.py: out",
        "  matched by **",
        "  unlisted/ cannot be listed: Permission denied",
        "closed/z.py matches no file: closed/z.py: permission denied",
        "closed/*.py matches no file; closed/ cannot be listed: Permission denied",
        "unlisted/*.py matches no file; unlisted/ cannot be listed: Permission denied",
        "**/*.py matches no file; closed/ cannot be listed: Permission denied; "
        "unlisted/ cannot be listed: Permission denied",
    ]


@pytest.mark.parametrize(
    ("path", "pattern", "expected"),
    [
        pytest.param(
            "src/.hid/h.py",
            "@src",
            "src/.hid/h.py: out\n  no pattern matches it: .hid begins with a dot, which no "
            "wildcard takes; write it out",
            id="hidden-folder",
        ),
        pytest.param(
            "src/.h.py",
            "@**/*.py",
            "src/.h.py: out\n  no pattern matches it: .h.py begins with a dot, which no wildcard "
            "takes; write it out",
            id="hidden-file",
        ),
        pytest.param(
            "src/.h.py", "@*.md", "src/.h.py: out\n  no pattern matches it", id="hidden-and-other"
        ),
        pytest.param("src/.hid/h.py", "@src/.hid", "src/.hid/h.py: in\n  matched by @src/.hid"),
        pytest.param(
            "src/link/a.py",
            "@src",
            "src/link/a.py: out\n  matched by @src\n  src/link is a symlink to a folder, which no "
            "wildcard follows; name src/link/",
            id="below-a-link",
        ),
        pytest.param("src/link/a.py", "@src/link/", "src/link/a.py: in\n  matched by @src/link/"),
    ],
)
def test_what_wildcards_pass_over(tmp_path: Path, path: str, pattern: str, expected: str) -> None:
    write(tmp_path, "src/.hid/h.py", "src/.h.py", "there/a.py")
    (tmp_path / "src" / "link").symlink_to("../there")
    scope = Scope(tmp_path, tmp_path)
    assert str(explain(path, scan(pattern).patterns, scope)) == expected
