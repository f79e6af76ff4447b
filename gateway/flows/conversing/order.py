"""What is due to whom, now that a record is kept?"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from gateway.conversations.returned import Standing
from gateway.conversations.review import role_for
from gateway.flows.deciding.sharing import Order, Sharer
from gateway.flows.people.ask import Asked, Asker
from gateway.flows.ports import UnitOfWork
from gateway.flows.routes import Route, Routes
from gateway.flows.store.rows import Delivery, Message, Organisation, Record, State
from gateway.model.identifiers import OrganisationId
from gateway.model.tree import Group

_WITHIN = timedelta(hours=1)
NO_RECIPIENT = "H-NO-RECIPIENT"
_ONE = frozenset({"referrer", "holder"})
"""What a route calls one organisation that what it carries is for, whatever its system."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Orderer:
    """Follows the routes of a record."""

    routes: Routes
    sharer: Sharer
    asker: Asker

    def order_all(
        self,
        uow: UnitOfWork,
        message: Message,
        record: Record,
        tree: Group,
        *,
        at: datetime,
        referrer: OrganisationId | None = None,
    ) -> None:
        """Decide and order *record* along every route of its kind.

        Args:
            uow: the transaction that keeps the record.
            message: whose record it is; its organisation is the requester.
            record: what is to go.
            tree: its canonical document.
            at: now.
            referrer: whom a route to `referrer`, or to the `holder` of documents of ours, means; the message's own
                organisation, unless said otherwise.
        """
        due = _Due(message=message, record=record, tree=tree, referrer=referrer or message.organisation, standing=None)
        self._follow(uow, due, at)

    def order_form(
        self, uow: UnitOfWork, message: Message, record: Record, tree: Group, *, at: datetime, standing: Standing | None
    ) -> tuple[Delivery, ...]:
        """Decide and order *record* as `order_all` does, and return what was ordered or refused.

        It has come in just now, so that it may go back by its *standing*; nothing that is ordered again ever does.
        """
        sender = message.organisation
        return self._follow(
            uow, _Due(message=message, record=record, tree=tree, referrer=sender, standing=standing), at
        )

    def _follow(self, uow: UnitOfWork, due: "_Due", at: datetime) -> tuple[Delivery, ...]:
        return tuple(
            self.sharer.order(uow, _order(due, route, recipient), at=at)
            for route in self.routes.of(due.record.kind)
            for recipient in self._whom(uow, due, route, at)
        )

    def _whom(self, uow: UnitOfWork, due: "_Due", route: Route, at: datetime) -> tuple[OrganisationId, ...]:
        """Return who gets what *route* carries; a person is asked where it has nowhere to go."""
        recipients = _recipients(uow, route, due.referrer)
        if not recipients and not self._tells_its_senders(uow, route, due.referrer):
            self._ask_for_recipient(uow, due.record, at)
        return recipients

    def _tells_its_senders(self, uow: UnitOfWork, route: Route, referrer: OrganisationId) -> bool:
        """Tell whether feedback may end here: a public form has no endpoint, because it answers its writers itself."""
        return route.to == "referrer" and uow.directory.organisation(referrer).profile.get("referrer_class") == "public"

    def _ask_for_recipient(self, uow: UnitOfWork, record: Record, at: datetime) -> None:
        """A document that is due and has nowhere to go is a person's business at once: nobody else would ever know."""
        asked = Asked(
            kind="undelivered",
            reason=NO_RECIPIENT,
            role=role_for(NO_RECIPIENT),
            subject_id=record.record_id,
            due_at=at + _WITHIN,
            message_id=record.message_id,
            children=record.subjects,
        )
        self.asker.ask(uow, asked)
        kept = uow.records.get(record.record_id)
        uow.records.save(replace(kept, state=State.IN_REVIEW, reason=asked.reason))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Due:
    """A record whose routes are followed; `referrer` is whom a route to `referrer` means."""

    message: Message
    record: Record
    tree: Group
    referrer: OrganisationId
    standing: Standing | None


def _order(due: _Due, route: Route, recipient: OrganisationId) -> Order:
    return Order(
        record=due.record,
        tree=due.tree,
        route=route,
        recipient=recipient,
        requester=due.message.organisation,
        lane=due.message.lane if route.lane is None else route.lane,
        standing=due.standing,
    )


def _recipients(uow: UnitOfWork, route: Route, referrer: OrganisationId) -> tuple[OrganisationId, ...]:
    """Return who gets what *route* carries: the one it means, or every default partner of its system that takes it."""
    if route.to in _ONE:
        return (referrer,) if takes(uow.directory.organisation(referrer), route.message) else ()
    return tuple(
        one.organisation
        for one in uow.directory.organisations()
        if one.system == route.to and one.is_enabled and takes(one, route.message) and _is_default(one)
    )


def _is_default(organisation: Organisation) -> bool:
    """Tell whether it gets what names no addressee: a neighbour's MASH in the directory is not ours."""
    return organisation.profile.get("is_default") is not False


def takes(organisation: Organisation, kind: str) -> bool:
    """Tell whether *organisation* has somewhere to send messages of this *kind*."""
    return any(endpoint.get("kind") == kind for endpoint in organisation.profile.get("endpoints", ()))
