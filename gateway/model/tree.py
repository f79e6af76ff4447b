"""What shape has a document while it is neither bytes nor a dataclass?"""

from decimal import Decimal
from typing import TypeAlias

Tree: TypeAlias = dict[str, "Tree"] | list["Tree"] | str | bool | int | Decimal | None
"""The neutral tree that formats read and write and translation works on: groups, lists and leaves, as JSON has them.

Numbers with a fraction are Decimal, so that no digit is lost. A form post is a group whose every value is a list of
texts in the order they came; XML is described in `gateway.formats.xml`.
"""
Group: TypeAlias = dict[str, Tree]
"""A tree that is known to be a group of named parts."""
