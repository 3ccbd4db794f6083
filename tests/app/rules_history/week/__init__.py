"""A recorded week of a small city in which two things go wrong, the same each time it is made.

`python -m tests.app.rules_history.week FOLDER` writes it into a site's folder of that name, to be played with.
"""

import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from random import Random

from msgspec.structs import replace

from app.bench.rules_city import DAY_MS, HOUR_MS, readings
from config.load import Site, load_site
from domain.reading import Reading
from storage.series.embedded import EmbeddedSeries
from storage.series.points import PointsOf

FIRST_MS = 1_795_363_200_000
"""Monday, 2026-11-23, midnight in Asia/Shanghai."""
RULES = Path(__file__).parent
_MINUTE_MS = 60_000
LEAN_MS = FIRST_MS + 2 * DAY_MS + 8 * HOUR_MS
"""On Wednesday at 8:00 tree-1 begins to lean, by 0.02° an hour; on Thursday at 6:00 it steps by 1.6°."""
STEP_MS = FIRST_MS + 3 * DAY_MS + 6 * HOUR_MS
HEAT_MS = FIRST_MS + 4 * DAY_MS + 20 * HOUR_MS
"""On Friday at 20:00 a port of cs-1 is at 58 °C for 12 minutes."""
_SITE = """\
site: week
name: {{zh: 一周, en: A week}}
division: "320400"
language: {language}
timezone: Asia/Shanghai
data_dir: {data}
mqtt: {{url: "mqtt://127.0.0.1:1883"}}
rules: [{rules}]
"""
_DEVICES = """\
device_id,profile,name,district,sub_district,road,lon_deg,lat_deg,ports,baseline
tree-1,heritage-tree,古银杏,天宁区,红梅街道,泰和路,119.97,31.79,0,tilt_deg=1.8
tree-2,heritage-tree,古香樟,天宁区,红梅街道,泰和路,119.98,31.79,0,tilt_deg=3.2
cs-1,charging-station,1 号充电站,天宁区,红梅街道,泰和路,119.97,31.78,3,
"""


def make(folder: Path, *, language: str = "zh-CN") -> Site:
    """A site whose store has the week, and whose rules are the newer ones."""
    folder.mkdir(parents=True, exist_ok=True)
    text = _SITE.format(data=folder / "data", rules=RULES / "new" / "week.yaml", language=language)
    (folder / "site.yaml").write_text(text, encoding="utf-8")
    (folder / "devices.csv").write_text(_DEVICES, encoding="utf-8")
    site = load_site(str(folder))
    store, points_of = EmbeddedSeries(folder / "data" / "series.db", keep_raw_s=1e10), PointsOf(site)
    said = week(site)
    while batch := [point for reading in islice(said, 5000) for point in points_of(reading)]:
        store.write(batch)
    store.close()
    return site


def week(site: Site) -> Iterator[Reading]:
    """Days with their cycles and noise, gaps, and the two incidents."""
    random = Random(7)
    for reading in readings(site, FIRST_MS, FIRST_MS + 7 * DAY_MS, breach=0):
        if random.random() < 0.01 or _lost(reading):
            continue
        yield _leaning(reading) if reading.device_id == "tree-1" else _heated(reading)


def _lost(reading: Reading) -> bool:
    """On Tuesday from 13:00 to 13:50 nothing of tree-2 comes through."""
    gap_ms = FIRST_MS + DAY_MS + 13 * HOUR_MS
    return reading.device_id == "tree-2" and gap_ms <= reading.at_ms < gap_ms + 50 * _MINUTE_MS


def _leaning(reading: Reading) -> Reading:
    hours = max(0.0, (min(reading.at_ms, STEP_MS) - LEAN_MS) / HOUR_MS)
    lean = 0.02 * hours + (1.6 if reading.at_ms >= STEP_MS else 0.0)
    tilt = round(float(reading.metrics["tilt_deg"]) + lean, 3)
    return replace(reading, metrics={**reading.metrics, "tilt_deg": tilt})


def _heated(reading: Reading) -> Reading:
    hot = reading.port == 2 and HEAT_MS <= reading.at_ms < HEAT_MS + 12 * _MINUTE_MS
    return replace(reading, metrics={**reading.metrics, "temp_c": 58.0}) if hot else reading


if __name__ == "__main__":
    make(Path(sys.argv[1]).resolve())
