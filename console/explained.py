"""What is said of a subject or an alarm when somebody asks why. What the rules know fits these by shape."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Protocol

from msgspec import Struct

from config.limits import Side
from config.schema import Words
from domain.case import Alarm, LogEntry
from domain.finding import AlarmState, Finding, Severity
from domain.reading import Value


class GivenLimit(Protocol):
    """The limits of one severity that one place gives a subject, and whether they hold."""

    @property
    def severity(self) -> Severity: ...
    @property
    def step(self) -> str:
        """Who gives it: `subject`, `plan`, `model` or `default`; the first wins."""
        ...

    @property
    def raise_(self) -> Side: ...
    @property
    def clear(self) -> Side | None: ...
    @property
    def hold_s(self) -> float: ...
    @property
    def samples(self) -> int: ...
    @property
    def where(self) -> str:
        """`trees.yaml:12 tree-tilt`: file, line of the raise limit, and who says it."""
        ...

    @property
    def source(self) -> str | None: ...
    @property
    def confidence(self) -> str | None: ...
    @property
    def wins(self) -> bool: ...
    @property
    def why(self) -> str:
        """In English."""
        ...


class Gathering(Protocol):
    """How far a subject is from an alarm, as far as it can be told."""

    @property
    def severity(self) -> Severity: ...
    @property
    def figure(self) -> float | None:
        """What is compared with the limit now; None: nothing was heard, or it is not kept."""
        ...

    @property
    def short(self) -> float | None:
        """By how much the figure lacks the limit; 0: it is beyond it; None: that is not known."""
        ...

    @property
    def held_s(self) -> float | None:
        """How long it has been beyond it; None: it is not."""
        ...

    @property
    def count(self) -> int:
        """How many values in a row were beyond it."""
        ...


class Judged(Protocol):
    """One rule over one subject."""

    @property
    def rule_id(self) -> str: ...
    @property
    def subject(self) -> str: ...
    @property
    def title(self) -> Words: ...
    @property
    def kind(self) -> str: ...
    @property
    def severity(self) -> Severity: ...
    @property
    def version(self) -> str: ...
    @property
    def where(self) -> str:
        """Where the rule stands: `trees.yaml:12`."""
        ...

    @property
    def metric(self) -> str | None: ...
    @property
    def limits(self) -> Sequence[GivenLimit]:
        """Everything that gives it limits, by severity; empty for a kind without."""
        ...

    @property
    def source(self) -> str | None: ...
    @property
    def confidence(self) -> str | None: ...
    @property
    def first(self) -> Words | None: ...
    @property
    def unit(self) -> str: ...
    @property
    def latched(self) -> AbstractSet[Severity]: ...
    @property
    def state(self) -> AlarmState | None:
        """None: quiet."""
        ...

    @property
    def since_ms(self) -> int | None: ...
    @property
    def gathering(self) -> Sequence[Gathering]:
        """By severity, of the limits that hold."""
        ...


class Step(Protocol):
    """A moment at which an alarm's state changed."""

    @property
    def at_ms(self) -> int: ...
    @property
    def before(self) -> AlarmState | None: ...
    @property
    def after(self) -> AlarmState | None: ...
    @property
    def value(self) -> Value | None: ...
    @property
    def findings(self) -> Sequence[Finding]: ...
    @property
    def values(self) -> int: ...
    @property
    def least(self) -> float | None: ...
    @property
    def most(self) -> float | None: ...


class AboutSubject(Struct, frozen=True, kw_only=True):
    """A device, port, camera or zone."""

    subject: str
    name: str
    place: str
    judged: Sequence[Judged]
    newest: Mapping[str, tuple[int, Value]]


class RuleNow(Struct, frozen=True, kw_only=True):
    """The rule of an alarm as it is now."""

    title: Words
    version: str
    source: str | None
    confidence: str | None
    first: Words | None


class AboutAlarm(Struct, frozen=True, kw_only=True):
    """An alarm, or only its rule and subject where there never was one."""

    key: tuple[str, str]
    alarm: Alarm | None
    judged: Judged | None
    rule: RuleNow | None
    steps: Sequence[Step]
    said: int
    start_ms: int
    stop_ms: int
    log: tuple[LogEntry, ...]
