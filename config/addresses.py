"""By which ways a recipient is reached: `duty-desk` → a mail to two people and a word of the bot in their group."""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from config.notices import NOBODY, Notices
from domain.errors import ConfigError, ConfigErrors

if TYPE_CHECKING:
    from config.load import Site

_OF_ITS_OWN = ("webhook", "log", "mqtt")
_CAMERA = "camera"


class Address(NamedTuple):
    """One way to somebody: a channel, and to whom on it. Who shares both reads the same messages."""

    channel: str
    to: str


def addresses_of(recipient: str, notices: Notices) -> tuple[Address, ...]:
    """Where a recipient's notices go; the first counts. One that is itself an address goes there.

    Where the site has ways to people and no webhook, one that is no address leads to nobody; only the duty desk,
    after which nobody comes, is written into the file. Settings that `check_addresses` has passed raise nothing.
    """
    for pattern, written in notices.recipients.items():
        if fnmatchcase(recipient, pattern):
            return tuple(address_of(each, recipient, notices) for each in written)
    if _scheme(recipient) in _schemes(notices):
        return (address_of(recipient, recipient, notices),)
    lost = notices.has_ways_to_people and not notices.webhook_url and recipient != notices.duty_desk
    return (Address(NOBODY if lost else notices.last_resort, recipient),)


def address_of(written: str, recipient: str, notices: Notices) -> Address:
    """`sms:+8613800000000` as an address of a recipient. Raises ValueError for one that cannot be."""
    scheme, _, to = written.partition(":")
    channel = "smtp" if scheme == "mailto" else scheme
    if channel in _OF_ITS_OWN:
        if channel == "webhook" and not notices.webhook_url:
            raise ValueError(f"{written!r} needs notices.webhook_url")
        return Address(channel, to or recipient)
    if channel == "smtp":
        if notices.smtp is None:
            raise ValueError(f"{written!r} needs notices.smtp")
        if "@" not in to or any(sign.isspace() or sign in ",;<>" for sign in to):
            raise ValueError(f"{written!r} is no mail address; write smtp:duty@city.example")
        return Address("smtp", to)
    gateway = notices.gateways.get(channel)
    if gateway is None:
        raise ValueError(f"{written!r} begins with none of {', '.join(sorted(_schemes(notices)))}")
    if gateway.names_its_people and not to:
        raise ValueError(f"{written!r} does not say to whom; write {channel}:+8613800000000")
    if to and not gateway.names_its_people:
        raise ValueError(f"{written!r}: a {gateway.kind} speaks where its url leads; write {channel!r} alone")
    return Address(channel, to)


def check_addresses(site: "Site") -> None:
    """Raises ConfigError, or ConfigErrors, with file and line for addresses that lead nowhere. Connects to nothing."""
    problems = [*_wrong_recipients(site), *_wrong_escalation(site), *_wrong_contacts(site)]
    if problems:
        raise problems[0] if len(problems) == 1 else ConfigErrors(problems)


def _wrong_recipients(site: "Site") -> Iterator[ConfigError]:
    notices = site.settings.notices
    for pattern, written in notices.recipients.items():
        if not written:
            yield site.wrong(f"{pattern!r} has no address", "notices", "recipients", pattern)
        for place, each in enumerate(written):
            try:
                address_of(each, pattern, notices)
            except ValueError as wrong:
                yield site.wrong(str(wrong), "notices", "recipients", pattern, place)


def _wrong_escalation(site: "Site") -> Iterator[ConfigError]:
    notices = site.settings.notices
    for place, one in enumerate(notices.escalation):
        if problem := leads_nowhere(one, notices):
            yield site.wrong(problem, "notices", "escalation", place)
    kinds = sorted({profile.kind for profile in site.profiles.values()} | {_CAMERA})
    for name, tree in notices.phone_trees.items():
        if name not in site.matters and name not in kinds:
            problem = f"{name!r} is neither a matter nor a kind of device here: {', '.join(kinds)}"
            yield site.wrong(problem, "notices", "phone_trees", name)
        for place, call in enumerate(tree):
            if problem := leads_nowhere(call.tell, notices):
                yield site.wrong(problem, "notices", "phone_trees", name, place)


def leads_nowhere(one: str, notices: Notices) -> str:
    """What is wrong with somebody who is to be told; empty if nothing is."""
    if one == notices.duty_desk or any(fnmatchcase(one, pattern) for pattern in notices.recipients):
        return ""
    if _scheme(one) not in _schemes(notices):
        return f"{one!r} stands under no pattern of notices.recipients, and is no address"
    try:
        address_of(one, one, notices)
    except ValueError as wrong:
        return str(wrong)
    return ""


def _wrong_contacts(site: "Site") -> Iterator[ConfigError]:
    """A shop's contact that looks like an address must be one; any other is looked up among the recipients."""
    notices = site.settings.notices
    for shop in site.shops.values():
        contact = shop.contact or ""
        if any(fnmatchcase(contact, pattern) for pattern in notices.recipients):
            continue
        if _scheme(contact) not in {*_schemes(notices), "sms", "smtp", "mailto"}:
            continue
        try:
            address_of(contact, contact, notices)
        except ValueError as wrong:
            path = site.folder / "shops.csv"
            problem = f"the contact of shop {shop.shop_id!r}: {wrong}"
            yield ConfigError(problem, path=path, line=_line(path, shop.shop_id))


def _line(path: Path, shop_id: str) -> int | None:
    rows = path.read_text(encoding="utf-8-sig").splitlines()
    return next((number for number, row in enumerate(rows, 1) if row.startswith(f"{shop_id},")), None)


def _scheme(written: str) -> str:
    return written.partition(":")[0]


def _schemes(notices: Notices) -> set[str]:
    smtp = {"smtp", "mailto"} if notices.smtp else set()
    return {*_OF_ITS_OWN, *smtp, *notices.gateways} - (set() if notices.webhook_url else {"webhook"})
