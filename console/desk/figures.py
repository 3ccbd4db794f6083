"""What the console needs to know for the figures of a period."""

from collections.abc import Collection, Sequence
from typing import Protocol

from cases.kpi.bulletin import Past
from cases.kpi.period import Period
from config.load import Site
from domain.figures import AlarmTally, CaseMoment, NoticeTally
from domain.history import History


class FiguresDesk(Protocol):
    """A part of `console.desk.city.Desk`. Each of these takes as long as the stretch is: do not ask in passing."""

    def history(self, from_ms: int, to_ms: int, lines: Collection[str]) -> History:
        """Rows of a stretch of time, with the log's lines of these kinds."""
        ...

    def case_moments(self, from_ms: int, to_ms: int, whats: Collection[str]) -> Sequence[CaseMoment]:
        """Lines of these kinds of the cases that were closed in a stretch of time, in the order of the log."""
        ...

    def alarm_tallies(self, from_ms: int, to_ms: int) -> Sequence[AlarmTally]:
        """Alarms that were raised in it."""
        ...

    def notice_tallies(self, from_ms: int, to_ms: int) -> Sequence[NoticeTally]:
        """Notices to people that were written in it."""
        ...

    def workbook(self, past: Past, site: Site, period: Period, as_of_ms: int, language: str) -> bytes:
        """The report of a period as an Excel file, over a past and a site as far as somebody may see them."""
        ...
