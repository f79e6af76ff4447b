"""Documents ready to leave, made without a permit: for tests of what carries them."""

from gateway.consent.content_filter import Withheld
from gateway.model.category import Category, Tells
from gateway.translation import partner_document
from gateway.translation.partner_document import PartnerDocument

ADDRESS = Withheld(reason="R-ADDR", categories=(Category.ADDR, Category.CONTACT), locating=True)
POLICE = Withheld(reason="R-POLICE", categories=(Category.POLICE,), telling=(Tells.INFORMANT,))
STAFF = Withheld(reason="R-STAFF", categories=(), telling=(Tells.STAFF,))


def a_document(form: str, recipient: str, *withheld: Withheld) -> PartnerDocument:
    """Return one for *recipient* that goes without *withheld*."""
    document: PartnerDocument = object.__new__(PartnerDocument)
    partner_document._MADE[document] = partner_document._Content(
        format=form,
        recipient=recipient,
        tree={"child": "Testina Exampleton"},
        losses=(),
        withheld=withheld,
        permit_reason="P-S47",
        is_test=False,
    )
    return document
