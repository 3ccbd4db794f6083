"""What happens, over the lists of a desk in memory."""

from collections.abc import Sequence

from config.load import Site
from console.scope.pages import ground_of
from domain.case import Alarm, Case, LogEntry
from domain.event import OF_SILENCES, Event, EventChoice, EventPage, kind_of
from domain.finding import Severity
from domain.silence import Silence


class FakeEvents:
    """Fits `console.desk.events.EventDesk`."""

    def __init__(
        self,
        site: Site | None,
        lines: Sequence[LogEntry],
        alarms: Sequence[Alarm],
        cases: Sequence[Case],
        silences: Sequence[Silence] = (),
    ):
        self._site, self._lines, self._alarms, self._cases = site, lines, alarms, cases
        self._silences = silences

    def page(self, choice: EventChoice, *, limit: int, before: int | None = None) -> EventPage:
        """The newest."""
        fitting = self._fitting(choice)[::-1]
        found = tuple(event for event in fitting if before is None or event.line.id < before)[:limit]
        older = found[-1].line.id if len(found) == limit else None
        return EventPage(events=found, older=older)

    def since(self, choice: EventChoice, *, after: int, limit: int) -> tuple[Sequence[Event], int]:
        """The oldest."""
        found = [event for event in self._fitting(choice) if event.line.id > after][:limit]
        return found, found[-1].line.id if len(found) == limit else max(after, self.newest())

    def newest(self) -> int:
        """Of all lines."""
        return max((line.id for line in self._lines), default=0)

    def _fitting(self, choice: EventChoice) -> list[Event]:
        events = [self._event(line) for line in sorted(self._lines, key=lambda line: line.id)]
        return [event for event in events if self._fits(event, choice)]

    def _fits(self, event: Event, choice: EventChoice) -> bool:
        told = " ".join(map(str, (event.line.who, event.case_id, event.subject, *event.line.facts.values())))
        return (
            (not choice.kinds or event.kind in choice.kinds)
            and choice.severity in {None, event.severity}
            and choice.text.lower() in told.lower()
            and (choice.until_ms is None or event.line.at_ms < choice.until_ms)
            and self._lies_in(event, choice.sub_districts)
        )

    def _lies_in(self, event: Event, sub_districts: frozenset[str] | None) -> bool:
        if sub_districts is None:
            return True
        if self._site is None:
            return event.sub_district in sub_districts
        ground = ground_of(self._site, sub_districts)
        if event.line.what in OF_SILENCES:
            about = event.line.facts["silence_id"]
            return any(one.reaches(ground) for one in self._silences if one.id == about)
        return ground.holds(event.device_id or "", event.shop_id, event.sub_district)

    def _event(self, line: LogEntry) -> Event:
        alarm = next((one for one in self._alarms if one.id == line.alarm_id), None)
        case = next((one for one in self._cases if one.id == line.case_id), None)
        about: Alarm | Case | None = alarm or case
        told = line.facts.get("severity")
        return Event(
            line=line,
            kind=kind_of(line.what, alarm.kind if alarm else None, alarm.zone if alarm else None),
            severity=Severity(str(told)) if told in set(Severity) else None,
            device_id=about.device_id if about else None,
            shop_id=about.shop_id if about else None,
            port=alarm.port if alarm else None,
            subject=about.subject if about else None,
            sub_district=case.sub_district if case else None,
            case_id=line.case_id,
        )
