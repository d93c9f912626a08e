"""`explain` says why a file is in or out."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ccw.context.files.explain import explain
from ccw.context.files.find import Scope
from ccw.context.patterns import scan
from tests.context.finding import write


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
        pytest.param("src/not.py", "src/not.py: out\n  excluded by @!**/not*", id="excluded"),
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
            "src/big.py: out\n  larger than 2,000 bytes: 2,001 (--max-file-size)",
            id="too-large",
        ),
        pytest.param(
            ".env",
            ".env: out\n  may hold secrets; to send it, name it exactly and add --allow-secrets",
            id="secret-met",
        ),
        pytest.param(
            "id_rsa",
            "id_rsa: out\n  no pattern matches it\n"
            "  it may hold secrets; name it exactly and add --allow-secrets",
            id="secret-not-met",
        ),
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
    scope = Scope(tmp_path, tmp_path, max_file_size=2000)
    patterns = scan("@src/*.py @**/a.py @!**/not* @.e*").patterns
    etc = os.path.relpath("/etc", tmp_path)
    assert explain(path, patterns, scope) == expected.replace("{etc}", etc)
