"""What can one transaction touch?"""

from typing import TYPE_CHECKING

from gateway.adapters.sql.audit_store import SqlAuditEvents, SqlLog
from gateway.adapters.sql.child_store import SqlChildren, SqlEpochs, SqlFacts
from gateway.adapters.sql.conversation_store import SqlConversations, SqlReviews, SqlTimers
from gateway.adapters.sql.delivery_store import SqlDeliveries, SqlDeliveryLists
from gateway.adapters.sql.directory_store import SqlDirectory, SqlUsers
from gateway.adapters.sql.label_store import SqlLabels
from gateway.adapters.sql.message_store import SqlMessages, SqlOriginals
from gateway.adapters.sql.record_store import SqlPermits, SqlRecords
from gateway.adapters.sql.transaction import Transaction

if TYPE_CHECKING:
    from gateway.flows import ports


class SqliteUnitOfWork:
    """Everything one transaction can touch: made once for a connection, alive only while its transaction is open."""

    def __init__(self, transaction: Transaction) -> None:
        self.transaction = transaction
        self.messages: ports.Messages = SqlMessages(transaction)
        self.originals: ports.Originals = SqlOriginals(transaction)
        self.records: ports.Records = SqlRecords(transaction)
        self.children: ports.Children = SqlChildren(transaction)
        self.facts: ports.Facts = SqlFacts(transaction)
        self.epochs: ports.Epochs = SqlEpochs(transaction)
        self.permits: ports.Permits = SqlPermits(transaction)
        self.deliveries: ports.Deliveries = SqlDeliveries(transaction)
        self.delivery_lists: ports.DeliveryLists = SqlDeliveryLists(transaction)
        self.timers: ports.Timers = SqlTimers(transaction)
        self.conversations: ports.Conversations = SqlConversations(transaction)
        self.reviews: ports.Reviews = SqlReviews(transaction)
        self.audit: ports.AuditEvents = SqlAuditEvents(transaction)
        self.directory: ports.Directory = SqlDirectory(transaction)
        self.users: ports.Users = SqlUsers(transaction)
        self.labels: ports.Labels = SqlLabels(transaction)
        self.log = SqlLog(transaction)

    def wake(self, routing_key: str, reference: str) -> None:
        """Publish a wake-up once this transaction is durable. Nothing personal: at most 1 KiB of references."""
        self.transaction.wake(routing_key, reference)
