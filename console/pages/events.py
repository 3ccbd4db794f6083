"""Everything that happens, as it comes, newest on top."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Annotated, Final
from urllib.parse import quote, urlencode

from msgspec import Meta, Struct
from msgspec.structs import replace

from config.load import Site
from console.pages.looking import AskPage, Found, Looking
from console.places import Place, place_of, section_of
from console.words import Words
from domain.case import Alarm, LogEntry, silenced
from domain.clock import epoch_ms
from domain.event import MENDED, OF_LETTERS, OF_NOTICES, Event, EventChoice, EventKind
from domain.finding import Severity
from domain.service import SERVICE

_AT_ONCE: Final = 60
_CRITICAL: Final = 50
"""So many open critical alarms a page can tell apart."""
_LOUD: Final = frozenset({
    "alarm_seen", "alarm_read", "alarm_raised", "alarm_worse", "alarm_stale", "alarm_escalated", "alarm_repeated",
    "alarm_ack_overtaken", "alarm_past_silence", "alarm_unproven", "case_worse", "case_emergency", "case_overdue",
    "case_step_late", "turned_urgent", "message_lost",
})  # fmt: skip
_OVER: Final = frozenset({
    "alarm_resolved", "alarm_clear_seen", "alarm_released", "self_corrected", "shop_corrected", "case_verified",
    "case_verified_on_site", "case_closed", "case_rated", "contest_upheld", "gone",
})  # fmt: skip
_OF_ONE: Final = frozenset({EventKind.ALARM, EventKind.CAMERA, EventKind.SHOP})
"""Lines that are about one camera or device, to whose page they lead."""


class AskEvents(AskPage, frozen=True, kw_only=True):
    """Which events; `before` goes on below an id, `day` begins with the end of one."""

    kind: EventKind | None = None
    severity: Severity | None = None
    sub_district: Annotated[str, Meta(max_length=200)] | None = None
    text: Annotated[str, Meta(max_length=100)] | None = None
    day: date | None = None
    before: Annotated[int, Meta(ge=1)] | None = None


class EventRow(Struct, frozen=True, kw_only=True):
    """One event in words."""

    id: int
    at_ms: int
    clock: str
    kind: EventKind
    severity: Severity | None
    """Only where something has begun, got worse, or went wrong: a word for the worst of it on each line would be
    noise."""
    over: bool
    """Something has ended well."""
    text: str
    whole: str
    """With the rule and its version, which most people do not need."""
    who: str
    place: Place | None
    case_id: str | None
    links: tuple[tuple[str, str], ...]
    """Word and address of the pages that it is about."""


def events_view(looking: Looking) -> Found:
    """The filters, and the events that fit."""
    asked, words = looking.view.as_(AskEvents), looking.words
    choice = choice_of(asked, looking.site)
    found = looking.desk.events.page(choice, limit=_AT_ONCE, before=asked.before)
    rows = [event_row(event, looking.site, words) for event in found.events]
    critical = [one for one in looking.desk.alarms(open_only=True, limit=_CRITICAL) if _rings(one, words.now_ms)]
    title = words.say(
        "events.page_title", name=words.pick(looking.site.settings.name.zh, looking.site.settings.name.en)
    )
    if critical:
        title = words.say("page_title_critical", n=len(critical)) + title
    facts: dict[str, object] = {
        "rows": rows,
        "days": _by_day(rows, words),
        "critical": [(one.id, words.pick(one.title_zh, one.title_en), _place(one, looking)) for one in critical],
        "older": found.older and _address(asked, before=found.older),
        "reached": found.older is not None and len(rows) < _AT_ONCE,
        "newest": _address(asked, before=None, day=None) if asked.before or asked.day else None,
        "filtered": bool(choice.kinds or choice.severity or choice.text or choice.sub_districts),
    }
    return title, {"events_filter": _filters(looking, asked), "events": facts}


def choice_of(asked: AskEvents, site: Site) -> EventChoice:
    """What the store is asked for."""
    until = None
    if asked.day is not None:
        until = epoch_ms(datetime.combine(asked.day + timedelta(days=1), time(), tzinfo=site.timezone))
    return EventChoice(
        kinds=(asked.kind,) if asked.kind else (),
        severity=asked.severity,
        text=(asked.text or "").strip(),
        sub_districts=frozenset({asked.sub_district}) if asked.sub_district else None,
        until_ms=until,
    )


def event_row(event: Event, site: Site, words: Words) -> EventRow:
    """One event in words."""
    line = with_names(event.line, words)
    place = None
    if event.device_id is not None:
        place = place_of(site, words, event.device_id, shop_id=event.shop_id, port=event.port)
    return EventRow(
        id=line.id,
        at_ms=line.at_ms,
        clock=words.local(line.at_ms).strftime("%H:%M:%S"),
        kind=event.kind,
        severity=event.severity if line.what in _LOUD else None,
        over=line.what in _OVER,
        text=words.story(line, by_rule=False),
        whole=words.story(line),
        who=words.term("who", line.who),
        place=place,
        case_id=event.case_id,
        links=tuple(_links(event, site, words)),
    )


def with_names(line: LogEntry, words: Words) -> LogEntry:
    """The line with a shop by its name, and a closed list's words in place of its keys."""
    facts, told = dict(line.facts), line.facts.get("recipient")
    if isinstance(told, str):
        facts["recipient"] = words.recipient(told)
    if line.what in OF_NOTICES:
        facts["channel"] = words.term("events.channel", str(line.facts.get("channel")))
    if line.what in OF_LETTERS and isinstance(line.facts.get("letter_reason"), str):
        facts["letter_reason"] = words.term("reason", str(line.facts["letter_reason"]))
    return replace(line, facts=facts)


