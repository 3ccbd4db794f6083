"""Figures of a period, out of the case store."""

import tempfile
from collections.abc import Collection, Sequence
from pathlib import Path

from app.reports.words import ReportWords
from app.reports.workbook import save
from cases.kpi.bulletin import Past, make_bulletin
from cases.kpi.period import Period
from config.load import Site
from domain.figures import AlarmTally, CaseMoment, NoticeTally
from domain.history import History
from storage.case_store import CaseStore


class CityFigures:
    """A part of `CityDesk`."""

    _store: CaseStore

    def history(self, from_ms: int, to_ms: int, lines: Collection[str]) -> History:
        """Rows of a stretch of time."""
        return self._store.history(from_ms, to_ms, lines)

    def case_moments(self, from_ms: int, to_ms: int, whats: Collection[str]) -> Sequence[CaseMoment]:
        """Lines of the cases that were closed in it."""
        return self._store.case_moments(from_ms, to_ms, whats)

    def alarm_tallies(self, from_ms: int, to_ms: int) -> Sequence[AlarmTally]:
        """Alarms that were raised in it."""
        return self._store.alarm_tallies(from_ms, to_ms)

    def notice_tallies(self, from_ms: int, to_ms: int) -> Sequence[NoticeTally]:
        """Notices that were written in it."""
        return self._store.notice_tallies(from_ms, to_ms)

    def workbook(self, past: Past, site: Site, period: Period, as_of_ms: int, language: str) -> bytes:
        """The same file that `longcheng report` writes."""
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "report.xlsx"
            save(make_bulletin(past, site, period, as_of_ms), ReportWords(site, language, as_of_ms), file)
            return file.read_bytes()
