"""How many there are at each place."""

from typing import Any

from sqlalchemy import ColumnElement, Engine, Select, func, literal, null, select

from domain.tally import Tally, Thing
from storage import case_tables as t
from storage.case_engine import reading


class TallyRows:
    """A part of `CaseStore`."""

    _engine: Engine

    def tallies(self) -> list[Tally]:
        """How many of everything by place, at one moment. Notices are those for people."""
        with reading(self._engine) as connection:
            return [
                Tally(thing=thing, device_id=device or "", shop_id=shop, sub_district=street, kind=kind, n=n, over=over)
                for thing, query in _queries().items()
                for device, shop, street, kind, n, over in connection.execute(query)
            ]


def _queries() -> dict[Thing, Select[Any]]:
    alarms, cases, ladders, notices = t.alarms.c, t.cases.c, t.ladders.c, t.notices.c
    device = func.coalesce(cases.device_id, ladders.camera_id, alarms.device_id)
    shop = func.coalesce(cases.shop_id, ladders.shop_id, alarms.shop_id)
    about = (
        t.notices.outerjoin(t.cases, notices.case_id == cases.id)
        .outerjoin(t.ladders, notices.ladder_id == ladders.id)
        .outerjoin(t.alarms, notices.alarm_id == alarms.id)
    )
    told = _counted(device, shop, cases.sub_district, notices.state, over=notices.sent_ms)
    return {
        Thing.ALARM: _counted(alarms.device_id, alarms.shop_id, over=alarms.resolved_ms),
        Thing.CASE: _counted(cases.device_id, cases.shop_id, cases.sub_district, cases.kind, over=cases.closed_ms),
        Thing.LADDER: _counted(ladders.camera_id, ladders.shop_id, kind=ladders.step, over=ladders.ended_ms),
        Thing.NOTICE: told.select_from(about).where(notices.channel != t.MACHINES),
    }


def _counted(
    device: ColumnElement[Any],
    shop: ColumnElement[Any],
    street: ColumnElement[Any] | None = None,
    kind: ColumnElement[Any] | None = None,
    *,
    over: ColumnElement[Any],
) -> Select[Any]:
    groups = [column for column in (device, shop, street, kind) if column is not None]
    at = null() if street is None else street
    of = literal("") if kind is None else kind
    return select(device, shop, at, of, func.count(), func.count(over)).group_by(*groups)
