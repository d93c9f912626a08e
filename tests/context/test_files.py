"""What patterns find: the rules of names, folders, lines, ignore files and plain text."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ccw.context.files.find import Found, FoundFile, Stamp
from ccw.errors import NothingMatched
from tests.context.finding import find, left_out, paths, write


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    write(
        root,
        "README.md",
        "src/a.py",
        "src/b.ts",
        "src/.hidden.py",
        "src/auth/login.ts",
        "src/auth/credentials.ts",
        "docs/a b.md",
        "node_modules/x/index.js",
        "dist/out.js",
        "src/__pycache__/a.pyc",
        "src/old.pyc",
        ".github/ci.yml",
        "app/[id]/page.tsx",
        "generated/a.py",
    )
    (root / ".gitignore").write_text("generated/\n*.log\n")
    return root


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        pytest.param("@src/a.py", ["src/a.py"], id="file"),
        pytest.param("@src", ["src/a.py", "src/auth/credentials.ts", "src/auth/login.ts",
                              "src/b.ts"], id="folder"),
        pytest.param("@src/auth/", ["src/auth/credentials.ts", "src/auth/login.ts"], id="slash"),
        pytest.param("@src/*/", ["src/auth/credentials.ts", "src/auth/login.ts"], id="glob-slash"),
        pytest.param("@./src/../README.md", ["README.md"], id="dots"),
        pytest.param("@**/*.py", ["src/a.py"], id="no-hidden-no-ignored"),
        pytest.param("@src/.*", ["src/.hidden.py"], id="hidden-asked-for"),
        pytest.param("@.github", [".github/ci.yml"], id="hidden-folder-by-name"),
        pytest.param("@**/*.ts @!src/auth", ["src/b.ts"], id="exclude-folder"),
        pytest.param("@src/*.{py,ts}", ["src/a.py", "src/b.ts"], id="braces"),
        pytest.param("@{docs,src/auth}", ["docs/a b.md", "src/auth/credentials.ts",
                                          "src/auth/login.ts"], id="folders-in-braces"),
        pytest.param('@"docs/a b.md"', ["docs/a b.md"], id="space"),
        pytest.param("@node_modules/x/**", ["node_modules/x/index.js"], id="left-out-named-below"),
        pytest.param("@dist", ["dist/out.js"], id="left-out-named"),
        pytest.param("@**/node_modules/**", ["node_modules/x/index.js"], id="left-out-in-glob"),
        pytest.param("@generated/a.py", ["generated/a.py"], id="ignored-named-exactly"),
        pytest.param("@src/old.pyc", ["src/old.pyc"], id="pyc-named-exactly"),
        pytest.param("@app/[id]/page.tsx", ["app/[id]/page.tsx"], id="name-that-looks-like-a-glob"),
        pytest.param("@src/a.py @src/*.py @**/a.py", ["src/a.py"], id="no-duplicates"),
        pytest.param("Fix it", [], id="no-pattern"),
    ],
)  # fmt: skip
def test_found(root: Path, prompt: str, expected: list[str]) -> None:
    assert paths(find(root, prompt)) == expected


def test_whole_value(root: Path) -> None:
    assert find(root, "@src/*.py @README.md:3-4 @param") == Found(
        files=(
            FoundFile("README.md", str(root / "README.md"), _stamp(root / "README.md"), ((3, 4),)),
            FoundFile("src/a.py", str(root / "src/a.py"), _stamp(root / "src/a.py")),
        ),
        matched={"@src/*.py": 1, "@README.md:3-4": 1},
        notes=("@param matches no file and is taken as text",),
    )


def _stamp(path: Path) -> Stamp:
    status = path.stat()
    return Stamp(status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)


@pytest.mark.parametrize(
    ("prompt", "lines"),
    [
        pytest.param("@src/a.py:9-12 @src/a.py:3", ((3, 3), (9, 12)), id="apart"),
        pytest.param("@src/a.py:3-9 @src/a.py:8-12", ((3, 12),), id="overlapping"),
        pytest.param("@src/a.py:3-9 @src/a.py:10-12", ((3, 12),), id="touching"),
        pytest.param("@src/a.py:3-9 @src/*.py", (), id="the-whole-file-wins"),
    ],
)
def test_line_ranges_are_united(
    root: Path, prompt: str, lines: tuple[tuple[int, int], ...]
) -> None:
    assert [file.lines for file in find(root, prompt).files] == [lines]


def test_paths_are_shown_from_the_project(root: Path) -> None:
    assert paths(find(root, "@*.py @../README.md", cwd=root / "src")) == ["README.md", "src/a.py"]


def test_patterns_start_in_the_working_folder(root: Path) -> None:
    assert paths(find(root, "@**/*.ts", cwd=root / "src/auth")) == [
        "src/auth/credentials.ts",
        "src/auth/login.ts",
    ]


def test_absolute_and_home_paths(root: Path) -> None:
    found = find(root, f"@{root}/src/*.py @~/README.md", home=root)
    assert paths(found) == ["README.md", "src/a.py"]


def test_sorted_by_bytes(tmp_path: Path) -> None:
    write(tmp_path, "b", "a/z", "a.b", "é", "Z")
    assert paths(find(tmp_path, "@**")) == ["Z", "a.b", "a/z", "b", "é"]


def test_nested_rules_and_ccwignore(root: Path) -> None:
    write(root, "src/x.log", "src/keep.log", "src/auth/y.gen")
    (root / "src/.gitignore").write_text("!keep.log\n*.gen\n")
    (root / ".ccwignore").write_text("/docs/\n")
    assert paths(find(root, "@**/*.{log,gen,md}")) == ["README.md", "src/keep.log"]


def test_rules_above_the_working_folder_hold(root: Path) -> None:
    write(root, "src/x.log")
    with pytest.raises(NothingMatched, match=r"src/x\.log \(`\*\.log` in \.gitignore:2\)"):
        find(root, "@*.log", cwd=root / "src")


def test_rules_of_the_repository_above_the_project_hold(root: Path) -> None:
    (root.parent / ".git/info").mkdir(parents=True)
    (root.parent / ".gitignore").write_text("*.ts\n")
    (root.parent / ".git/info/exclude").write_text("*.md\n")
    assert paths(find(root, "@**/*.{ts,md,py}")) == ["src/a.py"]


@pytest.mark.parametrize(
    ("prompt", "text"),
    [
        pytest.param("@src/c.py", r"@src/c\.py matches no file: did you mean @src/a", id="folder"),
        pytest.param("@Readme.md", r"did you mean @README\.md\?", id="file-type"),
        pytest.param("@*.zig", r"@\*\.zig matches no file \(looked up in", id="glob"),
        pytest.param("@./nothing", r"@\./nothing matches no file", id="dot-slash"),
        pytest.param("@../nothing", r"@\.\./nothing matches no file", id="dot-dot-slash"),
        pytest.param("@/no/such/file", r"@/no/such/file matches no file", id="absolute"),
        pytest.param("@~/nothing", r"@~/nothing matches no file", id="home"),
        pytest.param("@generated", r"only ignored files, such as generated/a\.py \(`generated/` in "
                     r"\.gitignore:1\)", id="ignored"),
        pytest.param("@**/index.js", r"node_modules is left out unless a pattern", id="default"),
        pytest.param("@src/c.py @*.zig", r"@src/c\.py.*; @\*\.zig matches", id="all-are-named"),
        pytest.param("@README.md/", r"no file", id="file-with-slash"),
    ],
)  # fmt: skip
def test_nothing_matched(root: Path, prompt: str, text: str) -> None:
    with pytest.raises(NothingMatched, match=text) as raised:
        find(root, prompt, home=root)
    assert raised.value.exit_code == 4
    assert "--allow-missing" in str(raised.value)


def test_missing_may_be_allowed(root: Path) -> None:
    found = find(root, "@src/a.py @src/c.py @*.zig", allow_missing=True)
    assert (paths(found), found.failed) == (["src/a.py"], ("@src/c.py", "@*.zig"))


@pytest.mark.parametrize("token", ["@param", "@pytest.fixture", "@angular/core", "@john.doe"])
def test_other_tokens_are_text(root: Path, token: str) -> None:
    found = find(root, f"{token} in @README.md")
    assert paths(found) == ["README.md"]
    assert found.notes == (f"{token} matches no file and is taken as text",)


def test_exclusions_that_do_nothing_are_noted(root: Path) -> None:
    assert find(root, "@src @!*.ts").notes == (
        "@!*.ts excluded nothing; for any depth write @!**/*.ts",
    )


def test_excluded_is_not_missing(root: Path) -> None:
    found = find(root, "@src @docs @!docs")
    assert found.notes == ("all that @docs matches is excluded",)
    assert found.failed == ()


@pytest.mark.parametrize(
    "name", [".env", ".env.local", "a.pem", "x.KEY", "id_rsa", ".npmrc", "credentials.json"]
)
def test_secrets_are_left_out_of_globs(root: Path, name: str) -> None:
    write(root, f"conf/{name}", "conf/.env.example", "conf/credentials.py")
    found = find(root, "@conf/{*,.*}")
    assert paths(found) == ["conf/.env.example", "conf/credentials.py"]
    assert left_out(found) == {
        f"conf/{name}": "may hold secrets; to send it, name it exactly and add --allow-secrets"
    }


def test_allowing_secrets_needs_the_exact_name(root: Path) -> None:
    write(root, ".env")
    assert paths(find(root, "@.env", allow_secrets=True)) == [".env"]
    assert paths(find(root, "@.e*", allow_secrets=True)) == []


def test_modules_that_are_not_needed_stay_unloaded(root: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from ccw.context.files.find import *; "
        "from ccw.context.patterns import scan; p = Path(sys.argv[1]); heavy = sys.argv[2:]; "
        "print(len(find_files(scan('@src/**/*.ts @README.md').patterns, Scope(p, p)).files)); "
        "print([name for name in heavy if name in sys.modules])"
    )
    heavy = ["wcmatch", "bracex", "pathspec", "difflib", "pydantic"]
    command = [sys.executable, "-c", code, str(root), *heavy]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=True,
        cwd=os.getcwd(),
        env={"PYTHONPATH": os.getcwd()},
    )
    assert done.stdout == "4\n[]\n"
