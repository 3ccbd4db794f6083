"""What other systems are given: who answers for cases as they know them, and whether anybody may read along."""

from pydantic import Field

from config.strict import Strict


class Agency(Strict):
    """A department as the standards name it (主管部门)."""

    code: str = Field(pattern=r"^[0-9A-HJ-NP-RT-UW-Y]{18}$", description="its 统一社会信用代码, 18 characters")
    name: str = Field(min_length=1, max_length=100)


class Exports(Strict):
    """Open311 and the files of `longcheng cases export`."""

    open311: bool = Field(
        default=False, description="whoever reaches the console may read cases at /open311/v2, without a token"
    )
    url: str = Field(
        default="", pattern=r"^(https?://[^\s?#]+[^\s?#/])?$", description="by which others reach the console"
    )
    contact: str = Field(default="", description="whom users of Open311 may ask")
    agencies: dict[str, Agency] = Field(default={}, description="by the unit that handles a case; `*` for all others")

    def agency(self, unit: str) -> Agency | None:
        """Who answers for the cases of a unit; None if nobody has said."""
        return self.agencies.get(unit) or self.agencies.get("*")
