"""Settings of figures: whom they call exemplary (示范户, 示范路), and how many it takes to be ranked."""

from pydantic import Field

from config.strict import Strict


class ExemplaryShop(Strict):
    """示范户: a shop that a camera watches, and that needed nobody."""

    weeks_without_case: int = Field(default=12, ge=1, description="a quarter of a year")
    weeks_without_strike: int = Field(default=26, ge=1, description="no third time within a week for half a year")
    min_rate: float = Field(
        default=0.9, ge=0, le=1, description="self-corrected of what it was told in these weeks; never told is enough"
    )


class ExemplaryRoad(Strict):
    """示范路: a road whose shops are."""

    min_shops: int = Field(default=5, ge=1, description="watched shops; of fewer, one neighbour decides")
    min_share: float = Field(default=0.8, ge=0, le=1, description="of its watched shops are exemplary")
    min_rate: float = Field(
        default=0.85, ge=0, le=1, description="self-corrected of all that its shops were told; a little under 88 %"
    )


class Figures(Strict):
    """What reports rank and praise. Print these criteria beside each list: they are part of it."""

    min_n: int = Field(default=5, ge=1, description="no road or shop is ranked by fewer notices or cases than these")
    shop: ExemplaryShop = ExemplaryShop()
    road: ExemplaryRoad = ExemplaryRoad()
