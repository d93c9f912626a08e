"""Where secrets lie beyond variables: a file, the output of a command, the user's keyring."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ccw.config.places import home_folder
from ccw.config.references.parsing import Reference, file_place, keyring_entry
from ccw.config.regular import beginning
from ccw.errors import SecretUnavailable

LARGEST = 64 * 1024  # bytes of a secret


def read_source(
    reference: Reference, field: str, owner: str, project: Path, environ: Mapping[str, str]
) -> str:
    """Return what a well-formed *reference* to a keyring, file or command gives.

    *environ* is the real environment; SecretUnavailable names *field* and what to do.
    """
    if reference.kind == "file":
        return read_file(project, reference.argument, field, home_folder(environ))
    if reference.kind == "cmd":
        from ccw.config.references.commands import command_output

        return command_output(reference.argument, field, project, environ)
    return _from_keyring(reference.argument, field, owner)


def read_file(project: Path, path: str, field: str, home: Path) -> str:
    """Return the one line that a file holds; *path* is relative to *project*, `~` is *home*."""
    place = file_place(project, path, home)
    data = _content(place, field)
    if len(data) > LARGEST:
        raise _unusable(field, place, "is larger than 64 KB; it should hold the key alone")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:  # its text quotes the bytes
        text = None
    if text is None:
        raise _unusable(field, place, "is not UTF-8; it should hold the key alone")
    lines = text.splitlines()
    if not text.strip():
        raise _unusable(field, place, "is empty; write the key into it")
    if len(lines) > 1:
        raise _unusable(field, place, f"has {len(lines)} lines; it should hold the key alone")
    return lines[0]


def _content(place: Path, field: str) -> bytes:
    """Read a regular file; anything else, such as a pipe, is neither waited for nor drained."""
    try:
        return beginning(place, LARGEST + 1)
    except (OSError, ValueError) as error:  # ValueError: a path with a NUL
        reason = getattr(error, "strerror", None) or str(error)
    raise _unusable(field, place, f"cannot be read: {reason}; check the path and its permissions")


def _unusable(field: str, place: Path, problem: str) -> SecretUnavailable:
    return SecretUnavailable(f"{field} refers to the file {place}, which {problem}")


def _from_keyring(argument: str, field: str, owner: str) -> str:
    from ccw.config.keyrings import secure_keyring

    service, user = keyring_entry(argument)
    value = secure_keyring(f"{field} refers to the keyring").get(service, user)
    if value:
        return value
    raise SecretUnavailable(
        f"{field} refers to {service}/{user} in the keyring, which has no such entry; "
        f"store the key: ccw provider set-key {owner}"
    )
