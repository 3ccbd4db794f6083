"""Merged cases are found by their place, and by the case that was kept."""

import sqlalchemy as sa
from alembic import op

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: None = None
depends_on: None = None

_INDEXES = {"ix_cases_merged": ["device_id", "matter"], "ix_cases_duplicate_of": ["duplicate_of"]}


def upgrade() -> None:
    """To this revision."""
    merged = sa.text("duplicate_of IS NOT NULL")
    for name, columns in _INDEXES.items():
        op.create_index(name, "cases", columns, sqlite_where=merged, postgresql_where=merged)


def downgrade() -> None:
    """Back to the revision before."""
    for name in _INDEXES:
        op.drop_index(name, "cases")
