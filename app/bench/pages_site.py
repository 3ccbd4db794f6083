"""The site of the first views: a city that works, with `lists_city`'s cases of three years up to now."""

import secrets
from pathlib import Path
from typing import Final

from app.bench.lists_city import CAMERAS, DOORS, SHOPS, STREETS, fill
from config.load import SHARED, load_site
from console.access.passwords import Passwords
from console.access.registry import Registry
from domain.case import CaseState
from domain.clock import SystemClock
from domain.ladder import LadderStep
from domain.permission import Role
from storage.case_engine import open_engine, writing
from storage.case_opening import open_accounts
from storage.case_store import CaseStore

NAME: Final = "bench"
_TREES, _STATIONS = 339, 400
_DAY_MS: Final = 86_400_000
_SETTINGS: Final = """\
site: bench
name: {{zh: 测量, en: Bench}}
division: "320400"
timezone: Asia/Shanghai
data_dir: {data}
mqtt: {{url: "mqtt://127.0.0.1:{broker_port}", client_id: longcheng-bench}}
console: {{host: 127.0.0.1, port: 0}}
rules:
{rules}
"""
_RULES: Final = ("trees.yaml", "chargers.yaml", "storefronts.yaml", "cameras.yaml", "network.yaml")
_FRONT: Final = "0.08,0.55 0.92,0.55 0.92,0.97 0.08,0.97"
_STAND: Final = {
    "09010": "bike-misparked",
    "05001": "goods-outside",
    "01054": "out-of-store",
    "03011": "garbage-exposed",
}
"""By matter the rule in force that an open alarm is of, so that none has lost its rule."""
_AT_ONCE: Final = "01054"
"""Of this matter a case has to be filed and dispatched the moment it comes."""


def make_site(folder: Path, *, broker_port: int, cases: int) -> tuple[Path, str]:
    """Write the site, its store and an administrator `NAME`; returns its folder and the password."""
    folder.mkdir()
    rules = "\n".join(f"  - {SHARED / 'rules' / name}" for name in _RULES)
    settings = _SETTINGS.format(data=folder / "data", broker_port=broker_port, rules=rules)
    (folder / "site.yaml").write_text(settings, encoding="utf-8")
    for name, lines in _tables().items():
        (folder / name).write_text("\n".join([*lines, ""]), encoding="utf-8")
    (folder / "data").mkdir()
    _fill(f"sqlite:///{folder / 'data' / 'cases.db'}", cases)
    return folder, _administrator(folder)


def _tables() -> dict[str, list[str]]:
    tables = {
        "devices.csv": ["device_id,profile,name,district,sub_district,road,lon_deg,lat_deg,ports,baseline"],
        "shops.csv": ["shop_id,name,district,sub_district,road,lon_deg,lat_deg,contact"],
        "cameras.csv": ["camera_id,name,source,district,sub_district,road,lon_deg,lat_deg,interval_s"],
        "zones.csv": ["camera_id,zone,role,shop_id,polygon"],
    }
    tilt = "tilt_deg=1.8 tilt_x_deg=1.5 tilt_y_deg=1.0"
    tables["devices.csv"] += [f"T{n},heritage-tree,{n} 号古树,{_place(n)},0,{tilt}" for n in range(_TREES)]
    tables["devices.csv"] += [f"P{n},charging-station,{n} 号充电站,{_place(n)},10," for n in range(_STATIONS)]
    tables["shops.csv"] += [f"S{n},第 {n} 号店,{_place(n)}," for n in range(SHOPS)]
    for n in range(CAMERAS):
        tables["cameras.csv"].append(f"C{n},第 {n} 路口,http://192.0.2.1/{n}.jpg,{_place(n)},")
        shops = [n % STREETS + STREETS * ((n * DOORS + door) % (SHOPS // STREETS)) for door in range(DOORS)]
        tables["zones.csv"] += [f'C{n},door-{door},frontage,S{shop},"{_FRONT}"' for door, shop in enumerate(shops)]
    return tables


def _place(n: int) -> str:
    lon_deg, lat_deg = 119.9 + n % 97 / 970 + n / 1e6, 31.7 + n % 89 / 890 + n / 1e6
    return f"天宁区,街道{n % STREETS},第 {n % 130} 路,{lon_deg:.6f},{lat_deg:.6f}"


def _fill(url: str, cases: int) -> None:
    now_ms = SystemClock().now_ms()
    CaseStore(url).close()  # makes the tables
    fill(url, cases, now_ms=now_ms)
    engine = open_engine(url)
    try:
        with writing(engine) as connection:
            for sql in (*_known_rules(), *_nothing_due(now_ms)):
                connection.exec_driver_sql(sql)
    finally:
        engine.dispose()


def _known_rules() -> list[str]:
    """Open alarms are of rules in force, one of each rule at each door; where one stands already, at the next."""
    rule = " ".join(f"WHEN '{matter}' THEN '{rule}'" for matter, rule in _STAND.items())
    return [
        f"UPDATE OR IGNORE alarms SET rule_id = CASE matter {rule} END,"
        f" subject = device_id || '/door-' || ((id + {further}) % {DOORS})"
        " WHERE resolved_ms IS NULL AND rule_id LIKE 'rule-%'"
        for further in range(DOORS)
    ]


def _nothing_due(now_ms: int) -> list[str]:
    """What would have come due within the three years has been done, so that the product is at rest at its start.

    Ladders have led to their cases but for one in fifty, which waits for a person. A quarter of the open cases is late:
    those that were handled and wait to be verified, of which nobody is told any more. None is at a step too long.
    """
    late = f"state IN ('{CaseState.PENDING_VERIFY}', '{CaseState.VERIFIED}')"
    waits = f"state IN ('{CaseState.PENDING_CHECK}', '{CaseState.PENDING_DISPATCH}')"
    soon_ms = f"{now_ms + _DAY_MS} + alarm_id * 7919 % 7 * {_DAY_MS}"
    asked, led = LadderStep.CONFIRM, LadderStep.CASE
    return [
        f"UPDATE ladders SET recheck_ms = {now_ms + _DAY_MS}, step = '{asked}' WHERE ended_ms IS NULL AND id % 50 = 0",
        f"UPDATE ladders SET ended_ms = started_ms + 3600000, step = '{led}' WHERE ended_ms IS NULL AND id % 50 != 0",
        f"UPDATE shop_replies SET given_ms = {now_ms} WHERE decided_ms IS NULL",
        f"UPDATE cases SET state_ms = {now_ms}, due_ms = {soon_ms} WHERE closed_ms IS NULL",
        f"UPDATE cases SET state = '{CaseState.PENDING_HANDLE}' WHERE {waits} AND matter = '{_AT_ONCE}'",
        f"UPDATE cases SET due_ms = due_ms - {9 * _DAY_MS} WHERE {late}",
        f"UPDATE cases SET overdue_ms = due_ms WHERE closed_ms IS NULL AND due_ms < {now_ms}",
        "ANALYZE",
    ]


def _administrator(folder: Path) -> str:
    site, password = load_site(str(folder)), secrets.token_urlsafe(16)
    store = open_accounts(site.settings)
    try:
        registry = Registry(store, site, SystemClock())
        registry.add(NAME, Role.ADMINISTRATOR, password_hash=Passwords().hash_now(password))
    finally:
        store.close()
    return password
