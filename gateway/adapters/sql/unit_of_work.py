"""What can one transaction touch?"""

from typing import TYPE_CHECKING

from gateway.adapters.sql.attachment_store import SqlAttachments
from gateway.adapters.sql.audit_store import SqlAuditEvents, SqlLog
from gateway.adapters.sql.breaker_store import SqlBreakers
from gateway.adapters.sql.child_store import SqlChildren, SqlEpochs, SqlFacts
from gateway.adapters.sql.conversation_store import SqlConversations, SqlReviews, SqlTimers
from gateway.adapters.sql.delivery_store import SqlDeliveries, SqlDeliveryLists
from gateway.adapters.sql.directory_store import SqlDirectory, SqlUsers
from gateway.adapters.sql.duty_of_people_store import SqlCalls, SqlDuties, SqlProposals
from gateway.adapters.sql.first_release_store import SqlUntraced
from gateway.adapters.sql.label_store import SqlLabels
from gateway.adapters.sql.large_original_store import SqlLargeOriginals
from gateway.adapters.sql.message_store import SqlMessages, SqlOriginals
from gateway.adapters.sql.overview import SqlOverviews
from gateway.adapters.sql.record_store import SqlPermits, SqlRecords
from gateway.adapters.sql.sign_in_store import SqlSignIns
from gateway.adapters.sql.summary_store import SqlSummaries
from gateway.adapters.sql.transaction import Transaction

if TYPE_CHECKING:
    from gateway.flows.store import (
        attachments,
        breaker_repository,
        call_repository,
        delivery_lists,
        duty_repository,
        label_repository,
        large_originals,
        overview,
        proposal_repository,
        repositories,
        sign_ins,
        summaries,
        untraced,
    )


class SqlUnitOfWork:
    """Everything one transaction can touch: made once for a connection, alive only while its transaction is open."""

    def __init__(self, transaction: Transaction) -> None:
        self.transaction = transaction
        self.messages: repositories.Messages = SqlMessages(transaction)
        self.originals: repositories.Originals = SqlOriginals(transaction)
        self.large_originals: large_originals.LargeOriginals = SqlLargeOriginals(transaction)
        self.records: repositories.Records = SqlRecords(transaction)
        self.attachments: attachments.Attachments = SqlAttachments(transaction)
        self.children: repositories.Children = SqlChildren(transaction)
        self.facts: repositories.Facts = SqlFacts(transaction)
        self.epochs: repositories.Epochs = SqlEpochs(transaction)
        self.permits: repositories.Permits = SqlPermits(transaction)
        self.deliveries: repositories.Deliveries = SqlDeliveries(transaction)
        self.delivery_lists: delivery_lists.DeliveryLists = SqlDeliveryLists(transaction)
        self.breakers: breaker_repository.Breakers = SqlBreakers(transaction)
        self.timers: repositories.Timers = SqlTimers(transaction)
        self.conversations: repositories.Conversations = SqlConversations(transaction)
        self.reviews: repositories.Reviews = SqlReviews(transaction)
        self.proposals: proposal_repository.Proposals = SqlProposals(transaction)
        self.duties: duty_repository.Duties = SqlDuties(transaction)
        self.calls: call_repository.Calls = SqlCalls(transaction)
        self._events = SqlAuditEvents(transaction)
        self.audit: repositories.AuditEvents = self._events
        self.directory: repositories.Directory = SqlDirectory(transaction)
        self.users: repositories.Users = SqlUsers(transaction)
        self.sign_ins: sign_ins.SignIns = SqlSignIns(transaction)
        self.labels: label_repository.Labels = SqlLabels(transaction)
        self.overview: overview.Overviews = SqlOverviews(transaction)
        self.summaries: summaries.Summaries = SqlSummaries(transaction)
        self.untraced: untraced.Untraced = SqlUntraced(transaction)
        self.log = SqlLog(transaction)

    def finish(self) -> None:
        """Store what a piece of work leaves for its end."""
        self._events.store_appended()

    def wake(self, routing_key: str, reference: str) -> None:
        """Publish a wake-up once this transaction is durable. Nothing personal: at most 1 KiB of references."""
        self.transaction.wake(routing_key, reference)
