"""What is said of a message when the broker says nothing more, not even at the end?"""

from gateway.adapters.amqp.address import BrokerAddress, Host, Patience
from gateway.adapters.amqp.publisher import CLOSED, UNKNOWN, Letter, Publisher
from gateway.demo.engines.ports import free_port
from gateway.errors import code_of

SHORT = Patience(socket=0.2, stack=0.2, confirm=60.0, stop=0.1)
LETTER = Letter(exchange="gateway.partners", routing_key="school-1.documents", body=b"sealed")


def a_publisher() -> Publisher:
    nobody = BrokerAddress(
        hosts=(Host(name="127.0.0.1", port=free_port()),), virtual_host="/", user="gateway", password="invented"
    )
    return Publisher(nobody, SHORT, name="test-publisher")


def test_what_was_never_sent_is_not_there_when_the_publisher_closes() -> None:
    publisher = a_publisher()
    waiting = publisher.publish(LETTER)

    publisher.close()

    assert code_of(waiting.exception(0) or Exception()) == CLOSED


def test_nobody_knows_of_what_was_sent_to_a_broker_that_never_answered_when_the_publisher_closes() -> None:
    """A partner that takes twice what comes twice would get it twice if this were called not there."""
    publisher = a_publisher()
    sent = publisher.publish(LETTER)
    publisher._unconfirmed[1] = publisher._waiting.popleft()
    publisher.lost = lambda: None  # type: ignore[method-assign]  # the connection was broken off, not lost

    publisher.close()

    assert code_of(sent.exception(0) or Exception()) == UNKNOWN
