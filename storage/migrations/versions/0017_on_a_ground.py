"""Ladders and cases on a keeper's ground are counted without looking at all others."""

from alembic import op

revision: str = "0017"
down_revision: str | None = "0016"
branch_labels: None = None
depends_on: None = None

_INDEXES = {
    "ix_ladders_shop": ("ladders", ["shop_id", "camera_id", "matter", "ended_ms"]),
    "ix_cases_place": ("cases", ["sub_district", "device_id", "shop_id"]),
}


def upgrade() -> None:
    """To this revision."""
    for name, (table, columns) in _INDEXES.items():
        op.create_index(name, table, columns)


def downgrade() -> None:
    """Back to the revision before."""
    for name, (table, _columns) in _INDEXES.items():
        op.drop_index(name, table)
