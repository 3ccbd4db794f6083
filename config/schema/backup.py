"""What is expected of backups."""

from pydantic import Field

from config.strict import Duration, Strict


class Backup(Strict):
    """Backups that `longcheng backup` takes."""

    expected_every: Duration | None = Field(
        default=None, description="an older newest one, or none, is told on the page Health; empty: nothing is expected"
    )
