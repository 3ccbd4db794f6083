"""`matters.yaml`: the national catalogue of matters, and how each is handled here."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from config.deadlines import Limits
from config.strict import Duration, Strict, Words
from domain.finding import Severity


def _legacy_code(text: str) -> str:
    if not re.match(r"^(BJ)?\d{2}-\d{2}$", text):
        raise ValueError("write a code of an older catalogue as 04-05, or BJ04-01 for a thing (部件)")
    return text


_Catalogue = Annotated[str, Field(pattern=r"^[a-z]+[0-9.]+-\d{4}$")]
"""`gb30428.2-2013`: standard, number, year."""
_LegacyCode = Annotated[str, AfterValidator(_legacy_code)]


class Emergency(Strict):
    """What is the duty desk's at once, by day and night, and waits for nobody's office hours."""

    from_: Severity = Field(
        default=Severity.CRITICAL,
        alias="from",
        description="alarms of this severity, and worse ones; one that only a person may end always",
    )
    handle_within: Limits = Field(description="in 分钟, 紧急工作时 or 自然日; for all places or by tier")

    @model_validator(mode="after")
    def _knows_no_office_hours(self) -> "Emergency":
        if any(not limit.unit.is_continuous for limit in self.handle_within.values()):
            raise ValueError(
                "an emergency runs by night and on holidays too: handle_within must be in 紧急工作时 "
                "(emergency hours), 分钟 (minutes) or 自然日 (natural days), not in working time"
            )
        return self


class Matter(Strict):
    """A kind of case in the national catalogue, and how it is handled here."""

    zh: str
    en: str
    legacy: dict[_Catalogue, _LegacyCode] = Field(
        default={}, description="its codes in older catalogues: 04-05; of a thing (部件), not a matter, BJ04-01"
    )
    handle_within: Limits = Field(
        description="4 工作时, or 4 working hours; or by tier of the place: {A: 2 紧急工作时, B: 4 工作时, C: 1 工作日}"
    )
    recheck_after: Duration = 1800.0
    unit: Literal["team", "duty_desk"] = Field(
        default="team", description="who handles it: the sub-district's team, or at once the duty desk (fire, lives)"
    )
    emergency: Emergency | None = Field(
        default=None, description="what of it is so grave that it goes past the team, at once to the duty desk"
    )
    advice: Words
    source: str

    @model_validator(mode="after")
    def _the_desk_has_no_office_hours(self) -> "Matter":
        waits = [limit for limit in self.handle_within.values() if not limit.unit.is_continuous]
        if self.unit == "duty_desk" and waits:
            raise ValueError(
                "unit is duty_desk, which works by night and on holidays too: handle_within must be in 紧急工作时 "
                "(emergency hours), 分钟 (minutes) or 自然日 (natural days), not in working time"
            )
        return self

    @model_validator(mode="after")
    def _an_emergency_is_no_slower(self) -> "Matter":
        quick = self.emergency.handle_within if self.emergency else {}
        for tier, limit in quick.items():
            if limit.nominal_h > self.handle_within[tier].nominal_h:
                raise ValueError(f"emergency.handle_within gives more time than handle_within, in tier {tier}")
        return self


class Matters(Strict):
    """`matters.yaml`."""

    catalogue: str
    matters: dict[Annotated[str, Field(pattern=r"^\d{5}$")], Matter]

    @model_validator(mode="after")
    def _each_legacy_code_once(self) -> "Matters":
        taken: dict[tuple[str, str], str] = {}
        for code, matter in self.matters.items():
            for legacy in matter.legacy.items():
                if (other := taken.setdefault(legacy, code)) != code:
                    raise ValueError(f"{other} and {code} both have {legacy[1]} in {legacy[0]}; one of them is another")
        return self
