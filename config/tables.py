"""The city's registers, from CSV files that a bureau can edit in a spreadsheet."""

import csv
import io
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TypeVar

from config.polygons import polygon_of
from config.source import fill, without_login
from domain.errors import ConfigError
from domain.register import Anchor, Camera, Device, Location, Polygon, Shop, Zone, ZoneRole

Noun = TypeVar("Noun")
ALWAYS = "always"
"""In the place of hours: a duty that never ends."""
_LOCATION = ("district", "sub_district", "road", "lon_deg", "lat_deg")
SCHEMES = ("http", "https", "rtsp", "rtsps", "onvif", "onvifs", "wvp", "wvps", "file", "folder")
"""What a camera's source may begin with."""
LONGEST_NAME = 50
NAME = re.compile(rf"\w(?:[\w.-]{{0,{LONGEST_NAME - 2}}}\w)?")
"""No dot at either end, and room for a time behind it: an evidence file is called `{camera_id}-{epoch ms}`."""
SPOKEN = re.compile(r"[^\x00-\x1f\x7f]{1,200}")
"""What a look may call a zone: one that calls it otherwise is taken by nobody."""
MOST_ZONES = 100
"""Of one camera, for the same reason."""


class Row:
    """One line of a table, that can say where it stands."""

    def __init__(self, path: Path, line: int, cells: Mapping[str, str]) -> None:
        self.path = path
        self.line = line
        self._cells = cells

    def wrong(self, problem: str) -> ConfigError:
        """An error about this line."""
        return ConfigError(problem, path=self.path, line=self.line)

    def text(self, column: str) -> str:
        """A cell that must not be empty."""
        if not (value := self._cells[column].strip()):
            raise self.wrong(f"{column} is empty")
        return value

    def name(self, column: str) -> str:
        """A name that becomes a part of topics, of pictures' names and of their paths."""
        value = self.text(column)
        if not NAME.fullmatch(value):
            raise self.wrong(
                f"{column} is {value!r}; it may have letters, digits and _, inside also . and -, and be "
                f"{LONGEST_NAME} characters long at most"
            )
        return value

    def has(self, column: str) -> bool:
        """Whether the table has this column at all."""
        return column in self._cells

    def optional(self, column: str) -> str | None:
        """A cell, or None where it is empty."""
        return self._cells.get(column, "").strip() or None

    def number(self, column: str, low: float, high: float) -> float:
        """A number from `low` to `high`."""
        text = self.text(column)
        try:
            value = float(text)
        except ValueError:
            raise self.wrong(f"{column} is {text!r}; it must be a number") from None
        if not low <= value <= high:
            raise self.wrong(f"{column} is {text}; it must lie from {low:g} to {high:g}")
        return value

    def one_of(self, column: str, allowed: Collection[str]) -> str:
        """A cell that names one of `allowed`."""
        value = self.text(column)
        if value not in allowed:
            shown = ", ".join(sorted(allowed)[:12])
            raise self.wrong(f"{column} is {value!r}; there is {shown}{', …' if len(allowed) > 12 else ''}")
        return value

    def hours(self, column: str) -> str | None:
        """Hours of the day, `07:00-22:00`, or None where the cell is empty."""
        if (text := self.optional(column)) is None:
            return None
        if not re.match(r"^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$", text):
            raise self.wrong(f"{column} is {text!r}; write hours as 07:00-22:00")
        if text[:5] == text[6:]:
            raise self.wrong(f"{column} is {text!r}, which is no time at all; leave it empty for always")
        return text

    def location(self) -> Location:
        """The five columns every place has."""
        return Location(
            district=self.text("district"),
            sub_district=self.text("sub_district"),
            road=self.text("road"),
            lon_deg=self.number("lon_deg", -180, 180),
            lat_deg=self.number("lat_deg", -90, 90),
        )


