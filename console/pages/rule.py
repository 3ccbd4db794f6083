"""One rule whole: its words, its lines, how often it fired, over whom, and what a change of it would do."""

from fnmatch import fnmatchcase
from typing import Annotated, Final
from urllib.parse import quote

from msgspec import Meta

from console.desk.rules import ReplayNote
from console.fired import DAYS, tallied
from console.pages.looking import AskPage, Contexts, Found, Looking
from console.pages.rule_tests import context_of_tests, verdict
from console.pages.rule_words import hours_words
from console.pages.rules import bars, replays_context, rule_row
from console.places import DEVICES, Place, place_of, section_of
from domain.case import Alarm
from domain.firing import Fired
from domain.silence import Silence

_OFTEN: Final = 10
_ALARMS: Final = 25
_SILENCES: Final = 1000
_BIG: Final = 90


class AskRulePage(AskPage, frozen=True, kw_only=True):
    """From which of its alarms on."""

    before: Annotated[int, Meta(ge=1)] | None = None


def rule_view(looking: Looking) -> Found | None:
    """The page of one rule; None if none of this id is in force."""
    words, site, desk = looking.words, looking.site, looking.desk.rulebook
    asked, rule_id = looking.view.as_(AskRulePage), looking.view.about
    one = next((one for one in tallied(desk, desk.in_force()) if one.card.id == rule_id), None)
    if one is None:
        return None
    row, card, tests = rule_row(one, site, words), one.card, desk.tests()
    alarms = desk.alarms(rule_id, before_id=asked.before, limit=_ALARMS + 1)
    replays = [note for note in desk.replays() if _about(note, rule_id)]
    contexts: Contexts = {
        "rule_head": {"row": row, "card": card, "verdict": verdict(card, tests, words)},
        "rule_says": {
            "row": row,
            "card": card,
            "hours": hours_words(card, words),
            "text": words.pick(card.text.zh, card.text.en) if card.text else "",
            "first": words.pick(card.first.zh, card.first.en) if card.first else "",
            "written": desk.written(rule_id),
        },
        "rule_fired": {
            "row": row,
            "bars": bars(one.days, words, height=_BIG),
            "height": _BIG,
            "days": DAYS,
            "often": [_over(fired, looking) for fired in desk.fired(rule_id, days=DAYS, limit=_OFTEN)],
        },
        "rule_alarms": {
            "alarms": [_alarm(alarm, looking) for alarm in alarms[:_ALARMS]],
            "after": alarms[_ALARMS - 1].id if len(alarms) > _ALARMS else None,
            "rule_id": rule_id,
            "before": asked.before,
        },
        "rule_silences": {"silences": _silences(looking, rule_id), "rule_id": rule_id},
        "rules_tests": context_of_tests(tests, words, rule_id),
        "rules_replays": replays_context(replays, desk.running(), words),
    }
    return words.say("rules.rule_title", title=row.title), contexts


def _silences(looking: Looking, rule_id: str) -> list[Silence]:
    """Those in force or planned that name the rule, or many of which it is one."""
    return [
        silence
        for silence in looking.desk.silences(open_only=True, limit=_SILENCES)
        if silence.rule_id is not None and fnmatchcase(rule_id, silence.rule_id)
    ]


def _about(note: ReplayNote, rule_id: str) -> bool:
    """Whether a replay says anything of this rule, or was asked to."""
    return rule_id in note.rules or any(fnmatchcase(rule_id, one.partition("/")[0]) for one in note.only)


def _over(fired: Fired, looking: Looking) -> tuple[Fired, Place, str]:
    """With the place, and the page it has, if any."""
    port = fired.subject.partition("/")[2]
    number = int(port) if port.isdecimal() else None
    place = place_of(looking.site, looking.words, fired.device_id, shop_id=fired.shop_id, port=number)
    return fired, place, _page(fired.device_id, number, looking)


def _alarm(alarm: Alarm, looking: Looking) -> tuple[Alarm, Place]:
    return alarm, place_of(looking.site, looking.words, alarm.device_id, shop_id=alarm.shop_id, port=alarm.port)


def _page(device_id: str, port: int | None, looking: Looking) -> str:
    section = section_of(looking.site, device_id)
    if section is None:
        return ""
    return f"/{section}/{quote(device_id, safe='')}" + (f"?port={port}" if port and section == DEVICES else "")
