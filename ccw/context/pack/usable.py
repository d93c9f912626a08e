"""A pack of named files holds one of them at least, or it is an error that says why none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ccw.context.pack.reading import Part, Unusable
from ccw.context.pack.render import quote_path
from ccw.context.scope import Skipped
from ccw.errors import AllTooLarge, CcwError, NothingUsable

SHOWN = 10  # files that a message names


def some_usable(
    results: Iterable[Part | Unusable], skipped: Sequence[Skipped] = ()
) -> Iterator[Part | Unusable]:
    """Pass *results* on; *skipped* were left out before.

    Raises NothingUsable when all files were left out, AllTooLarge when all for their size: at the
    end, or before the text that follows the files.
    """
    missing, any_file = list(skipped), False
    for result in results:
        if isinstance(result, Unusable):
            missing.append(result.skipped)
        elif result.pinned:
            _check(missing, any_file=any_file)
        else:
            any_file = True
        yield result
    _check(missing, any_file=any_file)


def _check(missing: Sequence[Skipped], *, any_file: bool) -> None:
    if missing and not any_file:
        raise _error(sorted(missing, key=lambda item: item.path))


def _error(missing: Sequence[Skipped]) -> CcwError:
    shown = [f"{quote_path(item.path)}: {item.reason}" for item in missing[:SHOWN]]
    more = f"; and {len(missing) - SHOWN:,} more" if len(missing) > SHOWN else ""
    by_size = all(item.by_size for item in missing)
    return (AllTooLarge if by_size else NothingUsable)(
        f"all files that the patterns name are left out: {'; '.join(shown)}{more}; "
        "name others, or add --allow-missing to go on without"
    )
