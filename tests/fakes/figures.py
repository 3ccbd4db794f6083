"""The past of a desk in memory."""

from collections.abc import Collection, Sequence

from cases.kpi.bulletin import Past
from cases.kpi.period import Period
from config.load import Site
from domain.case import Alarm, Case, LogEntry
from domain.figures import AlarmTally, CaseMoment, NoticeTally
from domain.history import History
from domain.ladder import Ladder
from domain.notice import Notice


class FakeFigures:
    """A part of `FakeDesk`: every ladder was told of when it began."""

    all_alarms: list[Alarm]
    all_cases: list[Case]
    all_ladders: list[Ladder]
    all_notices: list[Notice]
    lines: list[LogEntry]

    def history(self, from_ms: int, to_ms: int, lines: Collection[str]) -> History:
        """Out of the lists."""
        ladders = [one for one in self.all_ladders if from_ms <= one.started_ms < to_ms]
        return History(
            ladders=ladders,
            cases=self.all_cases,
            told={one.id: one.started_ms for one in ladders},
            lines=[one for one in self.lines if one.what in lines],
            since_ms=min((one.at_ms for one in self.lines), default=None),
        )

    def case_moments(self, from_ms: int, to_ms: int, whats: Collection[str]) -> Sequence[CaseMoment]:
        """Out of the lines."""
        closed = {one.id: one for one in self.all_cases if one.closed_ms and from_ms <= one.closed_ms < to_ms}
        return [
            CaseMoment(
                case_id=case.id,
                device_id=case.device_id,
                shop_id=case.shop_id,
                sub_district=case.sub_district,
                what=line.what,
                at_ms=line.at_ms,
            )
            for line in self.lines
            if (case := closed.get(line.case_id or "")) and line.what in whats
        ]

    def alarm_tallies(self, from_ms: int, to_ms: int) -> Sequence[AlarmTally]:
        """One for each."""
        return [
            AlarmTally(
                rule_id=one.rule_id,
                title_zh=one.title_zh,
                title_en=one.title_en,
                severity=one.severity,
                device_id=one.device_id,
                shop_id=one.shop_id,
                n=1,
                open=int(one.resolved_ms is None),
            )
            for one in self.all_alarms
            if from_ms <= one.raised_ms < to_ms
        ]

    def notice_tallies(self, from_ms: int, to_ms: int) -> Sequence[NoticeTally]:
        """One for each that is about a case."""
        cases = {one.id: one for one in self.all_cases}
        return [
            NoticeTally(
                channel=one.channel,
                state=one.state.value,
                device_id=case.device_id,
                shop_id=case.shop_id,
                sub_district=case.sub_district,
                n=1,
                delivered=int(one.delivered_ms is not None),
            )
            for one in self.all_notices
            if from_ms <= one.created_ms < to_ms and (case := cases.get(one.case_id or ""))
        ]

    def workbook(self, past: Past, site: Site, period: Period, as_of_ms: int, language: str) -> bytes:
        """What was asked for, as text."""
        found = past.history(period.from_ms, period.to_ms, ())
        return f"{site.settings.site} {period.name} {as_of_ms} {language} {len(found.ladders)}".encode()
