"""Silences: those planned, in force and past; whom they cover, whose they are, why, and until when."""

from typing import Final, Literal

from msgspec import Struct

from console.pages.looking import AskPage, Found, Looking
from console.words import Words
from domain.register import Camera, Device, Shop
from domain.silence import Silence

_LISTED: Final = 200
_OFFERED: Final = 2000
"""A browser's list of more names is slow to open; any other can be typed."""


class AskSilencesPage(AskPage, frozen=True, kw_only=True):
    """Which of them; and what a new one begins with."""

    show: Literal["open", "past"] = "open"
    rule: str = ""
    device: str = ""


class SilenceRow(Struct, frozen=True, kw_only=True):
    """One silence in words."""

    silence: Silence
    state: str
    """`planned`, `in_force` or `over`."""
    whom: tuple[tuple[str, str], ...]
    """What must fit: names and patterns."""


def silences_view(looking: Looking) -> Found:
    """The list, newest first."""
    words, asked = looking.words, looking.view.as_(AskSilencesPage)
    found = looking.desk.silences(open_only=asked.show == "open", limit=_LISTED)
    rows = [_row(one, words) for one in found]
    rows = [row for row in rows if (row.state == "over") == (asked.show == "past")]
    facts: dict[str, object] = {"rows": rows, "asked": asked}
    new: dict[str, object] = {"asked": asked, **_offered(looking)}
    return words.say("rules.silences_title"), {"silence_list": facts, "silence_new": new}


def _offered(looking: Looking) -> dict[str, object]:
    """What a new one may name: of the places those that the reader is held to."""
    site, words, caller = looking.site, looking.words, looking.seat.caller
    scope = None if caller is None else caller.scope
    watched: list[Device | Camera] = [*site.devices.values(), *site.cameras.values()]
    places: list[Device | Camera | Shop] = [*watched, *site.shops.values()]
    streets = {one.location.sub_district for one in places}
    mine = streets if scope is None else streets & scope
    named: dict[str, Device | Camera] = {**site.cameras, **site.devices}
    near = [(name, one.name) for name, one in sorted(named.items()) if one.location.sub_district in mine]
    rules = [(one.id, words.pick(one.title.zh, one.title.en)) for one in looking.desk.rulebook.in_force().rules]
    kinds = {one.kind for one in site.devices.values()} | ({"camera"} if site.cameras else set())
    return {"streets": sorted(mine), "kinds": sorted(kinds), "rules": sorted(rules), "devices": near[:_OFFERED]}


def _row(one: Silence, words: Words) -> SilenceRow:
    state = "over" if one.is_over(words.now_ms) else "in_force" if one.holds(words.now_ms) else "planned"
    named = {
        "rule": one.rule_id,
        "device": one.device_id,
        "subject": one.subject,
        "kind": None if one.kind is None else words.term("kind", one.kind),
        "street": one.sub_district,
    }
    whom = tuple((words.say(f"rules.silence.{name}"), value) for name, value in named.items() if value is not None)
    return SilenceRow(silence=one, state=state, whom=whom)
