"""What is wrong with the product itself, in words: what, since when, and what to do."""

from msgspec import Struct

from config.load import Site
from console.desk.health import CollectorHealth, Health
from console.words import Words
from domain.finding import Severity
from domain.service import TroubleKind

_UNITS = ("B", "KiB", "MiB", "GiB", "TiB")
_SAID_AT_MOST = 240
_MISTAKES_AT_MOST = 800


class TroubleRow(Struct, frozen=True, kw_only=True):
    """One trouble in words."""

    kind: TroubleKind
    severity: Severity
    since_ms: int
    title: str
    detail: str
    advice: str


def trouble_rows(health: Health, site: Site, words: Words) -> list[TroubleRow]:
    """The worst first."""
    facts = facts_of(health, site, words) if health.troubles else {}
    return [
        TroubleRow(
            kind=trouble.kind,
            severity=trouble.severity,
            since_ms=trouble.since_ms,
            title=words.say(f"service.{trouble.kind}.title"),
            detail=words.say(f"service.{trouble.kind}.detail", **facts),
            advice=words.say(f"service.{trouble.kind}.advice"),
        )
        for trouble in health.troubles
    ]


def facts_of(health: Health, site: Site, words: Words) -> dict[str, str]:
    """What the texts of troubles are filled with."""
    journal, settings = health.journal, site.settings
    away = [told(one, words) for one in health.collectors if not one.connected]
    restless = [f"{one.name}: {one.restarts} / {one.reconnects}" for one in health.collectors]
    return {
        "used": f"{journal.size / journal.max_size:.0%}" if journal.max_size else "–",
        "size": amount(journal.size),
        "max": amount(journal.max_size),
        "free": "–" if journal.free_bytes is None else amount(journal.free_bytes),
        "folder": str(settings.data_dir.absolute()),
        "url": settings.mqtt.url,
        "away": words.say("service.joint").join(away) or "–",
        "restless": words.say("service.joint").join(restless) or "–",
        "room": room_left(health, words),
        "lag": words.number(journal.lag_series),
        "store": _shortened(health.store.problem) or "–",
        "failure": _shortened(health.read.failure) or "–",
        "rules": _shortened(health.rules_problem, _MISTAKES_AT_MOST) or "–",
        "watch": words.say("service.joint").join(_shortened(problem) for problem in health.watch_problems) or "–",
        "events": words.number(health.platform.pending if health.platform else 0),
        "event_age": words.lasting(health.platform.oldest_age_s if health.platform else 0.0),
        "events_dead": words.number(health.platform.dead if health.platform else 0),
        "platform": _shortened(health.platform.problem if health.platform else "") or "–",
        "damaged": words.number(journal.damaged_records),
        "rows": words.say("service.joint").join(
            f"{why} × {words.number(n)}" for why, n in health.store.lost_rows.items()
        ),
    }


def told(one: CollectorHealth, words: Words | None = None) -> str:
    """A collector by name, and what ails it, in a reader's language; without one as it was worded, in English."""
    trouble = (words.retold(one.trouble) if words else None) or one.trouble
    return f"{one.name}: {_shortened(trouble)}" if trouble else one.name


def room_left(health: Health, words: Words) -> str:
    """How long the journal will last."""
    left_s = health.journal.full_in_s
    if left_s is None:
        return words.say("service.not_filling")
    return words.say("service.full_in", left=words.lasting(left_s)) if left_s >= 1 else words.say("service.full_now")


def amount(size: float) -> str:
    """A size in the unit that suits it: `1.5 GiB`."""
    place = 0
    while size >= 1024 and place < len(_UNITS) - 1:
        size, place = size / 1024, place + 1
    return f"{size:.0f} {_UNITS[place]}" if size >= 100 or not place else f"{size:.1f} {_UNITS[place]}"


def _shortened(text: str, most: int = _SAID_AT_MOST) -> str:
    return text if len(text) <= most else f"{text[:most]}…"
