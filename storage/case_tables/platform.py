"""What the city's platform is told of cases."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint

from storage.case_tables.columns import ID, JsonText, metadata

platform_events = Table(
    "platform_events",
    metadata,
    Column("id", ID, primary_key=True),
    Column("key", Text, nullable=False),
    Column("case_id", Text, ForeignKey("cases.id"), nullable=False),
    Column("what", Text, nullable=False),
    Column("body", JsonText, nullable=False),
    Column("state", Text, nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Column("not_before_ms", BigInteger, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("last_error", Text),
    Column("sent_ms", BigInteger),
    UniqueConstraint("key"),
)
Index("ix_platform_events_case", platform_events.c.case_id, platform_events.c.id)
_event_waits = platform_events.c.state == "pending"
Index(
    "ix_platform_events_waiting",
    platform_events.c.not_before_ms,
    sqlite_where=_event_waits,
    postgresql_where=_event_waits,
)
_event_is_dead, _event_is_sent = platform_events.c.state == "dead", platform_events.c.state == "sent"
Index("ix_platform_events_dead", platform_events.c.id, sqlite_where=_event_is_dead, postgresql_where=_event_is_dead)
Index(
    "ix_platform_events_sent", platform_events.c.sent_ms, sqlite_where=_event_is_sent, postgresql_where=_event_is_sent
)
