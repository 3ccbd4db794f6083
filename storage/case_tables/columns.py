"""What the tables are made of. The same on SQLite and PostgreSQL: times are epoch milliseconds, JSON is text."""

import msgspec
from sqlalchemy import BigInteger, Dialect, Integer, MetaData, Text
from sqlalchemy.types import TypeDecorator

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
    }
)
# SQLite numbers rows by itself only in a column it calls INTEGER; that one holds 64 bits as well.
ID = BigInteger().with_variant(Integer, "sqlite")


class JsonText(TypeDecorator[object]):
    """A JSON document in a text column; None is NULL."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: object, dialect: Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy's signature
        """To the database."""
        return None if value is None else msgspec.json.encode(value).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> object:  # noqa: ARG002 - SQLAlchemy's signature
        """From the database, as plain dicts and lists."""
        return None if value is None else msgspec.json.decode(value)
