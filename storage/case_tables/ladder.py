"""Ladders, what shops reply, and which notices may still be sent."""

from sqlalchemy import BigInteger, Boolean, Column, Double, ForeignKey, Index, Integer, Table, Text, UniqueConstraint

from domain.ladder import LadderStep
from storage.case_tables.columns import ID, JsonText, metadata

REMINDING = (LadderStep.NOTICE_1.value, LadderStep.NOTICE_2.value)
"""The steps of notices that remind a shop, or whoever is told instead."""
FOUND = tuple(step.value for step in LadderStep if step.is_find)
"""The steps of ladders that count."""

ladders = Table(
    "ladders",
    metadata,
    Column("id", ID, primary_key=True),
    Column("alarm_id", ID, ForeignKey("alarms.id"), nullable=False),
    Column("subject", Text, nullable=False),
    Column("matter", Text, nullable=False),
    Column("camera_id", Text, nullable=False),
    Column("shop_id", Text),
    Column("step", Text, nullable=False),
    Column("started_ms", BigInteger, nullable=False),
    Column("recheck_ms", BigInteger, nullable=False),
    Column("asked_ms", BigInteger),
    Column("ended_ms", BigInteger),
    Column("confirmed_by", Text),
    Column("confirmed_ms", BigInteger),
    Column("permit", Text),
    Column("contested_ms", BigInteger),
    Column("context", JsonText),
    Column("onset", JsonText),
    Column("confirmed", JsonText),
    Column("cleared", JsonText),
    UniqueConstraint("alarm_id"),
)
_open_ladder = ladders.c.ended_ms.is_(None)
Index("ix_ladders_due", ladders.c.recheck_ms, sqlite_where=_open_ladder, postgresql_where=_open_ladder)
Index("ix_ladders_open", ladders.c.id, sqlite_where=_open_ladder, postgresql_where=_open_ladder)
Index("ix_ladders_ground", ladders.c.id, ladders.c.camera_id, ladders.c.shop_id, ladders.c.matter, ladders.c.ended_ms)
Index("ix_ladders_shop", ladders.c.shop_id, ladders.c.camera_id, ladders.c.matter, ladders.c.ended_ms)
Index("ix_ladders_episodes", ladders.c.matter, ladders.c.started_ms)

shop_replies = Table(
    "shop_replies",
    metadata,
    Column("id", ID, primary_key=True),
    Column("ladder_id", ID, ForeignKey("ladders.id"), nullable=False, index=True),
    Column("shop_id", Text),
    Column("matter", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("given_ms", BigInteger, nullable=False),
    Column("words", Text, nullable=False),
    Column("picture", Text),
    Column("decided_ms", BigInteger),
    Column("decided_by", Text),
    Column("upheld", Boolean),
    Column("why", Text),
)
_contest = shop_replies.c.kind == "contest"
Index("ix_shop_replies_contests", shop_replies.c.id, sqlite_where=_contest, postgresql_where=_contest)
_undecided = (shop_replies.c.kind == "contest") & shop_replies.c.decided_ms.is_(None)
Index("ix_shop_replies_undecided", shop_replies.c.given_ms, sqlite_where=_undecided, postgresql_where=_undecided)

notice_rights = Table(
    "notice_rights",
    metadata,
    Column("matter", Text, primary_key=True),
    Column("lost_ms", BigInteger),
    Column("precision", Double),
    Column("n", Integer, nullable=False),
    Column("restored_ms", BigInteger),
    Column("restored_by", Text),
    Column("why", Text),
)
