"""What is due to whom, now that a record is kept?"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from gateway.conversations.review import role_for
from gateway.flows.ask import Asked, Asker
from gateway.flows.ports import UnitOfWork
from gateway.flows.routes import Route, Routes
from gateway.flows.rows import Message, Organisation, Record, State
from gateway.flows.sharing import Order, Sharer
from gateway.model.identifiers import OrganisationId
from gateway.model.tree import Group

_WITHIN = timedelta(hours=1)
NO_RECIPIENT = "H-NO-RECIPIENT"


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
            referrer: whom a route to `referrer` means; the message's own organisation, unless said otherwise.
        """
        for route in self.routes.of(record.kind):
            recipients = _recipients(uow, route, referrer or message.organisation)
            if not recipients and not self._tells_its_senders(uow, route, referrer or message.organisation):
                self._ask_for_recipient(uow, record, at)
            for recipient in recipients:
                order = Order(
                    record=record,
                    tree=tree,
                    route=route,
                    recipient=recipient,
                    requester=message.organisation,
                    lane=message.lane if route.lane is None else route.lane,
                )
                self.sharer.order(uow, order, at=at)

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


def _recipients(uow: UnitOfWork, route: Route, referrer: OrganisationId) -> tuple[OrganisationId, ...]:
    """Return who gets what *route* carries: the referrer, or every default partner of its system that takes it."""
    if route.to == "referrer":
        return (referrer,) if _takes(uow.directory.organisation(referrer), route.message) else ()
    return tuple(
        one.organisation
        for one in uow.directory.organisations()
        if one.system == route.to and one.is_enabled and _takes(one, route.message) and _is_default(one)
    )


def _is_default(organisation: Organisation) -> bool:
    """Tell whether it gets what names no addressee: a neighbour's MASH in the directory is not ours."""
    return organisation.profile.get("is_default") is not False


def _takes(organisation: Organisation, kind: str) -> bool:
    return any(endpoint.get("kind") == kind for endpoint in organisation.profile.get("endpoints", ()))
