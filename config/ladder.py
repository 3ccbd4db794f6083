"""The way from a finding to a corrected shopfront, or to a case: for all matters, and what is otherwise for some."""

from typing import Annotated, Literal

from pydantic import Field

from config.strict import Duration, Hours, Strict

_Code = Annotated[str, Field(pattern=r"^\d{5}$")]


class Way(Strict):
    """How it goes for a matter. What a site says of all matters holds for one unless it says otherwise there."""

    confirm: Literal["auto", "person"] = Field(
        default="auto", description="person: nobody is told before a person has said that it is so"
    )
    confirm_patience: Duration = Field(
        default=1800.0, gt=0, description="how long a person has for that before being asked anew"
    )
    notices: int = Field(default=2, ge=1, le=2, description="after so many, and a re-check after each, comes the case")
    recheck_after: Duration | None = Field(
        default=None, description="from a notice to its re-check; empty: as matters.yaml has it for the matter"
    )
    quiet_hours: Hours | None = "21:00-08:00"
    when_closed: Literal["keeper", "wait"] = Field(
        default="keeper",
        description="while the shop is closed: tell the street's keeper instead, or wait till it opens",
    )
    strikes: int = Field(default=3, ge=1, description="the n-th confirmed episode in `strike_window` is a case at once")
    strike_window: Duration = 7 * 86400.0
    recheck_patience: Duration = Field(
        default=600.0, gt=0, description="how long to wait for a healthy look before asking again"
    )
    min_precision: float = Field(
        default=0.8,
        ge=0,
        le=1,
        description="below it the matter needs a person, until one restores its right to notices",
    )
    precision_window: Duration = Field(default=30 * 86400.0, description="over which precision is measured")
    precision_finds: int = Field(default=20, ge=1, description="and over so many finds at least")


class WayOfMatter(Way):
    """What is otherwise for a matter; what it does not name is as for all."""


class Ladder(Way):
    """How it goes for all matters, and what is otherwise for some, or in some places."""

    confirm_in: tuple[str, ...] = Field(
        default=(),
        description="sub-districts in which nobody is told of anything before a person has said that it is so",
    )
    matters: dict[_Code, WayOfMatter] = Field(default={}, description='by code, e.g. "09005": {confirm: person}')

    def way(self, matter: str) -> Way:
        """How it goes for this matter."""
        own = self.matters.get(matter)
        if own is None:
            return self
        return self.model_copy(update={name: getattr(own, name) for name in own.model_fields_set})
