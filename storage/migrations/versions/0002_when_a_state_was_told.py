"""When the word was received that a device's state goes by."""

import sqlalchemy as sa
from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    """To this revision. The state of a device that was heard is at least as new as what was heard last."""
    op.add_column("device_presence", sa.Column("state_ms", sa.BigInteger(), nullable=True))
    op.execute("UPDATE device_presence SET state_ms = seen_ms WHERE state IS NOT NULL")


def downgrade() -> None:
    """Back to 0001."""
    op.drop_column("device_presence", "state_ms")
