"""Single parts of globs mean what wcmatch says, on random parts and names."""

from __future__ import annotations

from random import Random

import pytest
from wcmatch import glob

from ccw.context.files.globs import MAX_INVERSE, name_matcher
from tests.context.trees import cases

FLAGS = glob.GLOBSTAR | glob.EXTGLOB | glob.CASE
ATOMS = [
    "a",
    "b",
    ".",
    "*",
    "?",
    "[ab]",
    "[!a]",
    "[a-c]",
    "[[:digit:]]",
    "1",
    "\\*",
    "\\a",
    "é",
    "-",
]
NAMES = [
    "a",
    "b",
    "ab",
    "aab",
    "ba",
    "a.b",
    "b.a",
    "a1",
    "1",
    "abab",
    "*",
    "é",
    "a-b",
    "aaaa",
    "b..a",
]


def random_part(random: Random, depth: int = 2) -> str:
    """Return a random part, with groups nested up to *depth*."""
    pieces = []
    for _ in range(random.randint(1, 3)):
        if depth and random.random() < 0.5:
            inner = [random_part(random, depth - 1) for _ in range(random.randint(1, 3))]
            pieces.append(f"{random.choice('@?*+@?*+!')}({'|'.join(inner)})")
        else:
            pieces.append(random.choice(ATOMS))
    return "".join(pieces)


@pytest.mark.parametrize("batch", range(10))
@pytest.mark.parametrize("dots", [False, True])
def test_equals_wcmatch(batch: int, dots: bool) -> None:
    flags = FLAGS | (glob.DOTGLOB if dots else 0)
    for number in range(cases(2000) // 20):
        random = Random(f"{batch}-{number}-{dots}")
        part = random_part(random)
        if part.count("!(") > MAX_INVERSE:
            continue
        hidden = [f".{name}" for name in random.sample(NAMES, 4)]
        names = [*NAMES, *hidden, "".join(random.choices("ab.1", k=random.randint(3, 7))) + "a"]
        matches = name_matcher(part, dots=dots)
        expected = [name for name in names if glob.globmatch(name, part, flags=flags)]
        assert [name for name in names if matches(name)] == expected, part