def _links(event: Event, site: Site, words: Words) -> Iterator[tuple[str, str]]:
    """To the pages that there are, the nearest first."""
    device, alarm_id = event.device_id or "", event.line.alarm_id
    if event.case_id and event.kind is not EventKind.PRODUCT:
        yield words.say("events.to_case", id=event.case_id), f"/cases/{event.case_id}"
    elif event.line.what in OF_LETTERS:
        letter = event.line.facts.get("letter")
        mended = event.line.what == MENDED
        yield words.say("events.to_letters"), f"/deadletters/{letter}" if letter and not mended else "/deadletters"
        return
    elif device.startswith(SERVICE):
        yield words.say("events.to_health"), "/health"
        return
    if alarm_id is not None:
        yield words.say("events.to_alarm", id=alarm_id), f"/alarms/{alarm_id}"
    section = section_of(site, device) if event.kind in _OF_ONE else None
    if section is not None:
        yield words.term("events.to", section), f"/{section}/{quote(device, safe='')}"


def _rings(alarm: Alarm, now_ms: int) -> bool:
    return alarm.severity is Severity.CRITICAL and not silenced(alarm, now_ms)


def _place(alarm: Alarm, looking: Looking) -> str:
    return place_of(looking.site, looking.words, alarm.device_id, shop_id=alarm.shop_id, port=alarm.port).name


def _by_day(rows: list[EventRow], words: Words) -> list[tuple[str, list[EventRow]]]:
    """In stretches of one day each; of today without its name."""
    today = words.local(words.now_ms).date()
    days: list[tuple[str, list[EventRow]]] = []
    for day, some in groupby(rows, key=lambda row: words.local(row.at_ms).date()):
        days.append(("" if day == today else day.isoformat(), list(some)))
    return days


def _filters(looking: Looking, asked: AskEvents) -> dict[str, object]:
    site, words = looking.site, looking.words
    registers = (site.devices, site.cameras, site.shops)
    streets = sorted({one.location.sub_district for register in registers for one in register.values()})
    kinds = [(kind, words.term("events.kind", kind), _address(asked, kind=kind, before=None)) for kind in EventKind]
    everything = _address(asked, kind=None, before=None)
    return {
        "asked": asked,
        "kinds": kinds,
        "everything": everything,
        "severities": list(reversed(Severity)),
        "streets": streets,
    }


def _address(asked: AskEvents, **other: object) -> str:
    """This page's, with something asked otherwise."""
    named = {name: getattr(asked, name) for name in asked.__struct_fields__} | other
    told = {name: str(value) for name, value in named.items() if value is not None}
    return f"/events?{urlencode(told)}" if told else "/events"
