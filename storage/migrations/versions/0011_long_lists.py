"""Long lists are chosen, ordered and counted without reading whole rows."""

import sqlalchemy as sa
from alembic import op

revision: str = "0011"
down_revision: str | None = "0010"
branch_labels: None = None
depends_on: None = None

_OF_A_CASE = [
    "id",
    "closed_ms",
    "state",
    "unit",
    "matter",
    "severity",
    "sub_district",
    "overdue_ms",
    "device_id",
    "shop_id",
    "handler",
    "title_zh",
    "title_en",
]
_INDEXES: dict[str, tuple[str, list[str], str | None]] = {
    "ix_cases_chosen": ("cases", ["opened_ms", "due_ms", *_OF_A_CASE], None),
    "ix_cases_chosen_open": ("cases", ["due_ms", "opened_ms", *_OF_A_CASE], "closed_ms IS NULL"),
    "ix_ladders_ground": ("ladders", ["id", "camera_id", "shop_id", "matter", "ended_ms"], None),
    "ix_shop_replies_contests": ("shop_replies", ["id"], "kind = 'contest'"),
    "ix_cases_chosen_closed": ("cases", ["due_ms", "id"], "closed_ms IS NOT NULL"),
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
