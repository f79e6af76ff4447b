"""How is a table of ours declared, so that it is the same on both engines? The pieces `tables.py` is made of."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.sql.schema import SchemaItem

metadata = MetaData()


_TEXT = Text().with_variant(Text(collation="C"), "postgresql")
"""Sorted by code point on both engines."""


def index(name: str, *columns: str, unique: bool = False, where: str | None = None) -> Index:
    """Return an index over *columns*, of the rows of which *where* is true."""
    condition = None if where is None else text(where)
    return Index(name, "authority", *columns, unique=unique, sqlite_where=condition, postgresql_where=condition)


def table(name: str, *items: SchemaItem, key: tuple[str, ...]) -> Table:
    """Return a table whose rows are found by their authority and *key*."""
    return Table(name, metadata, _authority(), *items, PrimaryKeyConstraint("authority", *key))


def small(name: str, *items: SchemaItem, key: tuple[str, ...]) -> Table:
    """Return a table whose short rows lie in the index of their key itself."""
    primary = PrimaryKeyConstraint("authority", *key)
    return Table(name, metadata, _authority(), *items, primary, sqlite_with_rowid=False)


def counted(name: str, *items: SchemaItem) -> Table:
    """Return a table whose rows are counted as they are stored, without ever using a number again."""
    position = Column("position", BigInteger().with_variant(Integer, "sqlite"), Identity(always=True), primary_key=True)
    return Table(name, metadata, position, _authority(), *items, sqlite_autoincrement=True)


def _authority() -> Column[str]:
    return Column("authority", _TEXT, nullable=False)


def words(name: str, *, may_miss: bool = False) -> Column[str]:
    """Return a text that sorts by code point."""
    return Column(name, _TEXT, nullable=may_miss)


def number(name: str, *, may_miss: bool = False) -> Column[int]:
    """Return a whole number; times too are kept as one."""
    return Column(name, BigInteger, nullable=may_miss)


def count(name: str) -> Column[int]:
    """Return a number that rows older than it begin at 0."""
    return Column(name, BigInteger, nullable=False, server_default="0")


def sealed(name: str, *, may_miss: bool = False) -> Column[bytes]:
    """Return bytes."""
    return Column(name, LargeBinary, nullable=may_miss)


def truth(name: str) -> Column[bool]:
    """Return a truth value."""
    kind = Boolean(create_constraint=False).with_variant(SmallInteger, "postgresql")
    return Column(name, kind, nullable=False)


def refers(table: str, *columns: str) -> ForeignKeyConstraint:
    """Return the rule that *columns* name a row of *table*, of the same authority."""
    keys = ("authority", *columns)
    return ForeignKeyConstraint(keys, [f"{table}.{column}" for column in keys])


def unique(*columns: str) -> UniqueConstraint:
    """Return the promise that these columns, within an authority, are a row's own."""
    return UniqueConstraint("authority", *columns)
