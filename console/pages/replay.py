"""One replay that was kept: what it would have raised, and what changes against the older version."""

from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from console.desk.rules import ReplayDay, ReplayedAlarm, ReplayKept
from console.pages.looking import Found, Looking
from console.places import Place, place_of
from console.words import Words

_TALL: Final = 90
_RULES: Final = 12


class DayPair(Struct, frozen=True, kw_only=True):
    """One day: how many the older version raised and the newer, as bars of a drawing."""

    x: int
    day: str
    old: int
    new: int
    old_height: float
    new_height: float


class PlayedRow(Struct, frozen=True, kw_only=True):
    """One alarm of a replay in words."""

    alarm: ReplayedAlarm
    place: Place
    value: str
    lasted: str
    moved: str


def replay_view(looking: Looking) -> Found | None:
    """The page of one replay; None if it is not kept."""
    words = looking.words
    kept = looking.desk.rulebook.replay(looking.view.about)
    if kept is None:
        return None
    lists = (("new", kept.new), ("gone", kept.gone), ("changed", kept.changed), ("alarms", kept.alarms))
    facts: dict[str, object] = {
        "kept": kept,
        "note": kept.note,
        "pairs": list(_pairs(kept.days)),
        "tall": _TALL,
        "by_rule": _by_rule(kept),
        "lists": [(name, [_row(one, looking, words) for one in alarms]) for name, alarms in lists if alarms],
    }
    return words.say("rules.replay_title"), {"replay": facts}


def _pairs(days: tuple[ReplayDay, ...]) -> Iterator[DayPair]:
    old: dict[str, int] = {}
    new: dict[str, int] = {}
    for one in days:
        old[one.day] = old.get(one.day, 0) + one.old
        new[one.day] = new.get(one.day, 0) + one.new
    most = max((*old.values(), *new.values()), default=0) or 1
    for place, day in enumerate(sorted(old)):
        yield DayPair(
            x=place * 3,
            day=day,
            old=old[day],
            new=new[day],
            old_height=round(old[day] / most * _TALL, 1),
            new_height=round(new[day] / most * _TALL, 1),
        )


def _by_rule(kept: ReplayKept) -> list[tuple[str, int, int]]:
    old: dict[str, int] = {}
    new: dict[str, int] = {}
    for one in kept.days:
        old[one.rule_id] = old.get(one.rule_id, 0) + one.old
        new[one.rule_id] = new.get(one.rule_id, 0) + one.new
    rows = [(rule, old[rule], new[rule]) for rule in old]
    return sorted(rows, key=lambda row: (-abs(row[2] - row[1]), -row[2], row[0]))[:_RULES]


def _row(one: ReplayedAlarm, looking: Looking, words: Words) -> PlayedRow:
    device_id, _, part = one.subject.partition("/")
    place = place_of(looking.site, words, device_id, port=int(part) if part.isdecimal() else None)
    lasted = words.lasting((one.resolved_ms - one.raised_ms) / 1000) if one.resolved_ms else words.say("rules.stands")
    moved = ""
    if one.was_raised_ms is not None and (by_ms := one.raised_ms - one.was_raised_ms):
        key = "rules.later" if by_ms > 0 else "rules.earlier"
        moved = words.say(key, lasting=words.lasting(abs(by_ms) / 1000))
    figures = "" if one.value is None else f"{one.value:.4g}" + ("" if one.limit is None else f" / {one.limit:.4g}")
    return PlayedRow(alarm=one, place=place, value=figures, lasted=lasted, moved=moved)
