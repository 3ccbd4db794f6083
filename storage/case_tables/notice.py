"""Notices and the attempts to send them."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint, false

from storage.case_tables.columns import ID, JsonText, metadata

MACHINES = "command"
"""The channel of notices to machines; all others are to people."""

notices = Table(
    "notices",
    metadata,
    Column("id", ID, primary_key=True),
    Column("key", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("step", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("body", JsonText, nullable=False),
    Column("state", Text, nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Column("not_before_ms", BigInteger, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("last_error", Text),
    Column("sent_ms", BigInteger),
    Column("alarm_id", ID, ForeignKey("alarms.id")),
    Column("ladder_id", ID, ForeignKey("ladders.id"), index=True),
    Column("case_id", Text, ForeignKey("cases.id"), index=True),
    Column("address", Text, nullable=False, server_default=""),
    Column("urgent", Boolean, nullable=False, server_default=false()),
    Column("digest", Text),
    Column("copy_of", ID),
    Column("receipt", Text),
    Column("delivered_ms", BigInteger),
    UniqueConstraint("key"),
)
Index("ix_notices_due", notices.c.state, notices.c.channel, notices.c.not_before_ms)
_in_digest = notices.c.digest.is_not(None)
Index("ix_notices_digest", notices.c.digest, sqlite_where=_in_digest, postgresql_where=_in_digest)
_has_receipt = notices.c.receipt.is_not(None)
Index("ix_notices_receipt", notices.c.receipt, sqlite_where=_has_receipt, postgresql_where=_has_receipt)
Index("ix_notices_alarm", notices.c.alarm_id)
Index("ix_notices_last", notices.c.channel, notices.c.address, notices.c.sent_ms)

notice_attempts = Table(
    "notice_attempts",
    metadata,
    Column("id", ID, primary_key=True),
    Column("channel", Text, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
)
Index("ix_notice_attempts_channel", notice_attempts.c.channel, notice_attempts.c.at_ms)
