"""Figures for those who are held to sub-districts: counted from what is theirs."""

from collections.abc import Collection, Sequence

from msgspec.structs import replace

from cases.kpi.bulletin import Past
from cases.kpi.period import Period
from config.load import Site
from console.scope.map import ScopedMap
from domain.figures import AlarmTally, CaseMoment, NoticeTally
from domain.history import History


class ScopedFigures(ScopedMap):
    """A part of `ScopedDesk`."""

    def history(self, from_ms: int, to_ms: int, lines: Collection[str]) -> History:
        """Their ladders and cases, and the lines about these."""
        found = self._desk.history(from_ms, to_ms, lines)
        ladders = [one for one in found.ladders if self._at(one.camera_id, one.shop_id)]
        cases = [one for one in found.cases if self._has_case(one)]
        ladder_ids, case_ids = {one.id for one in ladders}, {one.id for one in cases}
        return replace(
            found,
            ladders=ladders,
            cases=cases,
            told={key: at_ms for key, at_ms in found.told.items() if key in ladder_ids},
            lines=[one for one in found.lines if one.case_id in case_ids or one.ladder_id in ladder_ids],
        )

    def case_moments(self, from_ms: int, to_ms: int, whats: Collection[str]) -> Sequence[CaseMoment]:
        """Of their cases."""
        found = self._desk.case_moments(from_ms, to_ms, whats)
        return [one for one in found if self._at(one.device_id, one.shop_id, one.sub_district)]

    def alarm_tallies(self, from_ms: int, to_ms: int) -> Sequence[AlarmTally]:
        """Of their things."""
        return [one for one in self._desk.alarm_tallies(from_ms, to_ms) if self._at(one.device_id, one.shop_id)]

    def notice_tallies(self, from_ms: int, to_ms: int) -> Sequence[NoticeTally]:
        """About their things."""
        found = self._desk.notice_tallies(from_ms, to_ms)
        return [one for one in found if self._at(one.device_id, one.shop_id, one.sub_district)]

    def workbook(self, past: Past, site: Site, period: Period, as_of_ms: int, language: str) -> bytes:
        """Over what they are given, which is theirs: both come from the seat of who asks."""
        return self._desk.workbook(past, site, period, as_of_ms, language)
