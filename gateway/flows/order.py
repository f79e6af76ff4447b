"""What is due to whom, now that a record is kept?"""

from dataclasses import dataclass
from datetime import datetime

from gateway.flows.ports import UnitOfWork
from gateway.flows.routes import Routes
from gateway.flows.rows import Message, Record
from gateway.flows.sharing import Order, Sharer
from gateway.model.identifiers import OrganisationId
from gateway.model.tree import Group


@dataclass(frozen=True, slots=True, kw_only=True)
class Orderer:
    """Follows the routes of a record."""

    routes: Routes
    sharer: Sharer

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
            for recipient in _recipients(uow, route.to, referrer or message.organisation):
                order = Order(
                    record=record,
                    tree=tree,
                    route=route,
                    recipient=recipient,
                    requester=message.organisation,
                    lane=message.lane if route.lane is None else route.lane,
                )
                self.sharer.order(uow, order, at=at)


def _recipients(uow: UnitOfWork, to: str, referrer: OrganisationId) -> tuple[OrganisationId, ...]:
    if to == "referrer":
        return (referrer,)
    return tuple(
        one.organisation
        for one in uow.directory.organisations()
        if one.system == to and one.is_enabled and one.profile.get("receives", True)
    )
