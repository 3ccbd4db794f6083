"""Cases, and the log of all that was done."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, Table, Text

from storage.case_tables.columns import ID, JsonText, metadata

cases = Table(
    "cases",
    metadata,
    Column("id", Text, primary_key=True),
    Column("alarm_id", ID, ForeignKey("alarms.id"), nullable=False),
    Column("ladder_id", ID, ForeignKey("ladders.id"), index=True),
    Column("matter", Text, nullable=False),
    Column("title_zh", Text, nullable=False),
    Column("title_en", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("device_id", Text, nullable=False),
    Column("shop_id", Text),
    Column("severity", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("opened_ms", BigInteger, nullable=False),
    Column("due_ms", BigInteger, nullable=False),
    Column("closed_ms", BigInteger),
    Column("closed_reason", Text),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("state_ms", BigInteger, nullable=False, server_default="0"),
    Column("tier", Text),
    Column("time_limit", Text),
    Column("sub_district", Text),
    Column("grid", Text),
    Column("handler", Text),
    Column("overdue_ms", BigInteger),
    Column("deferred_until_ms", BigInteger),
    Column("reworks", Integer, nullable=False, server_default="0"),
    Column("reopened", Integer, nullable=False, server_default="0"),
    Column("duplicate_of", Text),
    Column("rating", Integer),
    Column("rated_by", Text),
    Column("context", JsonText),
    Column("onset", JsonText),
    Column("confirmed", JsonText),
    Column("cleared", JsonText),
)
_open_case = cases.c.closed_ms.is_(None)
Index("ix_cases_open", cases.c.device_id, cases.c.matter, sqlite_where=_open_case, postgresql_where=_open_case)
Index("ix_cases_opened", cases.c.opened_ms)
Index("ix_cases_device", cases.c.device_id, cases.c.opened_ms)
_closed_case = cases.c.closed_ms.is_not(None)
Index("ix_cases_closed", cases.c.closed_ms, sqlite_where=_closed_case, postgresql_where=_closed_case)
_merged_case = cases.c.duplicate_of.is_not(None)
Index("ix_cases_merged", cases.c.device_id, cases.c.matter, sqlite_where=_merged_case, postgresql_where=_merged_case)
Index("ix_cases_duplicate_of", cases.c.duplicate_of, sqlite_where=_merged_case, postgresql_where=_merged_case)
_becomes_overdue = _open_case & cases.c.overdue_ms.is_(None)
Index("ix_cases_due", cases.c.due_ms, sqlite_where=_becomes_overdue, postgresql_where=_becomes_overdue)
_OF_A_CASE = [
    cases.c[name]
    for name in (
        *("id", "closed_ms", "state", "unit", "matter", "severity", "sub_district", "overdue_ms", "device_id"),
        *("shop_id", "handler", "title_zh", "title_en"),
    )
]
"""All that a choice of cases asks for: `case_pages` reads no whole row that it does not show."""
Index("ix_cases_chosen", cases.c.opened_ms, cases.c.due_ms, *_OF_A_CASE)
Index(
    "ix_cases_chosen_open",
    cases.c.due_ms,
    cases.c.opened_ms,
    *_OF_A_CASE,
    sqlite_where=_open_case,
    postgresql_where=_open_case,
)
Index("ix_cases_place", cases.c.sub_district, cases.c.device_id, cases.c.shop_id)
Index("ix_cases_chosen_closed", cases.c.due_ms, cases.c.id, sqlite_where=_closed_case, postgresql_where=_closed_case)
Index(
    "ix_cases_worst_closed",
    cases.c.severity,
    cases.c.due_ms,
    cases.c.id,
    sqlite_where=_closed_case,
    postgresql_where=_closed_case,
)

log = Table(
    "log",
    metadata,
    Column("id", ID, primary_key=True),
    Column("at_ms", BigInteger, nullable=False),
    Column("who", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("facts", JsonText, nullable=False),
    Column("alarm_id", ID, ForeignKey("alarms.id"), index=True),
    Column("ladder_id", ID, ForeignKey("ladders.id"), index=True),
    Column("case_id", Text, ForeignKey("cases.id"), index=True),
)
