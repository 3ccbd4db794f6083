"""Cases as the API's answers."""

from typing import TYPE_CHECKING

from cases.deadlines import Deadlines
from console.api import shapes as out
from domain.case import Case
from domain.overdue import overdue

if TYPE_CHECKING:
    from console.api.rows import Rows


def case_out(rows: "Rows", case: Case) -> out.CaseOut:
    """One case."""
    step_ms = Deadlines(rows.site).leaves_by_ms(case)
    return out.CaseOut(
        id=case.id,
        alarm_id=case.alarm_id,
        ladder_id=case.ladder_id,
        matter=case.matter,
        title_zh=case.title_zh,
        title_en=case.title_en,
        severity=case.severity,
        step=case.step,
        state=case.state,
        state_since=rows.at(case.state_ms),
        version=case.version,
        subject=case.subject,
        kind=case.kind,
        device_id=case.device_id,
        shop_id=case.shop_id,
        place=rows.place(case.device_id, case.shop_id),
        sub_district=case.sub_district,
        grid=case.grid,
        unit=case.unit,
        handler=case.handler,
        opened_at=rows.at(case.opened_ms),
        due_at=rows.at(case.due_ms),
        step_due_at=rows.maybe_at(step_ms),
        tier=case.tier,
        time_limit=case.time_limit,
        overdue=overdue(case, rows.now_ms),
        overdue_at=rows.maybe_at(case.overdue_ms),
        deferred_until=rows.maybe_at(case.deferred_until_ms),
        reworks=case.reworks,
        reopened=case.reopened,
        duplicate_of=case.duplicate_of,
        closed_at=rows.maybe_at(case.closed_ms),
        closed_reason=case.closed_reason,
        rating=case.rating,
        rated_by=case.rated_by,
        context=rows.evidence(case.context),
        onset=rows.evidence(case.onset),
        confirmed=rows.evidence(case.confirmed),
        cleared=rows.evidence(case.cleared),
    )
