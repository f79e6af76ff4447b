"""What may be handed to a partner, in the partner's shape?

A partner document stands on a clearance, so everything in it has been decided on and cut. Only `translate_out` makes
one, and an adapter's `send` accepts nothing else. The object is an empty shell: what it stands for is kept here under
its identity, so that a copied, unpickled or invented one stands for nothing.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Never, NoReturn, Self, final
from weakref import WeakKeyDictionary

from gateway.consent.clearance import Clearance, require_clearance
from gateway.consent.content_filter import Withheld
from gateway.errors import IntegrityError
from gateway.model.tree import Group
from gateway.translation.losses import Loss


@dataclass(frozen=True, slots=True, kw_only=True)
class OutEnvelope:
    """What our own formats wrap a document in.

    Shape: `message` is the kind of message, such as `mash.referral.submitted`; `message_id` is the delivery's, the same
    at every retry; `sender` is the organisation the gateway speaks as.

    Units: `sent_at` is UTC.
    """

    message: str
    message_id: str
    correlation_id: str
    sent_at: datetime
    sender: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Content:
    """What a partner document stands for."""

    format: str
    recipient: str
    tree: Group
    losses: tuple[Loss, ...]
    withheld: tuple[Withheld, ...]
    permit_reason: str
    is_test: bool


@final
class PartnerDocument:
    """A document in its partner's shape, cut, cleared and named for one recipient."""

    __slots__ = ("__weakref__",)

    def __new__(cls, _nobody_has_one: Never, /) -> Self:
        """Refuse: there is no public constructor."""
        raise _refusal("made by a call")

    def __init_subclass__(cls) -> NoReturn:
        raise _refusal("subclassed")

    @property
    def format(self) -> str:
        """Return the format it is in."""
        return _content_of(self).format

    @property
    def recipient(self) -> str:
        """Return the organisation it was cleared for."""
        return _content_of(self).recipient

    @property
    def tree(self) -> Group:
        """Return the document itself, ready to be written."""
        return _content_of(self).tree

    @property
    def losses(self) -> tuple[Loss, ...]:
        """Return what the format could not carry, and why."""
        return _content_of(self).losses

    @property
    def withheld(self) -> tuple[Withheld, ...]:
        """Return what kinds of information it goes without, and why."""
        return _content_of(self).withheld

    @property
    def withheld_line(self) -> str:
        """Return that in one line, for beside a format that has no place for it; empty when it goes without nothing."""
        return "; ".join(str(one) for one in self.withheld)

    @property
    def permit_reason(self) -> str:
        """Return the reason code of the permit it goes under."""
        return _content_of(self).permit_reason

    @property
    def is_test(self) -> bool:
        """Tell whether it was made under a test permit: NOT FOR RELEASE."""
        return _content_of(self).is_test

    def require_cleared_for(self, organisation: str) -> None:
        """Return if this may be sent to *organisation*; every outlet asks, last of all.

        Raises:
            IntegrityError: it was cleared for somebody else, or made under a test permit.
        """
        content = _content_of(self)
        if content.recipient != organisation:
            raise IntegrityError(
                "a document was about to go to somebody it was not cleared for",
                expected=content.recipient,
                found=organisation,
            )
        if content.is_test:
            raise IntegrityError("a document made under a test permit was about to be sent", expected="a permit")

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise _refusal("changed")

    def __delattr__(self, name: str) -> NoReturn:
        raise _refusal("changed")

    def __copy__(self) -> NoReturn:
        raise _refusal("copied")

    def __deepcopy__(self, memo: object) -> NoReturn:
        raise _refusal("copied")

    def __replace__(self, **changes: object) -> NoReturn:
        raise _refusal("replaced")

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise _refusal("pickled")

    def __setstate__(self, state: object) -> NoReturn:
        raise _refusal("unpickled")


_MADE: WeakKeyDictionary[PartnerDocument, _Content] = WeakKeyDictionary()


def seal_off(clearance: Clearance, *, format_name: str, tree: Group, losses: tuple[Loss, ...]) -> PartnerDocument:
    """Return *tree*, made from what *clearance* holds, as a document for the clearance's recipient.

    Only `translate_out` calls this; an architecture test watches.

    Raises:
        IntegrityError: that is no clearance.
    """
    cleared = require_clearance(clearance)
    document: PartnerDocument = object.__new__(PartnerDocument)
    _MADE[document] = _Content(
        format=format_name,
        recipient=cleared.recipient,
        tree=tree,
        losses=losses,
        withheld=cleared.withheld,
        permit_reason=cleared.grounds.reason,
        is_test=cleared.is_test,
    )
    return document


def _content_of(document: PartnerDocument) -> _Content:
    try:
        return _MADE[document]
    except (KeyError, TypeError):
        raise _refusal("used though nothing stands behind it") from None


def _refusal(how: str) -> IntegrityError:
    return IntegrityError(f"a partner document comes only from translate_out; one was {how}")
