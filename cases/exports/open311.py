"""Cases and matters in the words of Open311 GeoReport v2. Positions are WGS84, as in the registers."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

from msgspec import Struct
from msgspec.structs import asdict

from cases.exports.standing import Standing, moment_of, standing_of
from config.load import Site
from config.schema import Matter
from domain.case import Case
from domain.register import Camera, Device, Shop

Placed = Shop | Device | Camera


class Service(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A matter of the catalogue. Its code is the five-digit one of GB/T 47678.5."""

    service_code: str
    service_name: str
    description: str | None = None
    metadata: bool
    type: str
    keywords: str | None = None
    group: str | None = None


class ServiceDefinition(Struct, frozen=True, kw_only=True):
    """What a report of a matter may say beside its place: nothing, as nothing is reported here."""

    service_code: str
    attributes: tuple[str, ...] = ()


class Request(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A case. What is not known is left out."""

    service_request_id: str
    status: str
    status_notes: str | None = None
    service_name: str | None = None
    service_code: str
    description: str | None = None
    agency_responsible: str | None = None
    requested_datetime: datetime
    updated_datetime: datetime | None = None
    expected_datetime: datetime | None = None
    address: str | None = None
    address_id: str | None = None
    lat: float | None = None
    long: float | None = None
    media_url: str | None = None
    extended_attributes: Standing | None = None


def service_of(code: str, matter: Matter, site: Site) -> Service:
    """One matter, in the site's language."""
    language = site.settings.language
    key = f"exports.group.{code[:2]}"
    return Service(
        service_code=code,
        service_name=matter.zh if language == "zh-CN" else matter.en,
        description=matter.en if language == "zh-CN" else matter.zh,
        metadata=False,
        type="realtime",
        group=site.texts.say(language, key) if key in site.texts else None,
    )


def request_of(case: Case, site: Site, media_url: str | None = None, *, extended: bool = False) -> Request:
    """One case. `media_url` leads to the blurred copy of its picture; `extended`: with what GeoReport has no
    name for."""
    language = site.settings.language
    matter = site.matters.get(case.matter)
    place = placed(case, site)
    agency = site.settings.exports.agency(case.unit)
    spot = place.location if place else None
    return Request(
        service_request_id=case.id,
        status="open" if case.closed_ms is None else "closed",
        status_notes=_state(case, site),
        service_name=(matter.zh if language == "zh-CN" else matter.en) if matter else None,
        service_code=case.matter,
        description=case.title_zh if language == "zh-CN" else case.title_en,
        agency_responsible=agency.name if agency else case.unit,
        requested_datetime=moment_of(case.opened_ms, site),
        updated_datetime=moment_of(case.state_ms or case.closed_ms or case.opened_ms, site),
        expected_datetime=moment_of(case.due_ms, site),
        address=f"{spot.road}, {spot.sub_district}, {spot.district}" if spot else None,
        address_id=grid_of(case, site),
        lat=spot.lat_deg if spot else None,
        long=spot.lon_deg if spot else None,
        media_url=media_url,
        extended_attributes=standing_of(case, site) if extended else None,
    )


def placed(case: Case, site: Site) -> Placed | None:
    """The shop, device or camera whose place is the case's; None if no register has it any more."""
    shop = site.shops.get(case.shop_id or "")
    return shop or site.devices.get(case.device_id) or site.cameras.get(case.device_id)


def grid_of(case: Case, site: Site) -> str | None:
    """The grid cell it was filed in, else that of the shop, device or camera now; None if nobody has said."""
    return case.grid or site.grids.get(case.shop_id or "") or site.grids.get(case.device_id)


def xml(root: str, item: str, things: "list[Struct] | list[Request] | list[Service]") -> bytes:
    """A list as GeoReport's XML: `<service_requests><request>…`."""
    top = Element(root)
    for thing in things:
        _fill(SubElement(top, item), asdict(thing))
    return as_xml(top)


def as_xml(top: Element) -> bytes:
    """With its declaration, in UTF-8."""
    written: bytes = tostring(top, encoding="UTF-8", xml_declaration=True)
    return written


def _fill(parent: Element, facts: Mapping[str, Any]) -> None:
    for name, value in facts.items():
        if value is None:
            continue
        below = SubElement(parent, name)
        if isinstance(value, Struct):
            _fill(below, asdict(value))
        elif isinstance(value, bool):
            below.text = str(value).lower()
        elif isinstance(value, datetime):
            below.text = value.isoformat()
        elif not isinstance(value, tuple):
            below.text = _sayable(str(value))


def _sayable(text: str) -> str:
    """Without what XML cannot hold, escaped or not."""
    held = (sign in "\t\n" or (sign >= " " and sign not in "\ufffe\uffff") for sign in text)
    return "".join(sign if fine else "\ufffd" for sign, fine in zip(text, held, strict=True))


def _state(case: Case, site: Site) -> str:
    language = site.settings.language
    state = site.texts.say(language, f"console.case_state.{case.state.value}")
    if case.closed_reason is None:
        return state
    reason = site.texts.say(language, f"console.closed_reason.{case.closed_reason.value}")
    return site.texts.say(language, "exports.closed", {"step": state, "reason": reason})
