"""One alarm: what happened, who was told, and what a person can do about it."""

from glob import escape
from typing import Final

from console.alarms_found import location_of
from console.pages.alarm_chart import alarm_curve, looks_around
from console.pages.alarm_now import alarm_now
from console.pages.alarms import alarm_row
from console.pages.cases import story_lines
from console.pages.looking import Found, Looking
from console.pages.pictures import Pictures, Shot
from console.places import section_of
from console.words import Words
from domain.case import Alarm, acked, silenced
from domain.finding import Evidence

_NOTICES: Final = 50


def alarm_view(looking: Looking) -> Found | None:
    """The page's title and what its one section is filled with; None if there is no such alarm."""
    desk, site, words, about = looking.desk, looking.site, looking.words, looking.view.about
    alarm = desk.alarm(int(about)) if about.isascii() and about.isdigit() and len(about) <= 18 else None
    if alarm is None:
        return None
    orders = [order for order in desk.alarm_list.orders_waiting() if order.alarm_id == alarm.id]
    row = alarm_row(alarm, site, words, Pictures(desk), orders)
    story = desk.log(alarm_id=alarm.id)
    where = location_of(site, alarm)
    facts: dict[str, object] = {
        "alarm": alarm,
        "row": row,
        "now": alarm_now(alarm, looking),
        "curve": alarm_curve(alarm, site, words, desk.rulebook.in_force().rule(alarm.rule_id)),
        "looks": looks_around(alarm, looking),
        "shots": _shots(alarm, row.place.name, words, Pictures(desk)),
        "over": alarm.resolved_ms is not None,
        "acked": acked(alarm, words.now_ms),
        "silence_id": alarm.silence_id if silenced(alarm, words.now_ms) else None,
        "ordered": bool(orders),
        "story": story_lines(story, words),
        "cases": list(dict.fromkeys(entry.case_id for entry in story if entry.case_id)),
        "notices": desk.alarm_list.notices_about(alarm.id, limit=_NOTICES),
        "link": section_of(site, alarm.device_id),
        "patterns": {"subject": escape(alarm.subject), "rule": escape(alarm.rule_id)},
        "street": where.sub_district if where else None,
    }
    return f"{row.title} · {row.place.name}", {"alarm": facts}


def _shots(alarm: Alarm, name: str, words: Words, pictures: Pictures) -> tuple[Shot, ...]:
    """Before it, when first seen, and the look that it rests on, each only once."""
    found = alarm.evidence
    looks: dict[str, Evidence | None] = {
        "context": found and found.context,
        "onset": found and found.onset,
        "confirmed": found,
    }
    out: list[Shot] = []
    seen: set[str] = set()
    for what, look in looks.items():
        if look is None or look.look_id in seen or look.picture is None:
            continue
        seen.add(look.look_id)
        said = {"caption": words.say(f"shot.{what}"), "alt": words.say(f"shot.{what}_alt", name=name)}
        out.append(Shot(what=what, url=pictures.url(look), at_ms=look.taken_ms, **said))
    return tuple(out)