def rows(path: Path, columns: tuple[str, ...], *, optional: tuple[str, ...] = ()) -> Iterator[Row]:
    """The lines of a UTF-8 CSV with these columns, in any order; `optional` ones may be missing. No file, no lines."""
    if not path.exists():
        return
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise ConfigError("it is not UTF-8; in a spreadsheet, save it as “CSV UTF-8”", path=path) from None
    with io.StringIO(text, newline="") as file:
        reader = csv.DictReader(file, strict=True)
        header = tuple(reader.fieldnames or ())
        if set(header) - set(optional) != set(columns):
            also = f", and may be {', '.join(optional)}" if optional else ""
            raise ConfigError(
                f"the columns are {', '.join(header)}; they must be {', '.join(columns)}{also}", path=path, line=1
            )
        for cells in reader:
            if None in cells or None in cells.values():
                raise ConfigError(f"the line has not {len(header)} cells", path=path, line=reader.line_num)
            yield Row(path, reader.line_num, cells)


def _unique(found: Iterator[tuple[Row, Noun]], key: Callable[[Noun], str]) -> dict[str, Noun]:
    return {name: noun for name, (_row, noun) in _with_rows(found, key).items()}


def _with_rows(found: Iterator[tuple[Row, Noun]], key: Callable[[Noun], str]) -> dict[str, tuple[Row, Noun]]:
    out: dict[str, tuple[Row, Noun]] = {}
    for row, noun in found:
        name = key(noun)
        if name in out:
            raise row.wrong(f"{name!r} stands on line {out[name][0].line} already")
        out[name] = row, noun
    return out


def read_shops(path: Path) -> dict[str, Shop]:
    """`shops.csv`, by shop_id. `hours`, `09:00-21:00`, say when somebody is there."""

    def shops() -> Iterator[tuple[Row, Shop]]:
        for row in rows(path, ("shop_id", "name", *_LOCATION, "contact"), optional=("hours",)):
            shop = Shop(
                shop_id=row.text("shop_id"),
                name=row.text("name"),
                location=row.location(),
                contact=row.optional("contact"),
                hours=row.hours("hours"),
            )
            yield row, shop

    return _unique(shops(), lambda shop: shop.shop_id)


def read_devices(path: Path, profiles: Mapping[str, str]) -> dict[str, Device]:
    """`devices.csv`, by device_id. `profiles` maps each profile to its kind; a baseline is written `tilt_deg=1.8 …`."""

    def devices() -> Iterator[tuple[Row, Device]]:
        columns = ("device_id", "profile", "name", *_LOCATION, "ports", "baseline")
        for row in rows(path, columns, optional=("address", "gateway")):
            profile = row.one_of("profile", profiles)
            yield (
                row,
                Device(
                    device_id=row.text("device_id"),
                    kind=profiles[profile],
                    profile=profile,
                    name=row.text("name"),
                    location=row.location(),
                    ports=int(row.number("ports", 0, 999)),
                    baseline=_baseline(row),
                    address=row.optional("address") or row.text("device_id"),
                    gateway=row.optional("gateway"),
                ),
            )

    found = _with_rows(devices(), lambda device: device.device_id)
    out = {name: device for name, (_row, device) in found.items()}
    _check_devices(found.values(), out)
    return out


def _check_devices(found: Iterable[tuple[Row, Device]], devices: Mapping[str, Device]) -> None:
    """Gateways that are, and addresses of one device each."""
    addresses: dict[str, tuple[Row, Device]] = {}
    for row, device in found:
        if device.gateway is not None and (device.gateway not in devices or device.gateway == device.device_id):
            raise row.wrong(
                f"device {device.device_id!r} names the gateway {device.gateway!r}, which is no other device here"
            )
        if _goes_round(device, devices):
            raise row.wrong(f"device {device.device_id!r} is, by way of others, its own gateway")
        first, other = addresses.setdefault(device.address, (row, device))
        if other is not device:
            raise row.wrong(
                f"device {device.device_id!r} has the address {device.address!r}, which {other.device_id!r} "
                f"on line {first.line} has already"
            )


def _goes_round(device: Device, devices: Mapping[str, Device]) -> bool:
    """Whether its gateway's gateway, and so on, is the device itself."""
    seen: set[str] = set()
    above = device.gateway
    while above is not None and above in devices and above not in seen:
        seen.add(above)
        above = devices[above].gateway
    return device.device_id in seen


