"""A line of the audit says what was changed, as data."""

import sqlalchemy as sa
from alembic import op

revision: str = "0015"
down_revision: str | None = "0014"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    """To this revision. Of what was done before it is not known."""
    op.add_column("audit", sa.Column("changes", sa.Text(), nullable=False, server_default="[]"))


def downgrade() -> None:
    """Back to the revision before."""
    op.drop_column("audit", "changes")
