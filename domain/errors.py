"""Every error we raise on purpose.

LongchengError
├── ConfigError            a file or the environment says something that cannot be; stops the start
│   └── ConfigErrors       several of them, told together
├── StoreUnavailable       try the same write again later; nothing is lost by waiting
├── StoreRefused           the store will not take writes until a person mends settings; hold the data
├── PointsRejected         the rest was stored; these points never will be
├── TransferError          a file of points cannot be read or written; says which and why
├── OrderRefused           what a person orders cannot be; says why
│   └── AccountRefused     an account, a password or a token that cannot be
├── JournalFull            the disk or the bound is reached; stop acknowledging
├── SourceError            a camera gave no picture; `fault` names why
└── ChannelError           a notice did not get through; `retry` says whether another try can help
"""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Literal


class LongchengError(Exception):
    """Base of all errors raised on purpose."""


class ConfigError(LongchengError):
    """A setting that cannot be. The text names file, line, the thing, its value and what is allowed."""

    def __init__(self, problem: str, *, path: Path | str | None = None, line: int | None = None) -> None:
        self.problem = problem
        self.path = path
        self.line = line
        where = "" if path is None else f"{path}: " if line is None else f"{path} line {line}: "
        super().__init__(f"{where}{problem}")

    @property
    def problems(self) -> tuple["ConfigError", ...]:
        """Each thing that cannot be: only this one, but for `ConfigErrors`."""
        return (self,)


class ConfigErrors(ConfigError):
    """Several settings that cannot be, told together. The text has a line for each; file and line are the first's."""

    def __init__(self, problems: Sequence[ConfigError]) -> None:
        self._problems = tuple(each for problem in problems for each in problem.problems)
        first = self._problems[0]
        super().__init__(first.problem, path=first.path, line=first.line)
        self.args = ("\n".join(map(str, self._problems)),)

    @property
    def problems(self) -> tuple[ConfigError, ...]:
        """Each of them, in the order in which they were found."""
        return self._problems


class StoreUnavailable(LongchengError):
    """The store did not answer, or asked to wait; the same write may succeed later."""

    def __init__(self, problem: str, *, retry_after_s: float | None = None) -> None:
        self.retry_after_s = retry_after_s
        super().__init__(problem)


class StoreRefused(LongchengError):
    """Token, bucket or organisation is wrong; a person must mend it. The data is held, never dropped."""


class PointsRejected(LongchengError):
    """The store kept the rest of the batch and will never take these points.

    `rejected` pairs the index of a point in the batch with the store's reason.
    """

    def __init__(self, rejected: Sequence[tuple[int, str]]) -> None:
        self.rejected = tuple(rejected)
        super().__init__(f"{len(self.rejected)} points rejected, the first because: {self.rejected[0][1]}")


class TransferError(LongchengError):
    """A file of points that cannot be read or written, or a library for it that is not there."""


class OrderRefused(LongchengError):
    """What a person orders cannot be: it is `wrong` in itself, what it is about is `missing`, is `over` already, or has
    changed (`conflict`) since the person saw it.

    `problem` is for engineers, in English. `key` names the text that a person reads in its place on a page, and `facts`
    fill it: of a fact called `state`, `act`, … the reader gets the word, of one that ends in `_ms` the time.
    """

    def __init__(
        self,
        problem: str,
        why: Literal["wrong", "missing", "over", "conflict"] = "wrong",
        key: str = "",
        **facts: object,
    ) -> None:
        self.why = why
        self.key = key
        self.facts = facts
        super().__init__(problem)


class AccountRefused(OrderRefused):
    """An account, a password or a token that cannot be. `key` names the text that people read, `facts` fill it."""

    def __init__(
        self, problem: str, key: str, why: Literal["wrong", "missing", "over", "conflict"] = "wrong", **facts: object
    ) -> None:
        super().__init__(problem, why, key, **facts)


class JournalFull(LongchengError):
    """The journal cannot take another message; the collector stops acknowledging."""


class SourceFault(StrEnum):
    """Why a camera gave no picture."""

    AUTH_FAILED = "auth_failed"
    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"
    UNTRUSTED = "untrusted"
    NOT_FOUND = "not_found"
    CODEC = "codec"
    TRUNCATED = "truncated"
    NOT_AN_IMAGE = "not_an_image"
    PLACEHOLDER = "placeholder"


class SourceError(LongchengError):
    """A visit to a camera that brought no picture."""

    def __init__(self, fault: SourceFault, detail: str) -> None:
        self.fault = fault
        self.detail = detail
        super().__init__(f"{fault}: {detail}")


class ChannelError(LongchengError):
    """A notice that did not get through. With `retry` the same notice may get through later. `untaken` is what surely
    reached nobody; of the rest nobody knows."""

    def __init__(self, problem: str, *, retry: bool, untaken: bool = False) -> None:
        self.retry = retry
        self.untaken = untaken
        super().__init__(problem)
