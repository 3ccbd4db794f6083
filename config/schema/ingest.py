"""How messages come in."""

from pydantic import Field

from config.schema.feeds import Feed
from config.strict import Rates, Strict


class Ingest(Strict):
    """How messages come in."""

    collectors: int = Field(default=1, ge=1, le=16, description="processes that share the broker's messages")
    share_group: str = Field(
        default="", pattern=r"^[^/+#]*$", description="their name at the broker, no other site's; empty: mqtt.client_id"
    )
    feeds: dict[str, Feed] = Field(default={})
    device_rate: Rates = Field(default="", description="for each device; a profile can say otherwise")
    total_rate: Rates = Field(default="", description="for all together; safety metrics pass in any case")
