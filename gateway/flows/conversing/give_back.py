"""How does a form for early help go back to whoever sent it, in an area that asks for the family's agreement first?

Whether it does is a rule of the sharing policy; here are the facts for that rule, and what follows once it has spoken.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from gateway.conversations.feedback import ReferrerClass, referrer_class
from gateway.conversations.returned import Standing, is_early_help_alone, missing_agreement
from gateway.flows.context import Desk
from gateway.flows.conversing.converse import Converser
from gateway.flows.conversing.order import takes
from gateway.flows.ports import UnitOfWork
from gateway.flows.store.rows import Delivery, Message, Organisation, Record
from gateway.model.tree import Group

RETURNED = "D-RETURN"
_FEEDBACK = "mash.feedback.sent"
_FORMS = {"mash.referral": "referrer", "ecaf.request": "requested_by"}
"""Which documents may go back, and what each calls whoever sent it."""
_MAY_BE_TOLD = frozenset({ReferrerClass.PROFESSIONAL, ReferrerClass.SCHOOL})


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A form that has just been kept: whose message it came in, its record, and its canonical document."""

    message: Message
    record: Record
    tree: Group


@dataclass(frozen=True, slots=True, kw_only=True)
class Returner:
    """Gives forms back."""

    desk: Desk
    converser: Converser

    def standing_of(self, uow: UnitOfWork, form: Form, *, unread: Collection[str]) -> Standing | None:
        """Return how *form* stands; None where the area asks for nothing first, or the form has not the agreed shape.

        Shape: `unread` names the code lists in which an answer of it was not found.
        """
        document = form.record.document
        is_asked = self.desk.authority in self.desk.policy.tables.agreement_first and document in _FORMS
        if not is_asked or form.message.reason is not None:
            return None
        sender = uow.directory.organisation(form.message.organisation)
        return Standing(
            is_early_help_alone=is_early_help_alone(document, form.tree),
            missing=missing_agreement(form.tree, unread=unread),
            can_go_back=_can_be_told(sender, form) and self.converser.may_go_back(uow, form.record),
        )

    def give_back(
        self, uow: UnitOfWork, form: Form, ordered: Iterable[Delivery], *, standing: Standing | None, at: datetime
    ) -> None:
        """Tell the sender of *form* what is missing, where a rule has said of what was *ordered* that it goes back."""
        if standing is None or not any(one.reason == RETURNED for one in ordered):
            return
        self.converser.returned(uow, form.message, form.record, standing.missing, at=at)


def _can_be_told(sender: Organisation, form: Form) -> bool:
    """Tell whether feedback reaches *sender*, and says what is missing; else the MASH sees the form as it is."""
    staff = sender.profile.get("staff", {})
    is_served = staff.get("training_valid") is True and staff.get("agreement_signed") is True
    is_reached = takes(sender, _FEEDBACK) and sender.profile.get("secure_channel") is True
    return is_served and is_reached and _class_of(sender, form) in _MAY_BE_TOLD


def _class_of(sender: Organisation, form: Form) -> ReferrerClass:
    block = form.tree.get(_FORMS[form.record.document])
    return referrer_class(sender.type, block if isinstance(block, dict) else None)
