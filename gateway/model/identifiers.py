"""What does each kind of reference look like, and when is a public identifier well made?"""

import re
from dataclasses import dataclass
from operator import mul
from typing import NewType

Authority = NewType("Authority", str)
"""The local authority whose records these are: its GSS code, such as `E09000003`."""
OrganisationId = NewType("OrganisationId", str)
MessageId = NewType("MessageId", str)
RecordId = NewType("RecordId", str)
ChildRef = NewType("ChildRef", str)
"""Our opaque name for one child; it says nothing about the child and leaves the gateway never."""
PermitId = NewType("PermitId", str)
DeliveryId = NewType("DeliveryId", str)
ReviewId = NewType("ReviewId", str)
ConversationId = NewType("ConversationId", str)
EventId = NewType("EventId", str)
UserId = NewType("UserId", str)

_UPN_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"
_UPN_WEIGHTS = range(2, 14)
_UPN_SHAPE = re.compile(r"[A-Z]\d{11}[0-9A-Z]")
_NHS_LENGTH = 10
_NHS_WEIGHTS = range(10, 1, -1)
_NHS_MODULUS = 11
_POSTCODE = re.compile(r"([A-Z]{1,2}\d[A-Z\d]?)\s*(\d[A-Z]{2})")


@dataclass(frozen=True, slots=True)
class Upn:
    """A unique pupil number as a school wrote it, upper-cased.

    Most real files hold numbers whose check letter is wrong, so a wrong one is kept, never rejected; it is only no
    longer a key to find a child by.

    Source: DfE guide to unique pupil numbers; check letter recomputed over public test values.
    """

    value: str

    @property
    def is_sound(self) -> bool:
        """Tell whether shape and check letter are right, so that it may be used to find a child."""
        if not _UPN_SHAPE.fullmatch(self.value):
            return False
        last = self.value[12]
        if last.isalpha() and last not in _UPN_LETTERS:
            return False
        digits = (*map(int, self.value[1:12]), int(last) if last.isdigit() else _UPN_LETTERS.index(last))
        total: int = sum(map(mul, digits, _UPN_WEIGHTS))
        return _UPN_LETTERS[total % 23] == self.value[0]


@dataclass(frozen=True, slots=True)
class NhsNumber:
    """A ten-digit NHS number without blanks.

    Source: NHS Data Dictionary, modulus 11 over the first nine digits with weights ten to two.
    """

    value: str

    @property
    def is_sound(self) -> bool:
        """Tell whether it has ten digits, not all alike, and the right check digit."""
        digits = self.value
        if len(digits) != _NHS_LENGTH or not digits.isascii() or not digits.isdigit() or len(set(digits)) == 1:
            return False
        total: int = sum(map(mul, map(int, digits[:9]), _NHS_WEIGHTS))
        check = (_NHS_MODULUS - total % _NHS_MODULUS) % _NHS_MODULUS
        return check == int(digits[9])


def normal_postcode(text: str) -> str | None:
    """Return *text* as an upper-case postcode with one blank before its last three characters, or None."""
    found = _POSTCODE.fullmatch(text.strip().upper())
    return f"{found[1]} {found[2]}" if found else None
