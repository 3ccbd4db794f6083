"""What is open is found among all that ever was; cases are found by their ladder and by when they were closed."""

import sqlalchemy as sa
from alembic import op

revision: str = "0010"
down_revision: str | None = "0009"
branch_labels: None = None
depends_on: None = None

_INDEXES = {
    "ix_alarms_open": ("alarms", ["id"], "resolved_ms IS NULL"),
    "ix_ladders_open": ("ladders", ["id"], "ended_ms IS NULL"),
    "ix_cases_ladder_id": ("cases", ["ladder_id"], None),
    "ix_cases_closed": ("cases", ["closed_ms"], "closed_ms IS NOT NULL"),
    "ix_notices_case_id": ("notices", ["case_id"], None),
}


def upgrade() -> None:
    """To this revision."""
    for name, (table, columns, where) in _INDEXES.items():
        only = None if where is None else sa.text(where)
        op.create_index(name, table, columns, sqlite_where=only, postgresql_where=only)


def downgrade() -> None:
    """Back to the revision before."""
    for name, (table, _columns, _where) in _INDEXES.items():
        op.drop_index(name, table)
