"""How often each rule fired is counted, and the cases of a device are found, among all that ever were."""

from alembic import op

revision: str = "0014"
down_revision: str | None = "0011"
branch_labels: None = None
depends_on: None = None

_INDEXES = {
    "ix_alarms_raised": ("alarms", ["rule_id", "raised_ms", "device_id", "shop_id", "subject"]),
    "ix_cases_device": ("cases", ["device_id", "opened_ms"]),
}


def upgrade() -> None:
    """To this revision."""
    for name, (table, columns) in _INDEXES.items():
        op.create_index(name, table, columns)


def downgrade() -> None:
    """Back to the revision before."""
    for name, (table, _columns) in _INDEXES.items():
        op.drop_index(name, table)
