"""Every kind of rule there is, by the word that a rule file uses for it."""

from typing import Annotated

from pydantic import Field

from rules.kinds.baseline import Baseline
from rules.kinds.compound import Compound
from rules.kinds.count import Count
from rules.kinds.presence import Presence
from rules.kinds.rate import Rate
from rules.kinds.silent import Silent
from rules.kinds.stuck import Stuck
from rules.kinds.threshold import Threshold
from rules.kinds.trend import Trend
from rules.kinds.view import View
from rules.rule import Kind

KINDS: dict[str, type[Kind]] = {
    "baseline": Baseline,
    "compound": Compound,
    "count": Count,
    "presence": Presence,
    "rate": Rate,
    "silent": Silent,
    "stuck": Stuck,
    "threshold": Threshold,
    "trend": Trend,
    "view": View,
}
AnyKind = Annotated[
    Baseline | Compound | Count | Presence | Rate | Silent | Stuck | Threshold | Trend | View,
    Field(discriminator="kind"),
]
"""The same, for reading files."""
