"""What the product says of itself."""

from enum import StrEnum

from msgspec import Struct

from domain.finding import Severity

SERVICE = "service/"
"""How the subjects of alarms about the product itself begin."""


class TroubleKind(StrEnum):
    """What can be wrong with the product itself, the most urgent first."""

    JOURNAL_STOPPED = "journal_stopped"  # it takes no message; they wait at the broker
    BROKER_AWAY = "broker_away"
    RULES_FAILING = "rules_failing"  # no message is judged
    JOURNAL_FILLING = "journal_filling"
    STORE_AWAY = "store_away"  # readings wait in the journal
    JOURNAL_DAMAGED = "journal_damaged"  # records could not be read back
    STORE_DROPS = "store_drops"  # the store took rows and let them fall
    COLLECTOR_RESTLESS = "collector_restless"  # a collector begins again and again
    RULES_SETTINGS = "rules_settings"  # the rules cannot be judged by as their files are now
    WATCH_SETTINGS = "watch_settings"  # a `watch` cannot use the site's files as they are now
    PLATFORM_LATE = "platform_late"  # the city's platform does not get what happens to cases
    PLATFORM_REFUSES = "platform_refuses"  # it refused some of it for good

    @property
    def part(self) -> str:
        """The part of the product it is about."""
        return self.value.partition("_")[0]

    @property
    def subject(self) -> str:
        """What an alarm of it is about, e.g. `service/journal`."""
        return f"{SERVICE}{self.part}"

    @property
    def rule_id(self) -> str:
        """What stands in the place of a rule in its alarms, e.g. `system-journal-stopped`."""
        return f"system-{self.value.replace('_', '-')}"

    @classmethod
    def of_rule(cls, rule_id: str) -> "TroubleKind | None":
        """The one whose alarms have this rule; None if it is a real rule."""
        return next((kind for kind in cls if kind.rule_id == rule_id), None)


class Trouble(Struct, frozen=True, kw_only=True):
    """Something that is wrong with the product itself now, and for long enough to be told."""

    kind: TroubleKind
    severity: Severity
    since_ms: int


class Requests(Struct, frozen=True, kw_only=True):
    """Requests that carried points to the series store since the start of the process."""

    codes: dict[str, int] = {}
    """How many, by answer: an HTTP status, or `none` where none came; of the embedded store `stored` or `failed`."""
    within: tuple[tuple[float, int], ...] = ()
    """How many took at most so many seconds; the counts only grow from one bound to the next."""
    took_s: float = 0.0
    """All of them together."""

    @property
    def count(self) -> int:
        """How many there were."""
        return sum(self.codes.values())
