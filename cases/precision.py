"""How often finds of a matter are so, and what follows: below the site's measure, nobody is told without a person."""

from math import sqrt
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from cases.ladder import compressed_ms
from cases.notices.letters import Letters
from cases.notices.questions import Questions
from cases.scene import matter_of
from cases.store import BookTransaction
from config.load import Site
from domain.case import Alarm, LogEntry
from domain.errors import OrderRefused
from domain.ladder import NoticeRight

_Z: Final = 1.959964
"""Of the normal distribution, for an interval that holds 19 times in 20."""
_CASES_S: Final = 600.0
_ALL_S: Final = 86400.0
"""Counting all finds of all matters is no work for every minute."""


class Precision(Struct, frozen=True, kw_only=True):
    """Of the finds of a matter that people could speak on, the share that was so; with Wilson's interval of 95 %."""

    matter: str
    n: int
    wrong: int
    judged: int
    """Those of the n that a person judged; the others were told, and nobody said that they were none."""
    since_ms: int
    enough: bool
    """Whether they are as many as the site wants before it judges by them."""
    min_precision: float

    @property
    def share(self) -> float | None:
        """0–1; None of nothing."""
        return 1 - self.wrong / self.n if self.n else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """From–to, 0–1; None of nothing."""
        return wilson(self.n - self.wrong, self.n) if self.n else None

    @property
    def is_too_low(self) -> bool:
        """Whether a person is needed from now on."""
        return self.enough and self.share is not None and self.share < self.min_precision


class Standing(Struct, frozen=True, kw_only=True):
    """How a matter stands: whether it may be told without a person, and how often it was so."""

    right: NoticeRight
    precision: Precision
    confirm: str
    """What the site says: `auto`, or `person` whatever is measured."""

    @property
    def needs_a_person(self) -> bool:
        """Whether nobody is told before a person has said that it is so."""
        return self.right.is_lost or self.confirm == "person"


def wilson(hits: int, n: int) -> tuple[float, float]:
    """Wilson's interval of 95 % of hits ÷ n; n is at least 1."""
    share, square = hits / n, _Z * _Z
    middle = (share + square / (2 * n)) / (1 + square / n)
    half = _Z / (1 + square / n) * sqrt(share * (1 - share) / n + square / (4 * n * n))
    return max(0.0, middle - half), min(1.0, middle + half)


class Rights:
    """Takes the right to notices from a matter, and gives it back on a person's word."""

    def __init__(self, site: Site, letters: Letters) -> None:
        self._site = site
        self._questions = Questions(site, letters)
        self._all_ms: int | None = None
        self._looked_ms = 0

    def precision(self, tx: BookTransaction, matter: str, now_ms: int) -> Precision:
        """Since the window of the site began, or since a person gave the right back."""
        way = self._site.settings.ladder.way(matter)
        restored_ms = tx.notice_right(matter).restored_ms or 0
        since_ms = max(now_ms - compressed_ms(way.precision_window, self._site), restored_ms)
        found = tx.verdicts(matter, since_ms)
        return Precision(
            matter=matter,
            n=found.n,
            wrong=found.wrong,
            judged=found.judged,
            since_ms=since_ms,
            enough=found.n >= way.precision_finds,
            min_precision=way.min_precision,
        )

    def standing(self, tx: BookTransaction, matter: str, now_ms: int) -> Standing:
        """How one matter stands now."""
        return Standing(
            right=tx.notice_right(matter),
            precision=self.precision(tx, matter, now_ms),
            confirm=self._site.settings.ladder.way(matter).confirm,
        )

    def seen(self, tx: BookTransaction, now_ms: int) -> list[str]:
        """The matters that were seen on a ladder in the longest window of the site."""
        ladder = self._site.settings.ladder
        longest_s = max(ladder.way(code).precision_window for code in ("", *ladder.matters))
        return tx.found_matters(now_ms - compressed_ms(longest_s, self._site))

    def check(self, tx: BookTransaction, matter: str, now_ms: int, alarm: Alarm | None = None) -> None:
        """After a verdict: what proves wrong too often needs a person from now on. `alarm` is whose verdict it was."""
        right = tx.notice_right(matter)
        if right.is_lost or self._site.settings.ladder.way(matter).confirm == "person":
            return
        found = self.precision(tx, matter, now_ms)
        if not found.is_too_low:
            return
        lost = replace(right, lost_ms=now_ms, precision=found.share, n=found.n)
        tx.save_notice_right(lost)
        facts = _facts(found)
        tx.append_log(self._line("book", "right_lost", matter, now_ms, facts=facts, alarm=alarm))
        tx.add_notice(self._questions.right_lost(lost, facts, now_ms))

    def restore(self, tx: BookTransaction, matter: str, *, who: str, why: str, now_ms: int) -> NoticeRight:
        """A person gives it back; what is measured begins anew. Raises OrderRefused."""
        if not who.strip() or not why.strip():
            raise OrderRefused("say who gives it back, and why", key="say_who_and_why")
        if matter not in self._site.matters:
            raise OrderRefused(f"there is no matter {matter!r}", "missing", "matter_missing", matter=matter)
        right = tx.notice_right(matter)
        if not right.is_lost:
            raise OrderRefused(f"matter {matter} has its right to notices", "over", "right_held")
        given = replace(right, restored_ms=now_ms, restored_by=who, why=why)
        tx.save_notice_right(given)
        tx.append_log(self._line(who, "right_restored", matter, now_ms, facts={"person": who, "why": why}))
        return given

    def tick(self, tx: BookTransaction, now_ms: int) -> None:
        """What no verdict on a ladder told of: cases that were closed as none, and once a day how all stand."""
        if self._all_ms is None or abs(now_ms - self._all_ms) >= compressed_ms(_ALL_S, self._site):
            self._all_ms = self._looked_ms = now_ms
            matters = self.seen(tx, now_ms)
        elif abs(now_ms - self._looked_ms) >= compressed_ms(_CASES_S, self._site):
            matters = tx.matters_closed_as_none(self._looked_ms)
            self._looked_ms = now_ms
        else:
            return
        for matter in matters:
            self.check(tx, matter, now_ms)

    def _line(
        self, who: str, what: str, code: str, now_ms: int, *, facts: dict[str, str | int], alarm: Alarm | None = None
    ) -> LogEntry:
        """A line about a matter; it stands in the story of an alarm, if one was the last straw."""
        matter = matter_of(code, self._site)
        named = {"matter": code, "matter_zh": matter.zh, "matter_en": matter.en}
        return LogEntry(
            id=0,
            at_ms=now_ms,
            who=who,
            what=what,
            facts={**named, **facts},
            alarm_id=alarm.id if alarm else None,
        )


def _facts(found: Precision) -> dict[str, str | int]:
    low, high = found.interval or (0.0, 1.0)
    return {
        "share": f"{(found.share or 0) * 100:.1f}",
        "low": f"{low * 100:.0f}",
        "high": f"{high * 100:.0f}",
        "n": found.n,
        "wrong": found.wrong,
        "least": f"{found.min_precision * 100:g}",
    }
