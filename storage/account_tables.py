"""The tables of accounts, beside those of cases. What is secret is kept as a hash."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Table, Text, UniqueConstraint

from storage.case_tables import ID, JsonText, metadata

accounts = Table(
    "accounts",
    metadata,
    Column("id", ID, primary_key=True),
    Column("name", Text, nullable=False),
    Column("display_name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("sub_districts", JsonText, nullable=False),
    Column("password_hash", Text),
    Column("subject", Text),
    Column("language", Text),
    Column("created_ms", BigInteger, nullable=False),
    Column("last_login_ms", BigInteger),
    Column("last_address", Text),
    Column("disabled_ms", BigInteger),
    UniqueConstraint("name"),
    UniqueConstraint("subject"),
)
api_tokens = Table(
    "api_tokens",
    metadata,
    Column("id", ID, primary_key=True),
    Column("account_id", ID, ForeignKey("accounts.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Column("scopes", JsonText, nullable=False),
    Column("sub_districts", JsonText, nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Column("expires_ms", BigInteger),
    Column("used_ms", BigInteger),
    Column("revoked_ms", BigInteger),
    UniqueConstraint("hash"),
    Index(None, "account_id"),
)
sessions = Table(
    "sessions",
    metadata,
    Column("hash", Text, primary_key=True),
    Column("account_id", ID, ForeignKey("accounts.id"), nullable=False),
    Column("csrf", Text, nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Column("seen_ms", BigInteger, nullable=False),
    Column("expires_ms", BigInteger, nullable=False),
    Column("address", Text, nullable=False),
    Index(None, "account_id"),
    Index(None, "expires_ms"),
)
invitations = Table(
    "invitations",
    metadata,
    Column("hash", Text, primary_key=True),
    Column("account_id", ID, ForeignKey("accounts.id"), nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Column("expires_ms", BigInteger, nullable=False),
    Column("used_ms", BigInteger),
    Index(None, "account_id"),
)
audit = Table(
    "audit",
    metadata,
    Column("id", ID, primary_key=True),
    Column("at_ms", BigInteger, nullable=False),
    Column("who", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("about", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("changes", JsonText, nullable=False, server_default="[]"),
    Index(None, "who", "id"),
)
