"""The first page: the city's state in ten seconds."""

from collections.abc import Sequence
from typing import TypeVar

from msgspec import Struct

from config.load import Site
from console.city import City, Reach, look
from console.desk.city import Desk
from console.pages import headline
from console.pages.alarms import alarm_rows
from console.pages.cases import case_card
from console.pages.ladders import ladder_row
from console.pages.looking import Contexts, Found, Looking
from console.pages.pictures import Pictures
from console.pages.troubles import room_left, trouble_rows
from console.pages.views import bar, faulty
from console.payload import excerpt, readable
from console.words import Words
from domain.finding import Severity
from domain.message import DeadLetter

Item = TypeVar("Item")

_SHOWN = 8
_FOLDED = 60


class Limited(Struct, frozen=True, kw_only=True):
    """A long list in three parts: shown, folded away, and only counted."""

    shown: tuple[object, ...]
    folded: tuple[object, ...]
    beyond: int
    total: int


def limited(items: Sequence[Item], shown: int = _SHOWN, *, total: int | None = None) -> Limited:
    """The first `shown` items, some more folded, the rest as a number. `total` may exceed the list."""
    end = shown + _FOLDED
    count = max(len(items), total or 0)
    return Limited(shown=tuple(items[:shown]), folded=tuple(items[shown:end]), beyond=max(0, count - end), total=count)


def overview_view(looking: Looking) -> Found:
    """The city as it is now."""
    desk, site, words = looking.desk, looking.site, looking.words
    return overview_context(look(desk, site, words.now_ms), desk, site, words)


def overview_context(city: City, desk: Desk, site: Site, words: Words) -> tuple[str, Contexts]:
    """The page's title, and what each of its sections is filled with."""
    pictures = Pictures(desk)
    cards = [case_card(case, desk.log(case_id=case.id), site, words, pictures) for case in city.cases[:_SHOWN]]
    contexts: Contexts = {
        "system": _system(city, words),
        "headline": {
            "level": headline.level(city),
            "lead": headline.lead(city, words),
            "troubles": trouble_rows(city.health, site, words),
            "sight": headline.sight(city, words),
            "next": headline.next_deadline(city, words),
            "tiles": headline.tiles(city, words),
        },
        "alarms": {
            "rows": limited(alarm_rows(city.alarms, site, words, pictures, desk.alarm_list.orders_waiting())),
            "severities": [(severity, n) for severity in reversed(Severity) if (n := city.severities[severity])],
        },
        "cases": {
            "cards": cards,
            "beyond": max(0, city.counts.cases_open - len(cards)),
            "total": city.counts.cases_open,
        },
        "ladders": {
            "asked": limited(
                [ladder_row(ladder, site, words, pictures) for ladder in city.asked[: _SHOWN + _FOLDED]],
                total=city.counts.ladders_open,
            ),
            "corrected": [ladder_row(ladder, site, words, pictures) for ladder in city.corrected[:3]],
        },
        "cameras": {"bar": bar(city, words), "faulty": limited(faulty(city, words)), "total": len(city.cameras)},
        "devices": _devices(city),
        "deadletters": _deadletters(city, words),
    }
    return page_title(city, site, words), contexts


def page_title(city: City, site: Site, words: Words) -> str:
    """What the browser's tab says: critical alarms first."""
    critical = city.audible[Severity.CRITICAL]
    state = words.say("page_title_critical", n=critical) if critical else ""
    name = words.pick(site.settings.name.zh, site.settings.name.en)
    return words.say("page_title", state=state, city=name)


def _system(city: City, words: Words) -> dict[str, object]:
    journal = city.health.journal
    return {
        "health": city.health,
        "newest_ms": city.newest_ms,
        "used": f"{journal.size / journal.max_size:.0%}" if journal.max_size else "–",
        "room": room_left(city.health, words) if journal.full_in_s is not None else "",
        "faults": [f"{rule} × {n}" for rule, n in sorted(city.health.rule_faults.items())],
        "level": headline.level(city),
    }


def _devices(city: City) -> dict[str, object]:
    kinds: dict[str, list[int]] = {}
    for now in city.devices:
        tally = kinds.setdefault(now.device.kind, [0, 0])
        tally[0] += now.reach is Reach.ONLINE
        tally[1] += 1
    away = [now for now in city.devices if now.reach is not Reach.ONLINE]
    return {"kinds": kinds, "away": limited(away), "recent": [d for d in city.devices if d.reach is Reach.ONLINE][:3]}


class DeadRow(Struct, frozen=True, kw_only=True):
    """A dead letter made safe to read."""

    id: int
    received_ms: int
    topic: str
    reason: str
    part: str
    detail: str
    excerpt: str
    is_hex: bool


def _deadletters(city: City, words: Words) -> dict[str, object]:
    counts = sorted(city.dead_counts.items(), key=lambda pair: -pair[1])
    return {
        "rows": [_dead_row(letter, words) for letter in city.dead],
        "reasons": [(words.term("reason", reason), n) for reason, n in counts if n],
        "total": sum(city.dead_counts.values()),
    }


def _dead_row(letter: DeadLetter, words: Words) -> DeadRow:
    text, is_hex = excerpt(letter.payload)
    return DeadRow(
        id=letter.id,
        received_ms=letter.received_ms,
        topic=readable(letter.topic),
        reason=words.term("reason", letter.reason),
        part=readable(letter.part),
        detail=readable(letter.detail, limit=300),
        excerpt=text,
        is_hex=is_hex,
    )
