"""What alarms say, and what people order about them: taken on, over, silent until."""

import sqlalchemy as sa
from alembic import op

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: None = None
depends_on: None = None

_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_NULLABLE = (
    ("silence_id", _ID),
    ("silenced_until_ms", sa.BigInteger()),
    ("silenced_by", sa.Text()),
    ("silenced_why", sa.Text()),
    ("acked_ms", sa.BigInteger()),
    ("acked_until_ms", sa.BigInteger()),
    ("acked_by", sa.Text()),
    ("acked_why", sa.Text()),
)


def upgrade() -> None:
    """To this revision. Alarms of before have no text, and nothing of theirs was held back."""
    for name in ("text_zh", "text_en"):
        op.add_column("alarms", sa.Column(name, sa.Text(), nullable=False, server_default=""))
    for name in ("held", "orphaned"):
        op.add_column("alarms", sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false()))
    for name, kind in _NULLABLE:
        op.add_column("alarms", sa.Column(name, kind, nullable=True))
    silenced = sa.text("silence_id IS NOT NULL AND resolved_ms IS NULL")
    op.create_index(
        "ix_alarms_silenced", "alarms", ["silence_id"], sqlite_where=silenced, postgresql_where=silenced
    )
    _orders()
    _silences()


def _orders() -> None:
    op.create_table(
        "alarm_orders",
        sa.Column("id", _ID, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("alarm_id", _ID, nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("given_ms", sa.BigInteger(), nullable=False),
        sa.Column("until_ms", sa.BigInteger()),
        sa.Column("done_ms", sa.BigInteger()),
        sa.Column("outcome", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_alarm_orders"),
        sa.ForeignKeyConstraint(["alarm_id"], ["alarms.id"], name="fk_alarm_orders_alarm_id"),
    )
    waiting = sa.text("done_ms IS NULL")
    op.create_index("ix_alarm_orders_waiting", "alarm_orders", ["id"], sqlite_where=waiting, postgresql_where=waiting)


def _silences() -> None:
    op.create_table(
        "silences",
        sa.Column("id", _ID, nullable=False),
        sa.Column("rule_id", sa.Text()),
        sa.Column("subject", sa.Text()),
        sa.Column("device_id", sa.Text()),
        sa.Column("kind", sa.Text()),
        sa.Column("sub_district", sa.Text()),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("from_ms", sa.BigInteger(), nullable=False),
        sa.Column("until_ms", sa.BigInteger(), nullable=False),
        sa.Column("even_critical", sa.Boolean(), nullable=False),
        sa.Column("given_ms", sa.BigInteger(), nullable=False),
        sa.Column("ended_ms", sa.BigInteger()),
        sa.Column("ended_by", sa.Text()),
        sa.Column("state", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_silences"),
    )
    not_over = sa.text("state <> 'over'")
    op.create_index("ix_silences_not_over", "silences", ["until_ms"], sqlite_where=not_over, postgresql_where=not_over)


def downgrade() -> None:
    """Back to 0003."""
    op.drop_table("silences")
    op.drop_table("alarm_orders")
    op.drop_index("ix_alarms_silenced", "alarms")
    names = ("text_zh", "text_en", "held", "orphaned", *(name for name, _kind in _NULLABLE))
    for name in reversed(names):
        op.drop_column("alarms", name)
