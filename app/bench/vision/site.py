"""The site of the vision measurement: cameras, each with the shop before it."""

from pathlib import Path

from app.bench.vision.cameras import address
from config.load import SHARED

_SETTINGS = """\
site: bench
name: {{zh: 测量, en: Bench}}
division: "320400"
timezone: Asia/Shanghai
data_dir: {data}
mqtt: {{url: "mqtt://127.0.0.1:{broker_port}", client_id: longcheng-bench}}
vision: {{interval: 60s, visit_timeout: {timeout}s{model}}}
console: {{host: 127.0.0.1, port: 0}}
rules:
  - {rules}
"""
_PLACE = "天宁区,第 {street} 街道,第 {road} 路,{lon:.6f},{lat:.6f}"
_FRONT = "0.08,0.55 0.92,0.55 0.92,0.97 0.08,0.97"


def make_site(folder: Path, *, broker_port: int, camera_port: int, cameras: int, timeout_s: int, model: str) -> Path:
    """Write the site's files and return its folder. The product keeps its data in `data` below it."""
    folder.mkdir()
    settings = _SETTINGS.format(
        data=folder / "data",
        broker_port=broker_port,
        timeout=timeout_s,
        model=f", model: {model}" if model else "",
        rules=SHARED / "rules" / "storefronts.yaml",
    )
    (folder / "site.yaml").write_text(settings, encoding="utf-8")
    tables: dict[str, list[str]] = {
        "devices.csv": ["device_id,profile,name,district,sub_district,road,lon_deg,lat_deg,ports,baseline"],
        "shops.csv": ["shop_id,name,district,sub_district,road,lon_deg,lat_deg,contact"],
        "cameras.csv": ["camera_id,name,source,district,sub_district,road,lon_deg,lat_deg,interval_s"],
        "zones.csv": ["camera_id,zone,role,shop_id,polygon"],
    }
    for number in range(cameras):
        place = _PLACE.format(
            street=number % 63, road=number % 130, lon=119.9 + number % 100 / 1000, lat=31.7 + number // 100 / 1000
        )
        source = f"http://{address(number)}:{camera_port}/snapshot.jpg"
        tables["shops.csv"].append(f"S{number:05},第 {number} 号店,{place},")
        tables["cameras.csv"].append(f"CZ-{number:04},第 {number} 路口,{source},{place},")
        tables["zones.csv"].append(f'CZ-{number:04},front,frontage,S{number:05},"{_FRONT}"')
    for name, lines in tables.items():
        (folder / name).write_text("\n".join([*lines, ""]), encoding="utf-8")
    return folder
