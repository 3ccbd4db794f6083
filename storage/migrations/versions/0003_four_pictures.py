"""Pictures of before, of the confirmation and of the cleared place, for ladders and cases."""

import sqlalchemy as sa
from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: None = None
depends_on: None = None

_COLUMNS = (("ladders", "context"), ("ladders", "confirmed"), ("cases", "context"), ("cases", "cleared"))


def upgrade() -> None:
    """To this revision. What was the onset until now was the confirming look, and stays both."""
    for table, column in _COLUMNS:
        op.add_column(table, sa.Column(column, sa.Text(), nullable=True))
    op.execute("UPDATE ladders SET confirmed = onset")


def downgrade() -> None:
    """Back to 0002."""
    for table, column in reversed(_COLUMNS):
        op.drop_column(table, column)
