"""Notices by several ways, in digests, with receipts; and when limited providers were used."""

import sqlalchemy as sa
from alembic import op

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: None = None
depends_on: None = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INDEXES = {
    "ix_notices_alarm": ["alarm_id"],
    "ix_notices_last": ["channel", "address", "sent_ms"],
}


def upgrade() -> None:
    """To this revision. What waits to go out and is critical is known as such from its body."""
    op.add_column("notices", sa.Column("address", sa.Text(), nullable=False, server_default=""))
    op.add_column("notices", sa.Column("urgent", sa.Boolean(), nullable=False, server_default=sa.false()))
    for name, kind in (("digest", sa.Text()), ("copy_of", _ID), ("receipt", sa.Text()), ("delivered_ms", sa.BigInteger())):
        op.add_column("notices", sa.Column(name, kind))
    critical = sa.text("UPDATE notices SET urgent = :yes WHERE body LIKE '%\"severity\":\"critical\"%'")
    op.get_bind().execute(critical.bindparams(sa.bindparam("yes", True, sa.Boolean())))
    for column in ("digest", "receipt"):
        known = sa.text(f"{column} IS NOT NULL")
        op.create_index(f"ix_notices_{column}", "notices", [column], sqlite_where=known, postgresql_where=known)
    for name, columns in _INDEXES.items():
        op.create_index(name, "notices", columns)
    op.create_table(
        "notice_attempts",
        sa.Column("id", _ID, nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_notice_attempts"),
    )
    op.create_index("ix_notice_attempts_channel", "notice_attempts", ["channel", "at_ms"])


def downgrade() -> None:
    """Back to the revision before."""
    op.drop_table("notice_attempts")
    for name in (*_INDEXES, "ix_notices_digest", "ix_notices_receipt"):
        op.drop_index(name, "notices")
    for name in ("delivered_ms", "receipt", "copy_of", "digest", "urgent", "address"):
        op.drop_column("notices", name)
