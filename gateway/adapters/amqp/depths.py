"""How much lies in each queue, and does anybody take it? Asked of the broker itself, on a connection of its own.

AMQP answers it to whoever declares a queue that is there already, which needs no right and changes nothing. The one
connection does it that may wait: nobody asks while a document is on its way.
"""

from collections.abc import Iterable, Mapping

from pika import BlockingConnection
from pika.exceptions import AMQPError, ChannelClosedByBroker

from gateway.adapters.amqp.address import BrokerAddress, Patience
from gateway.errors import TransientError
from gateway.flows.store.figures import QueueDepth

_NOT_FOUND = 404
_NAME = "depths"


def depths_of(address: BrokerAddress, queues: Iterable[str], patience: Patience) -> Mapping[str, QueueDepth | None]:
    """Return what each of *queues* holds; None for one the broker does not have.

    Raises:
        TransientError: no node answers (code `bus-unreachable`).
    """
    names = tuple(queues)
    for attempt in range(len(address.hosts)):
        try:
            connection = BlockingConnection(address.parameters(attempt, patience, name=_NAME))
        except (AMQPError, OSError):
            continue
        try:
            return {name: _depth(connection, name) for name in names}
        except (AMQPError, OSError):
            continue
        finally:
            if connection.is_open:
                connection.close()
    raise TransientError("no node of the broker tells what lies in its queues", code="bus-unreachable")


def _depth(connection: BlockingConnection, queue: str) -> QueueDepth | None:
    channel = connection.channel()
    try:
        found = channel.queue_declare(queue, passive=True).method
    except ChannelClosedByBroker as error:
        if error.reply_code != _NOT_FOUND:
            raise
        return None
    channel.close()
    return QueueDepth(messages=found.message_count, consumers=found.consumer_count)
