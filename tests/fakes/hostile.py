"""A city in which every name and every text that comes from outside is a script."""

import dataclasses
from typing import Any, Final, TypeVar

from msgspec import Struct, structs

from config.load import Site
from tests.fakes.desk import FakeDesk

SCRIPT: Final = "'\"><script>alert(1)</script><img src=x onerror=alert(2)>{{7*7}}"
_SAID_BY_OTHERS: Final = frozenset(
    {
        "name", "road", "title_zh", "title_en", "subject", "unit", "who", "why", "what", "topic", "detail",
        "part", "decoder", "recipient", "address", "last_error", "step", "contact", "document", "zone",
        "display_name", "about", "reason_text", "fault", "text", "note", "handler", "asked_by", "ended_by",
        "given_by", "limit_source", "metric", "comment",
    }
)  # fmt: skip
_OWN_WORDS: Final = frozenset({"state", "severity", "kind", "reason"})
Thing = TypeVar("Thing")


def hostile(thing: Thing, name: str = "") -> Thing:
    """The same with a script behind every text that somebody outside could have given."""
    return _spoilt(thing, name)  # type: ignore[no-any-return]


def _spoilt(thing: Any, name: str) -> Any:
    match thing:
        case str() if type(thing) is str and name in _SAID_BY_OTHERS and thing:
            return thing + SCRIPT
        case bytes() if name == "payload":
            return thing + SCRIPT.encode()
        case Struct():
            told = {one: _spoilt(getattr(thing, one), one) for one in thing.__struct_fields__ if one not in _OWN_WORDS}
            return structs.replace(thing, **told)
        case dict():
            return {key: _spoilt_entry(key, value, name) for key, value in thing.items()}
        case tuple() | list():
            return type(thing)(_spoilt(one, name) for one in thing)
    return thing


def _spoilt_entry(key: Any, value: Any, name: str) -> Any:
    if name in {"facts", "body"}:
        return value + SCRIPT if _is_said(key, value) else value
    return _spoilt(value, name)


def _is_said(key: str, value: object) -> bool:
    return isinstance(value, str) and key not in {"case_id", "rule_id", "matter", "reason", "verdict", "act"}


def hostile_site(site: Site) -> Site:
    """Shops, devices, cameras, zones and papers."""
    parts = {name: hostile(getattr(site, name)) for name in ("devices", "cameras", "shops", "permits", "closures")}
    return dataclasses.replace(site, **parts)


def spoil(desk: FakeDesk) -> None:
    """Alarms, cases, ladders, silences, stories, notices, dead letters and looks."""
    for one in dataclasses.fields(desk):
        value = getattr(desk, one.name)
        if isinstance(value, list) and one.name not in {"orders", "case_orders", "arrived", "seen"}:
            setattr(desk, one.name, [hostile(item) for item in value])
    desk.touch()
