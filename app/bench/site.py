"""The site of the ingest measurement: charging stations only, with the shipped profiles, metrics and rules."""

from pathlib import Path

from app.bench.traffic import device_id
from config.load import SHARED

_SETTINGS = """\
site: bench
name: {{zh: 测量, en: Bench}}
division: "320400"
timezone: Asia/Shanghai
data_dir: {data}
mqtt: {{url: "mqtt://127.0.0.1:{broker_port}", client_id: {client_id}}}
{series}console: {{host: 127.0.0.1, port: 0{token}}}
rules:
{rules}
"""
_RULES = ("trees.yaml", "chargers.yaml", "storefronts.yaml", "cameras.yaml", "network.yaml")
_HEADER = "device_id,profile,name,district,sub_district,road,lon_deg,lat_deg,ports,baseline"
_DISTRICTS = ("天宁区", "钟楼区", "新北区", "武进区", "经开区")
CLIENT_ID = "longcheng-bench"


def make_site(
    folder: Path, *, broker_port: int, devices: int, ports: int, victoria_url: str = "", token: str = ""
) -> Path:
    """Write the site's files and return its folder. The product keeps its data in `data` below it."""
    folder.mkdir()
    rules = "\n".join(f"  - {SHARED / 'rules' / name}" for name in _RULES)
    settings = _SETTINGS.format(
        data=folder / "data",
        broker_port=broker_port,
        client_id=CLIENT_ID,
        rules=rules,
        token=f', api_token: "{token}"' if token else "",
        series=f'series: {{victoria_url: "{victoria_url}"}}\n' if victoria_url else "",
    )
    (folder / "site.yaml").write_text(settings, encoding="utf-8")
    (folder / "devices.csv").write_text("\n".join([_HEADER, *_rows(devices, ports), ""]), encoding="utf-8")
    return folder


def _rows(devices: int, ports: int) -> list[str]:
    return [
        f"{device_id(number)},charging-station,{number} 号充电站,{_DISTRICTS[number % 5]},第 {number % 63} 街道,"
        f"第 {number % 130} 路,{119.9 + number % 100 / 1000:.6f},{31.7 + number // 100 / 1000:.6f},{ports},"
        for number in range(devices)
    ]
