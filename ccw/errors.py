"""Every failure that a user can act on: the message says what, where and what to do next.

The class says who is at fault: it carries the exit code of the command line, the status of the
HTTP API and the stable `error_type` of a result.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path


class CcwError(Exception):
    """A failure shown as one line, never as a traceback."""

    exit_code = 1
    http_status = 500

    @property
    def error_type(self) -> str:
        """The class's name in snake_case, as results and HTTP answers carry it."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", type(self).__name__).lower()


class UsageError(CcwError):
    """The request itself makes no sense: an empty prompt, options that exclude each other."""

    exit_code = 2
    http_status = 422


class PortTaken(UsageError):
    """The server's port belongs to another process, or may not be used."""


class ConfigError(CcwError):
    """The project's configuration, or a key that it refers to, cannot be used."""

    exit_code = 3
    http_status = 422


class ConfigFileError(ConfigError):
    """The config file is unreadable, malformed or of a newer version; it is left as it is."""

    http_status = 500


class InvalidValue(ConfigError):
    """A field was given a value that it cannot hold."""


class ImportRefused(ConfigError):
    """A file of another program cannot be taken in; it says where the file is wrong."""


class AlreadyExists(ConfigError):
    """Something was to be added under an id that is taken."""

    http_status = 409


class NotFound(ConfigError):
    """No provider, endpoint or session has this id."""

    http_status = 404


class ChangedMeanwhile(ConfigError):
    """Somebody else changed what was to be changed, since it was read.

    `current` is how it is now and `yours` what was to be saved, both without secrets.
    """

    http_status = 412

    def __init__(self, message: str, *, current: object, yours: object) -> None:
        super().__init__(message)
        self.current = current
        self.yours = yours


class MissingVariable(ConfigError):
    """A `${NAME}` reference names an environment variable that is not set."""


class SecretUnavailable(ConfigError):
    """The keyring, file or command that a reference names gives no usable value."""


class KeyNotConfigured(ConfigError):
    """The provider needs an API key and none is configured."""


class NotTrusted(ConfigError):
    """The project asks for keys, commands or places that the user has not agreed to.

    `wishes` is what the agreement lacks for what was to be done in `project`.
    """

    http_status = 403

    def __init__(self, message: str, *, project: Path, wishes: frozenset[Any]) -> None:
        super().__init__(message)
        self.project = project
        self.wishes = wishes


class TrustRecordUnusable(ConfigError):
    """What the user has agreed to cannot be read or written; nothing counts as agreed."""

    http_status = 500


class CacheFolderRefused(ConfigError):
    """`cacheDir` holds things that ccw did not put there."""


class CacheUnusable(ConfigError):
    """What was to be done to the context cache cannot be done to it as it is."""

    http_status = 500


class IgnoreFileUnusable(ConfigError):
    """A `.ccwignore` is there and cannot be used, so that what it excludes could be sent."""


class LocalModelMissing(ConfigError):
    """The embedded model, or the extra that runs it, is not installed."""


class InstallFailed(CcwError):
    """The embedded model was fetched, or could not be, and is not the one that was asked for."""


class LocalServerFailed(CcwError):
    """The kept server of the embedded model did not start."""


class PatternError(CcwError):
    """A pattern cannot be used as it is written."""

    exit_code = 4
    http_status = 422


class NothingMatched(PatternError):
    """A pattern matched no file."""


class NothingUsable(PatternError):
    """All files that the patterns match had to be left out."""


class PathNotAllowed(PatternError):
    """A path leads outside the project, the working directory and the included folders."""


class HistoryUnusable(CcwError):
    """The run log cannot be read or written; calls go on without it."""


class OutputFailed(CcwError):
    """What was asked for cannot be written: a full disk, a folder that refuses."""


class ProviderError(CcwError):
    """The provider answered, but not with a usable reply."""

    http_status = 502


class BadRequest(ProviderError):
    """The provider refused the request (400, 404, 422): a wrong model id, parameter or content."""


class IncompleteReply(ProviderError):
    """The reply broke off, or came without a choice; what arrived before is kept in `partial`."""

    def __init__(self, message: str, *, partial: str = "") -> None:
        super().__init__(message)
        self.partial = partial


class KeyRefused(ProviderError):
    """The provider refused the key (401, 403)."""

    exit_code = 5


class PaymentRequired(ProviderError):
    """The provider wants to be paid first (402); it has done nothing yet."""


class Unreachable(ProviderError):
    """No connection: refused, unknown host, TLS; or one that was lost when all was `sent`."""

    exit_code = 6

    def __init__(self, message: str, *, sent: bool = False) -> None:
        super().__init__(message)
        self.sent = sent


class RateLimited(ProviderError):
    """The provider asks to wait (429, 503, 529) and the retries are used up.

    `retry_after` is the time in seconds that it asked for, None when it named none.
    """

    exit_code = 6
    http_status = 503

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class TimedOut(ProviderError):
    """No answer in the time that was given; what arrived before is kept in `partial`."""

    exit_code = 6
    http_status = 504

    def __init__(self, message: str, *, partial: str = "") -> None:
        super().__init__(message)
        self.partial = partial


class LimitExceeded(CcwError):
    """Over a bound that the user or the model sets."""

    exit_code = 7
    http_status = 413


class TooManyRuns(LimitExceeded):
    """The server is busy with as many calls as it makes at a time."""

    http_status = 429


class ContextTooLarge(LimitExceeded):
    """The packed context is over the endpoint's `maxSizeKB` or the size option."""


class AllTooLarge(LimitExceeded):
    """All files that the patterns match are over a size bound."""


class CostExceeded(LimitExceeded):
    """The call may cost more than was allowed, or nobody knows what it costs."""


class ContextWindowExceeded(LimitExceeded):
    """The prompt with its files is over the model's context window."""


class Interrupted(CcwError):
    """The user ended the call (Ctrl-C)."""

    exit_code = 130
