"""One case at hand, by the table of moves alone."""

from collections.abc import Sequence

from cases.possible import Possible
from console.desk.casework import AtHand
from domain.case import Alarm, Case, CaseState, ClosedReason
from domain.case_order import BEFORE_VERIFIED, CaseAct, allowed


def at_hand(case: Case, cases: Sequence[Case], alarms: Sequence[Alarm] = ()) -> AtHand:
    """What the fake desk accepts, the other cases of the device, and its alarm while that stands."""
    acts = allowed(case.state)
    reasons = sorted(BEFORE_VERIFIED) if CaseAct.CLOSE in acts else []
    if case.state is CaseState.VERIFIED:
        reasons.insert(0, ClosedReason.FIXED)
    alike = [one for one in cases if one.id != case.id and one.device_id == case.device_id]
    into = tuple(one for one in alike if one.closed_ms is None and one.matter == case.matter)
    if not into:
        acts = tuple(act for act in acts if act is not CaseAct.MERGE)
    units = (case.unit, "值守台") if CaseAct.ASSIGN in acts else ()
    standing = tuple(one for one in alarms if one.id == case.alarm_id and one.resolved_ms is None)
    possible = Possible(acts=acts, reasons=tuple(reasons), units=units, into=into, standing=standing)
    return AtHand(possible=possible, alike=alike)
