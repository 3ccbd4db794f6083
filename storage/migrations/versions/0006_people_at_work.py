"""Cases in fine states, what shops say, who may be told without a person, and what the city's platform is told."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: None = None
depends_on: None = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_STATES = {
    "collected": "pending_check",
    "filed": "pending_dispatch",
    "dispatched": "pending_handle",
    "handling": "handling",
    "reported": "pending_verify",
    "verified": "verified",
    "closed": "closed",
    "rated": "rated",
}
_OF_LADDERS: dict[str, Any] = {"confirmed_by": sa.Text(), "confirmed_ms": sa.BigInteger(), "permit": sa.Text(), "contested_ms": sa.BigInteger()}
_OF_CASES: dict[str, Any] = {
    "tier": sa.Text(),
    "time_limit": sa.Text(),
    "sub_district": sa.Text(),
    "grid": sa.Text(),
    "handler": sa.Text(),
    "overdue_ms": sa.BigInteger(),
    "deferred_until_ms": sa.BigInteger(),
    "duplicate_of": sa.Text(),
    "rating": sa.Integer(),
    "rated_by": sa.Text(),
}
_COUNTED: dict[str, Any] = {"version": sa.Integer(), "state_ms": sa.BigInteger(), "reworks": sa.Integer(), "reopened": sa.Integer()}


def upgrade() -> None:
    """To this revision. A case is in the state that its step says; it came to it, as far as is known, when opened."""
    for name, kind in _OF_LADDERS.items():
        op.add_column("ladders", sa.Column(name, kind))
    for name, kind in _OF_CASES.items():
        op.add_column("cases", sa.Column(name, kind))
    for name, kind in _COUNTED.items():
        first = "1" if name == "version" else "0"
        op.add_column("cases", sa.Column(name, kind, nullable=False, server_default=first))
    op.execute("ALTER TABLE cases RENAME COLUMN step TO state")
    _rename(_STATES)
    op.execute("UPDATE cases SET state_ms = opened_ms")
    due = sa.text("closed_ms IS NULL AND overdue_ms IS NULL")
    op.create_index("ix_cases_due", "cases", ["due_ms"], sqlite_where=due, postgresql_where=due)
    _shops_and_rights()
    _platform()


def _rename(names: dict[str, str]) -> None:
    for before, after in names.items():
        change = sa.text("UPDATE cases SET state = :after WHERE state = :before")
        op.get_bind().execute(change, {"before": before, "after": after})


def _shops_and_rights() -> None:
    op.create_table(
        "shop_replies",
        sa.Column("id", _ID, nullable=False),
        sa.Column("ladder_id", _ID, nullable=False),
        sa.Column("shop_id", sa.Text()),
        sa.Column("matter", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("given_ms", sa.BigInteger(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("picture", sa.Text()),
        sa.Column("decided_ms", sa.BigInteger()),
        sa.Column("decided_by", sa.Text()),
        sa.Column("upheld", sa.Boolean()),
        sa.Column("why", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_shop_replies"),
        sa.ForeignKeyConstraint(["ladder_id"], ["ladders.id"], name="fk_shop_replies_ladder_id_ladders"),
    )
    op.create_index("ix_shop_replies_ladder_id", "shop_replies", ["ladder_id"])
    undecided = sa.text("kind = 'contest' AND decided_ms IS NULL")
    op.create_index(
        "ix_shop_replies_undecided", "shop_replies", ["given_ms"], sqlite_where=undecided, postgresql_where=undecided
    )
    op.create_table(
        "notice_rights",
        sa.Column("matter", sa.Text(), nullable=False),
        sa.Column("lost_ms", sa.BigInteger()),
        sa.Column("precision", sa.Double()),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("restored_ms", sa.BigInteger()),
        sa.Column("restored_by", sa.Text()),
        sa.Column("why", sa.Text()),
        sa.PrimaryKeyConstraint("matter", name="pk_notice_rights"),
    )


def _platform() -> None:
    op.create_table(
        "platform_events",
        sa.Column("id", _ID, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("not_before_ms", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.Text()),
        sa.Column("sent_ms", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id", name="pk_platform_events"),
        sa.UniqueConstraint("key", name="uq_platform_events_key"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_platform_events_case_id_cases"),
    )
    op.create_index("ix_platform_events_case", "platform_events", ["case_id", "id"])
    waits = sa.text("state = 'pending'")
    op.create_index(
        "ix_platform_events_waiting", "platform_events", ["not_before_ms"], sqlite_where=waits, postgresql_where=waits
    )


def downgrade() -> None:
    """Back to the revision before. Finer states become the steps they belong to."""
    op.drop_table("platform_events")
    op.drop_table("notice_rights")
    op.drop_table("shop_replies")
    op.drop_index("ix_cases_due", "cases")
    finer = {"returned": "dispatched", "deferred": "handling", "not_accepted": "closed", "force_closed": "closed"}
    _rename({after: before for before, after in _STATES.items()} | finer)
    op.execute("ALTER TABLE cases RENAME COLUMN state TO step")
    for name in (*_OF_CASES, *_COUNTED):
        op.drop_column("cases", name)
    # What waits for a person, or is allowed, was never on a ladder before: it is over.
    op.execute("UPDATE ladders SET ended_ms = started_ms WHERE step IN ('confirm', 'permitted') AND ended_ms IS NULL")
    over = "('confirm', 'permitted', 'rejected', 'gone')"
    op.execute(f"UPDATE ladders SET step = 'notice_1' WHERE step IN {over}")
    for name in _OF_LADDERS:
        op.drop_column("ladders", name)
