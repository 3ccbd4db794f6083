"""The figures of a period and a part of the city, each with what it is a share of. Definitions: docs/figures.md."""

from collections import Counter

from msgspec import Struct

from cases.kpi.facts import Facts
from cases.kpi.share import Share, Spread


class Sheet(Struct, frozen=True, kw_only=True):
    """One row of figures."""

    finds: int
    """Confirmed in the period, without those whose contest was upheld."""
    upheld: int
    opened: int
    """Cases filed in the period."""
    self_correction: Share
    """商户自处理率: corrected ÷ notices delivered and due."""
    self_correction_strict: Share
    """The same ÷ all confirmed finds on a ladder."""
    filing: Share
    """立案率: finds that led to a case ÷ all finds."""
    closing: Share
    """结案率: closed ÷ cases due in the period, 缓办 taken off."""
    on_time: Share
    """按期结案率: closed by the deadline ÷ the same."""
    deferred: int
    """Cases due in the period that were taken off for that."""
    rework: Share
    """返工率: sent back ÷ reported as done. Can be more than one: a case may come again by itself."""
    repeat: Share
    """Finds like one of the seven days before, at the same shop or of the same subject ÷ all finds."""
    time_to_correct: Spread
    """From the notice to the look that shows it clear."""
    closed_as: dict[str, int]
    """Cases closed in the period, by reason: closed is not the same as fixed."""


def sheet_of(facts: Facts) -> Sheet:
    """The figures of all these facts: take those of a period, or of a part, out of them before."""
    finds = [find for find in facts.finds if not find.upheld]
    ladders = [find for find in finds if find.on_ladder]
    corrected = sum(find.corrected for find in ladders)
    due = [case for case in facts.due if not case.deferred]
    return Sheet(
        finds=len(finds),
        upheld=len(facts.finds) - len(finds),
        opened=len(facts.opened),
        self_correction=Share(corrected, sum(find.told for find in ladders)),
        self_correction_strict=Share(corrected, len(ladders)),
        filing=Share(sum(find.filed for find in finds), len(finds)),
        closing=Share(sum(case.closed for case in due), len(due)),
        on_time=Share(sum(case.on_time for case in due), len(due)),
        deferred=len(facts.due) - len(due),
        rework=Share(len(facts.sent_back), len(facts.reported)),
        repeat=Share(sum(find.repeat for find in finds), len(finds)),
        time_to_correct=Spread.of([find.took_ms for find in ladders if find.took_ms is not None]),
        closed_as=dict(sorted(Counter(one.reason.value if one.reason else "unknown" for one in facts.closed).items())),
    )
