"""Every error that this package raises on purpose, and the exit code that the command line turns it into.

::

    KlingPostError                     exit 1   something broke inside
    ├── UsageError                     exit 2   the command line's words are off
    ├── MissingToolError               exit 3   a program or an optional extra is not installed
    ├── InvalidInputError              exit 4   what was handed in cannot be used
    │   ├── ProjectError               exit 4     a project file: unknown key, wrong value, missing file
    │   ├── RequestError               exit 4     a generation request the model would refuse
    │   └── MediaError                 exit 4     a media file that cannot be read
    ├── GateFailedError                exit 5   the checks found something at fail level
    ├── BudgetRefusedError             exit 6   nothing was sent: it would cost more than allowed
    ├── ProviderError                  exit 7   the provider refused, failed or could not be reached
    └── EncodeError                    exit 1   ffmpeg could not write what was asked

Each error is one sentence that says what was wrong and where, and a ``remedy``: one sentence that says what to do.
"""

from pathlib import Path


class KlingPostError(Exception):
    """Root of the tree. ``str()`` gives the sentence and, where there is one, the remedy behind it."""

    exit_code = 1

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".rstrip()


class UsageError(KlingPostError):
    """The words on the command line do not fit together."""

    exit_code = 2


class MissingToolError(KlingPostError):
    """A program (ffmpeg) or an optional extra is not installed."""

    exit_code = 3


class InvalidInputError(KlingPostError):
    """What was handed in cannot be used as it is."""

    exit_code = 4


class ProjectError(InvalidInputError):
    """A project file has an unknown key, a wrong value, or names a file that is not there."""

    def __init__(self, message: str, *, path: Path | None = None, line: int | None = None, remedy: str = "") -> None:
        where = "" if path is None else f"{path}:{line}: " if line else f"{path}: "
        super().__init__(where + message, remedy=remedy)
        self.path = path
        self.line = line


class RequestError(InvalidInputError):
    """A generation request that the model would refuse; ``code`` and ``parameter`` are the provider's own words."""

    def __init__(self, message: str, *, code: str, parameter: str, remedy: str = "") -> None:
        super().__init__(message, remedy=remedy)
        self.code = code
        self.parameter = parameter


class MediaError(InvalidInputError):
    """A media file that is missing, damaged, or not what its name says."""

    def __init__(self, message: str, *, path: Path, remedy: str = "") -> None:
        super().__init__(f"{path}: {message}", remedy=remedy)
        self.path = path


class GateFailedError(KlingPostError):
    """The checks found something at fail level."""

    exit_code = 5


class BudgetRefusedError(KlingPostError):
    """Nothing was sent, because it would cost more than the run or the project may spend."""

    exit_code = 6


class ProviderError(KlingPostError):
    """The provider refused the key, refused the task, failed at it, or could not be reached."""

    exit_code = 7

    def __init__(self, message: str, *, code: str, retryable: bool = False, remedy: str = "") -> None:
        super().__init__(message, remedy=remedy)
        self.code = code
        self.retryable = retryable


class EncodeError(KlingPostError):
    """Ffmpeg could not write what was asked; carries the command and the end of what ffmpeg said."""

    def __init__(self, message: str, *, argv: tuple[str, ...] = (), stderr_tail: str = "", remedy: str = "") -> None:
        super().__init__(message, remedy=remedy)
        self.argv = argv
        self.stderr_tail = stderr_tail
