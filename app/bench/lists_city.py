"""A case store after some years: as many cases as one likes, a tenth of them open, with what led to them."""

import random
from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import Table, insert

from domain.case import CaseState
from domain.finding import Severity
from domain.ground import Ground
from domain.ladder import LadderStep
from storage import case_tables as t
from storage.case_engine import open_engine, writing

NOW_MS: Final = 1_790_000_000_000
STREETS: Final = 14
CAMERAS, SHOPS, DOORS = 671, 4000, 9
"""Cameras `C…`, shops `S…`, and the zones `door-…` that each camera has."""
_SPAN_MS: Final = 3 * 365 * 86_400_000
_MATTERS: Final = {"09010": "机动车乱停", "05001": "店外经营", "01054": "充电桩漏电", "03011": "暴露垃圾"}
_OPEN: Final = [state for state in CaseState if not state.is_closed]
_CLOSED: Final = [state for state in CaseState if state.is_closed]
_AT_ONCE: Final = 5000


def ground_of(streets: range) -> Ground:
    """Some of the fourteen sub-districts."""
    shops = {f"S{n}": n % STREETS for n in range(SHOPS)}
    return Ground(
        sub_districts=frozenset(f"街道{n}" for n in streets),
        shops=frozenset(key for key, street in shops.items() if street in streets),
        devices=frozenset(f"C{n}" for n in range(CAMERAS) if n % STREETS in streets),
        elsewhere=frozenset(key for key, street in shops.items() if street not in streets),
    )


def fill(url: str, cases: int, seed: int = 1, now_ms: int = NOW_MS) -> None:
    """Into an empty store: so many cases, each with an alarm, a ladder and two notices; a tenth of all is open."""
    engine, chance = open_engine(url), random.Random(seed)  # noqa: S311 - figures, no secrets
    rows = [_one(chance, number, cases, now_ms) for number in range(1, cases + 1)]
    try:
        with writing(engine) as connection:
            for place, table in enumerate((t.alarms, t.ladders, t.cases)):
                for some in _batches([row[place] for row in rows]):
                    connection.execute(insert(table), some)
            for some in _batches([_notice(row[2], step) for row in rows for step in ("notice_1", "case")]):
                connection.execute(insert(t.notices), some)
            for some in _batches([_contest(row[1]) for row in rows[::20]]):
                connection.execute(insert(t.shop_replies), some)
        with writing(engine) as connection:
            connection.exec_driver_sql("ANALYZE")
    finally:
        engine.dispose()


def _batches(rows: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    return (rows[start : start + _AT_ONCE] for start in range(0, len(rows), _AT_ONCE))


def _one(
    chance: random.Random, number: int, cases: int, now_ms: int
) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    opened_ms = now_ms - _SPAN_MS + number * _SPAN_MS // cases
    is_open = chance.random() < (0.6 if number > cases * 0.9 else 0.0445)
    camera, shop = chance.randrange(CAMERAS), chance.randrange(SHOPS)
    shop -= (shop - camera) % STREETS  # in the camera's street
    ended_ms = None if is_open else opened_ms + chance.randrange(3_600_000, 5 * 86_400_000)
    look = {"look_id": f"look-{number}", "taken_ms": opened_ms, "picture": f"C{camera}/20260101/look-{number}"}
    look |= {"picture_sha256": "0" * 64, "model": "longcheng-1", "onset": None}
    matter = chance.choice(list(_MATTERS))
    said = {"title_zh": _MATTERS[matter], "title_en": f"Matter {matter}", "matter": matter, "kind": "camera"}
    place = {"subject": f"C{camera}/door-{shop % DOORS}", "shop_id": f"S{max(shop, 0)}"}
    severity = chance.choices(list(Severity), (80, 15, 5))[0].value
    alarm = _row(t.alarms, id=number, rule_id=f"rule-{matter}", rule_version="1", device_id=f"C{camera}") | said | place
    alarm |= {"state": "firing" if is_open else "resolved", "severity": severity, "since_ms": opened_ms}
    alarm |= {"raised_ms": opened_ms, "seen_ms": opened_ms, "resolved_ms": ended_ms, "policy": "ladder"}
    alarm |= {"rule_id": f"rule-{number}" if is_open else f"rule-{matter}", "evidence": look, "latch": False}
    ladder = _row(t.ladders, id=number, alarm_id=number, matter=matter, camera_id=f"C{camera}") | place
    ladder |= {"step": LadderStep.NOTICE_1.value if is_open else LadderStep.CASE.value, "started_ms": opened_ms}
    ladder |= {"recheck_ms": opened_ms + 900_000, "ended_ms": ended_ms, "onset": look, "confirmed": look}
    case = _row(t.cases, id=f"20260101320400{number:06d}", alarm_id=number, ladder_id=number) | said | place
    case |= {"device_id": f"C{camera}", "severity": severity, "unit": f"中队{camera % 9}", "opened_ms": opened_ms}
    case |= {"state": chance.choice(_OPEN if is_open else _CLOSED).value, "closed_ms": ended_ms, "state_ms": opened_ms}
    case |= {"due_ms": opened_ms + chance.randrange(86_400_000), "version": 1, "reworks": 0, "reopened": 0}
    case |= {"sub_district": f"街道{camera % STREETS}", "onset": look, "confirmed": look, "context": look}
    return alarm, ladder, case


def _notice(case: dict[str, Any], step: str) -> dict[str, Any]:
    row = _row(t.notices, key=f"{case['id']}/{step}", channel="log", recipient="desk", step=step)
    row |= {"subject": case["subject"], "body": {"text_zh": "您好，请处理。", "text_en": "Please see to it."}}
    row |= {"state": "sent", "created_ms": case["opened_ms"], "not_before_ms": case["opened_ms"], "attempts": 1}
    row |= {"ladder_id": case["ladder_id"], "case_id": case["id"] if step == "case" else None, "address": "desk"}
    del row["id"]
    return row | {"urgent": False}


def _contest(ladder: dict[str, Any]) -> dict[str, Any]:
    row = _row(t.shop_replies, ladder_id=ladder["id"], shop_id=ladder["shop_id"], matter=ladder["matter"])
    del row["id"]
    decided_ms = None if ladder["ended_ms"] is None else ladder["started_ms"]
    return row | {"kind": "contest", "given_ms": ladder["started_ms"], "words": "不是我家的", "decided_ms": decided_ms}


def _row(table: Table, **known: Any) -> dict[str, Any]:
    """Every column, so that rows of one insert are alike."""
    defaults = {"text_zh": "", "text_en": "", "held": False, "orphaned": False, "address": "", "words": ""}
    return {column.name: known.get(column.name, defaults.get(column.name)) for column in table.columns}
