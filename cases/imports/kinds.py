"""What can be brought: shops, permits, contacts, units; which columns each has, and what is wrong with a line."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from msgspec import Struct

from config.addresses import address_of, leads_nowhere
from config.load import Site
from config.mistakes import Gathered
from config.registers import CLOSURE_COLUMNS, PERMIT_COLUMNS, closure_of, day_of, permit_of
from config.tables import Row, rows
from config.units import COLUMNS as UNIT_COLUMNS
from config.units import NAME as UNITS
from config.units import unit_of
from domain.errors import ConfigError

Cells = dict[str, str]
_SHOP: Final = ("shop_id", "name", "district", "sub_district", "road", "lon_deg", "lat_deg", "contact")


class Kind(Struct, frozen=True, kw_only=True):
    """One kind of file, and the register it goes into."""

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    """The columns by which two lines are about the same."""
    register: str
    """The site's file."""
    check: Callable[[Row, Site, Gathered], None]
    """Tells all that is wrong with a line."""
    optional: tuple[str, ...] = ()
    """Columns that may be missing; then what the register says there stays."""


def kind_of(path: Path) -> Kind:
    """By the columns in its first line. Raises ConfigError for a file that is none of them."""
    try:
        first = path.read_text(encoding="utf-8-sig").split("\n", 1)[0]
    except FileNotFoundError:
        raise ConfigError("there is no such file", path=path) from None
    except OSError as wrong:
        raise ConfigError(f"it can't be read: {wrong.strerror}", path=path) from None
    except UnicodeDecodeError:
        raise ConfigError("it is not UTF-8; in a spreadsheet, save it as “CSV UTF-8”", path=path) from None
    found = {cell.strip().strip('"') for cell in first.split(",")}
    for kind in KINDS:
        if found - set(kind.optional) == set(kind.columns):
            return kind
    said = "; ".join(f"{kind.name} have {', '.join(kind.columns)}{_maybe(kind)}" for kind in KINDS)
    raise ConfigError(f"the columns are {', '.join(sorted(found))}; {said}", path=path, line=1)


def _maybe(kind: Kind) -> str:
    return f" and maybe {', '.join(kind.optional)}" if kind.optional else ""


def read(path: Path, kind: Kind, site: Site) -> list[Cells]:
    """All lines of a file. Raises ConfigError, or ConfigErrors, with every mistake of every line."""
    gathered, seen, found = Gathered(), dict[tuple[str, ...], int](), []
    with gathered:
        for row in rows(path, kind.columns, optional=kind.optional):
            kind.check(row, site, gathered)
            columns = (*kind.columns, *(column for column in kind.optional if row.has(column)))
            cells = {column: row.optional(column) or "" for column in columns}
            key = tuple(cells[column] for column in kind.key)
            with gathered:
                if (line := seen.setdefault(key, row.line)) != row.line:
                    raise row.wrong(f"{' '.join(key)!r} stands on line {line} already")
            found.append(cells)
    gathered.tell()
    if not found:
        raise ConfigError(f"it has no {kind.name}, only its first line", path=path)
    return found


def _shop(row: Row, site: Site, gathered: Gathered) -> None:
    for column in ("shop_id", "name", "district", "sub_district", "road"):
        with gathered:
            row.text(column)
    for column, most in (("lon_deg", 180), ("lat_deg", 90)):
        with gathered:
            row.number(column, -most, most)
    with gathered:
        row.hours("hours")
    with gathered:
        _reachable(row, site)


def _contact(row: Row, site: Site, gathered: Gathered) -> None:
    with gathered:
        row.one_of("shop_id", site.shops)
    with gathered:
        _reachable(row, site)


def _permit(row: Row, site: Site, gathered: Gathered) -> None:
    for column, known in (("shop_id", site.shops), ("matter", site.matters)):
        with gathered:
            row.one_of(column, known)
    _days(row, gathered)
    with gathered:
        row.text("document")
    with gathered:
        permit_of(row, site.shops, site.matters)


def _unit(row: Row, site: Site, gathered: Gathered) -> None:
    with gathered:
        row.text("unit")
    if row.optional("matter"):
        with gathered:
            row.one_of("matter", site.matters)
    with gathered:
        unit_of(row, site.matters)
    with gathered:
        _reachable(row, site, "recipient")


def _closure(row: Row, site: Site, gathered: Gathered) -> None:
    with gathered:
        row.one_of("shop_id", site.shops)
    _days(row, gathered)
    with gathered:
        row.text("why")
    with gathered:
        closure_of(row, site.shops)


def _hours(row: Row, site: Site, gathered: Gathered) -> None:
    with gathered:
        row.one_of("shop_id", site.shops)
    with gathered:
        row.hours("hours")


def _days(row: Row, gathered: Gathered) -> None:
    for column in ("first", "last"):
        with gathered:
            day_of(row, column)


def _reachable(row: Row, site: Site, column: str = "contact") -> None:
    """An address of a way that the site has must be one; any other word is looked up among the recipients."""
    contact, notices = row.optional(column) or "", site.settings.notices
    if contact.partition(":")[0] in {"smtp", "mailto", "sms", *notices.gateways}:
        try:
            address_of(contact, contact, notices)
        except ValueError as wrong:
            raise row.wrong(f"{column} {wrong}") from None
    elif contact and notices.has_ways_to_people and (problem := leads_nowhere(contact, notices)):
        raise row.wrong(f"{column} {problem}; write {_ways(site)}")


def _ways(site: Site) -> str:
    """How addresses here begin, as an example says it."""
    notices = site.settings.notices
    phones = [f"{name}:+8613800000000" for name, gateway in notices.gateways.items() if gateway.names_its_people]
    mail = ["smtp:name@city.example"] if notices.smtp else []
    return " or ".join([*phones, *mail]) or "one of the recipients"


KINDS: Final = (
    Kind(name="shops", columns=_SHOP, optional=("hours",), key=("shop_id",), register="shops.csv", check=_shop),
    Kind(
        name="permits",
        columns=PERMIT_COLUMNS,
        key=("shop_id", "matter", "first", "document"),
        register="permits.csv",
        check=_permit,
    ),
    Kind(name="units", columns=UNIT_COLUMNS, key=("sub_district", "grid", "matter"), register=UNITS, check=_unit),
    Kind(
        name="closures",
        columns=CLOSURE_COLUMNS,
        key=("shop_id", "first"),
        register="closures.csv",
        check=_closure,
    ),
    Kind(name="contacts", columns=("shop_id", "contact"), key=("shop_id",), register="shops.csv", check=_contact),
    Kind(name="hours", columns=("shop_id", "hours"), key=("shop_id",), register="shops.csv", check=_hours),
)