def _baseline(row: Row) -> dict[str, float]:
    out: dict[str, float] = {}
    for pair in (row.optional("baseline") or "").split():
        metric, _, value = pair.partition("=")
        try:
            out[metric] = float(value)
        except ValueError:
            raise row.wrong(f"baseline has {pair!r}; write metric=number, e.g. tilt_deg=1.8") from None
    return out


def read_zones(path: Path, shops: Collection[str]) -> dict[str, tuple[Zone, ...]]:
    """`zones.csv`, by camera_id. A polygon is written `0.1,0.6 0.5,0.6 0.5,0.9`, `hours` `07:00-22:00`."""
    found: dict[str, dict[str, Zone]] = {}
    columns = ("camera_id", "zone", "role", "shop_id", "polygon")
    for row in rows(path, columns, optional=("anchor", "hours")):
        camera_id, name = row.text("camera_id"), row.text("zone")
        if not SPOKEN.fullmatch(name):
            raise row.wrong(f"zone is {name[:60]!r}; it must be one line of 200 characters at most")
        zone = Zone(
            camera_id=camera_id,
            zone=name,
            role=ZoneRole(row.one_of("role", [role.value for role in ZoneRole])),
            polygon=_polygon(row, name),
            shop_id=row.one_of("shop_id", shops) if row.optional("shop_id") else None,
            anchor=Anchor(row.one_of("anchor", list(Anchor))) if row.optional("anchor") else None,
            hours=row.hours("hours"),
        )
        if name in found.setdefault(camera_id, {}):
            raise row.wrong(f"camera {camera_id!r} has a zone {name!r} already")
        if len(found[camera_id]) >= MOST_ZONES:
            raise row.wrong(f"camera {camera_id!r} has {MOST_ZONES} zones already; a look can speak of no more")
        found[camera_id][name] = zone
    return {camera_id: tuple(zones.values()) for camera_id, zones in found.items()}


def _polygon(row: Row, zone: str) -> Polygon:
    try:
        return polygon_of(row.text("polygon"))
    except ValueError as problem:
        raise row.wrong(f'zone "{zone}" {problem}') from None


def read_cameras(
    path: Path,
    zones: Mapping[str, tuple[Zone, ...]],
    interval_s: float,
    environment: Mapping[str, str],
    duty_of: Callable[[str], str | None] = lambda _road: None,
) -> dict[str, Camera]:
    """`cameras.csv`, by camera_id. `${NAME}` in a source is filled.

    An empty `interval_s` is the site's default, an empty `duty` its road's; a duty is `06:00-23:00`, or `always`.
    """

    def cameras() -> Iterator[tuple[Row, Camera]]:
        for row in rows(path, ("camera_id", "name", "source", *_LOCATION, "interval_s"), optional=("duty",)):
            camera_id = row.name("camera_id")
            always = row.optional("duty") == ALWAYS
            yield (
                row,
                Camera(
                    camera_id=camera_id,
                    name=row.text("name"),
                    source=_source(row, environment),
                    location=row.location(),
                    interval_s=row.number("interval_s", 1, 86400) if row.optional("interval_s") else interval_s,
                    zones=zones.get(camera_id, ()),
                    duty=None if always else row.hours("duty") or duty_of(row.text("road")),
                ),
            )

    found = _unique(cameras(), lambda camera: camera.camera_id)
    for camera_id in zones.keys() - found.keys():
        raise ConfigError(f"there are zones for camera {camera_id!r}, which {path.name} does not have", path=path)
    return found


def _source(row: Row, environment: Mapping[str, str]) -> str:
    source = fill(row.text("source"), row.path, row.line, environment)
    if not source.startswith(tuple(f"{scheme}://" for scheme in SCHEMES)):
        shown = without_login(source)
        raise row.wrong(f"source is {shown!r}; it must begin with {', '.join(SCHEMES)} and ://")
    return source
