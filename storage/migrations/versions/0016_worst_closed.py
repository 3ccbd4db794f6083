"""The worst of the closed cases are found in their order, however deep in the list of all."""

import sqlalchemy as sa
from alembic import op

revision: str = "0016"
down_revision: str | None = "0015"
branch_labels: None = None
depends_on: None = None

_NAME = "ix_cases_worst_closed"


def upgrade() -> None:
    """To this revision."""
    closed = sa.text("closed_ms IS NOT NULL")
    op.create_index(_NAME, "cases", ["severity", "due_ms", "id"], sqlite_where=closed, postgresql_where=closed)


def downgrade() -> None:
    """Back to the revision before."""
    op.drop_index(_NAME, "cases")
