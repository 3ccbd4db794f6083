"""Whom a silence can speak of: the names there are, and what is said of one that is none of them."""

from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import Final

from msgspec import Struct

from config.load import Site
from domain.case import OVERFLOW, SERVICE, Alarm
from domain.errors import OrderRefused
from domain.register import Camera, Device, Shop
from domain.service import TroubleKind
from domain.silence import Silence, is_pattern

_NEAR: Final = 3
_NOUNS: Final = {
    "rule": "rule",
    "device": "device or camera",
    "subject": "device, camera, port or zone",
    "kind": "kind",
    "sub_district": "sub-district",
}


class NoSuch(Struct, frozen=True, kw_only=True):
    """What a silence names and nothing has: which of its fields, and the names that come near."""

    field: str
    name: str
    near: tuple[str, ...]

    @property
    def said(self) -> str:
        """For engineers."""
        hint = f"; did you mean {' or '.join(map(repr, self.near))}?" if self.near else ""
        return f"no {_NOUNS[self.field]} of the site fits {self.name!r}{hint}"


def fits_nothing(silence: Silence, rule_ids: Iterable[str], site: Site, alarms: Iterable[Alarm]) -> Iterator[NoSuch]:
    """Names and patterns that fit nothing: neither what files and registers have, nor an alarm that stands, for whose
    rule or device may be gone from them."""
    standing = list(alarms)
    places: list[Device | Camera | Shop] = [*site.devices.values(), *site.cameras.values(), *site.shops.values()]
    devices = [*site.devices, *site.cameras, *site.settings.ingest.feeds, *(alarm.device_id for alarm in standing)]
    subjects = [*(kind.subject for kind in TroubleKind), *(alarm.subject for alarm in standing)]
    rules = [*rule_ids, *(kind.rule_id for kind in TroubleKind), *(alarm.rule_id for alarm in standing)]
    kinds = [*(profile.kind for profile in site.profiles.values()), "camera", "feed", SERVICE, OVERFLOW]
    streets = [place.location.sub_district for place in places]
    asked = (
        ("rule", silence.rule_id, rules),
        ("device", silence.device_id, devices),
        ("kind", silence.kind, kinds),
        ("sub_district", silence.sub_district, streets),
    )
    for field, name, names in asked:
        if name is not None and not any(fnmatchcase(one, name) for one in names):
            yield _no_such(field, name, names)
    subject = silence.subject
    if subject is not None and not is_pattern(subject) and subject not in subjects and not _is_part(subject, site):
        whole = subject.partition("/")[0]
        yield NoSuch(field="subject", name=subject, near=(whole,) if whole in devices else _near(whole, devices))


def _no_such(field: str, name: str, names: Iterable[str]) -> NoSuch:
    return NoSuch(field=field, name=name, near=_near(name, names))


def _near(name: str, names: Iterable[str]) -> tuple[str, ...]:
    return tuple(get_close_matches(name, sorted(set(names)), n=_NEAR))


def _is_part(subject: str, site: Site) -> bool:
    """Whether it is a device, a camera or a feed, one of the device's ports, or a part of the others."""
    whole, _, part = subject.partition("/")
    device = site.devices.get(whole)
    if device is not None:
        return not part or part in {str(port) for port in range(1, device.ports + 1)}
    return whole in site.cameras or whole in site.settings.ingest.feeds


def refuse_unknown(silence: Silence, rule_ids: Iterable[str], site: Site, alarms: Iterable[Alarm]) -> None:
    """Raises OrderRefused for a name that nothing has. A pattern may be meant for what comes later, and is taken."""
    for one in fits_nothing(silence, rule_ids, site, alarms):
        if not is_pattern(one.name):
            key = f"silence_no_{one.field}{'_near' if one.near else ''}"
            raise OrderRefused(one.said, key=key, name=one.name, near=", ".join(one.near))
