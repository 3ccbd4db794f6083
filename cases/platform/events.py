"""What an event says, in the form that the platform reads. It names no shop's contact and nobody of a shop."""

from collections.abc import Callable
from typing import Any, Final

import msgspec

from cases.exports.files import gb47678_fields
from cases.exports.open311 import request_of
from cases.exports.standing import moment_of, standing_of
from config.load import Site
from domain.case import Case
from domain.finding import Evidence
from domain.platform import PlatformEvent

PING: Final = "ping"
"""What a test event is called. It has no case and no sequence."""
PictureUrl = Callable[[Evidence], str | None]
"""The address of the blurred copy of a look's picture; None where there is none, or nobody outside could reach it."""


def told_of(event: PlatformEvent, site: Site, picture_url: PictureUrl) -> dict[str, Any]:
    """An event in the form of `platform.format`, as JSON has it.

    Written anew each time: what was wrong in the settings, and is mended, goes out right with the next try.
    """
    case = event.body.case
    head = {
        "key": event.key,
        "site": site.settings.site,
        "case_id": event.case_id,
        "sequence": event.sequence,
        "what": event.what,
        "at": moment_of(event.body.at_ms, site).isoformat(),
        "who": event.body.who,
    }
    pictures = _pictures(case, picture_url)
    flat = site.settings.platform.format == "gbt47678"
    return head | (_flat(case, site) if flat else _whole(case, site, pictures)) | {"pictures": pictures}


def ping(site: Site, now_ms: int) -> dict[str, Any]:
    """An event about nothing, to see whether it arrives."""
    return {
        "key": f"{site.settings.site}/{PING}/{now_ms}",
        "site": site.settings.site,
        "what": PING,
        "at": moment_of(now_ms, site).isoformat(),
    }


def _whole(case: Case, site: Site, pictures: dict[str, str]) -> dict[str, Any]:
    request = request_of(case, site, pictures.get("confirmed"), extended=True)
    return {"case": _plain(request), "gb47678": _gb47678(case, site)}


def _flat(case: Case, site: Site) -> dict[str, Any]:
    due = moment_of(case.due_ms, site).isoformat()
    return _gb47678(case, site) | {"due_datetime": due} | _plain(standing_of(case, site))


def _gb47678(case: Case, site: Site) -> dict[str, str]:
    """The fields that can be filled: nothing is invented for the others."""
    return {name: value for name, value in gb47678_fields(case, site).items() if value}


def _pictures(case: Case, picture_url: PictureUrl) -> dict[str, str]:
    looks = {"context": case.context, "onset": case.onset, "confirmed": case.confirmed, "cleared": case.cleared}
    return {name: url for name, look in looks.items() if look is not None and (url := picture_url(look))}


def _plain(noun: msgspec.Struct) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(noun)
    return plain
