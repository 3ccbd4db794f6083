"""The durable log between the broker and everyone else."""

from pydantic import Field

from config.schema.amounts import Share, Size
from config.strict import Duration, Strict


class Journal(Strict):
    """The durable log between the broker and everyone else."""

    max_size: Size = 2 << 30
    max_age: Duration = Field(default=86400.0, description="how long what every reader has passed is kept to look at")
    group: int = Field(default=500, ge=1, description="messages made durable by one fsync, at most")
    group_wait: Duration = 0.02
    high_water: Share = 0.8
