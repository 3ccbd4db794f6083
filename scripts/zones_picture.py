"""Draws docs/images/zones.jpg from the table in docs/zones.md: `.venv/bin/python -m scripts.zones_picture`."""

import re
import tempfile
from pathlib import Path

import cv2
import numpy as np

from config.tables import read_zones
from domain.register import Zone, ZoneRole
from domain.sighting import Box
from vision.drawing import Colour, frames, outline

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "zones.md"
IMAGE = ROOT / "docs" / "images" / "zones.jpg"
STREET = ROOT / "app" / "demo" / "pictures" / "street-clear.jpg"
SCALE = 1.6
QUALITY = 85
SKY = 0.4
"""Share of the picture at its top that holds nothing of interest."""
NARROW = 0.2
COLOURS: dict[ZoneRole, Colour] = {
    ZoneRole.FRONTAGE: (60, 60, 220),
    ZoneRole.PAVEMENT: (40, 160, 230),
    ZoneRole.NO_PARKING: (200, 80, 200),
    ZoneRole.BIKE_BAY: (80, 170, 60),
    ZoneRole.FIRE_LANE: (30, 110, 240),
    ZoneRole.MASK: (120, 120, 120),
}
"""Blue, green, red."""


def zones_of_the_page() -> tuple[Zone, ...]:
    """The zones of the table in docs/zones.md, read as a site's own are."""
    table = re.search(r"^```csv\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    if table is None:
        raise SystemExit(f"{PAGE} has no table of zones")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "zones.csv"
        path.write_text(table[1], encoding="utf-8")
        [zones] = read_zones(path, {"S00001", "S00002"}).values()
    return zones


def main() -> None:
    """Draw each zone in its role's colour, and name it where it begins."""
    street = cv2.imread(str(STREET))
    if street is None:
        raise SystemExit(f"{STREET} is no picture")
    picture = np.asarray(cv2.resize(street, None, fx=SCALE, fy=SCALE, interpolation=cv2.INTER_CUBIC), np.uint8)
    zones = zones_of_the_page()
    for zone in zones:
        outline(picture, zone.polygon, COLOURS[zone.role])
    for zone in zones:
        frames(picture, [(_place_of_name(zone), f"{zone.zone}: {zone.role}")], COLOURS[zone.role])
    picture = picture[round(SKY * picture.shape[0]) :]
    cv2.imwrite(str(IMAGE), picture, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    print(f"{IMAGE}: {IMAGE.stat().st_size // 1024} KiB")


def _place_of_name(zone: Zone) -> Box:
    """Inside a large zone, above a narrow one."""
    across, down = zip(*zone.polygon, strict=True)
    narrow = max(down) - min(down) < NARROW
    x, y = (min(across) + max(across)) / 2 - 0.08, min(down) if narrow else 0.3 * min(down) + 0.7 * max(down)
    return x, y, x, y


if __name__ == "__main__":
    main()
