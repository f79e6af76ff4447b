"""Which exchanges, queues, users and rights does the broker hold? Data only; everything else is derived from it.

`deploy/rabbitmq/` shows what comes out for the example partners; docs/bus.md says why each thing is there.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gateway.flows.delivering.wake_up import TRIES
from gateway.flows.store.rows import Lane

WAKES = "gateway.wakes"
INTAKE = "gateway.intake"
PARTNERS = "gateway.partners"
UNROUTED = "gateway.unrouted"
UNCLAIMED = "gateway.unclaimed"
DEAD = "gateway.dead"
DEAD_INTAKE = "dead.intake"
DEAD_UNCLAIMED = "dead.unclaimed"
FOR_A_PERSON = (DEAD_INTAKE, DEAD_UNCLAIMED)
"""Queues of partners' documents that only a person empties."""
GATEWAY_USER = "gateway"

_KINDS = ("message", "delivery")
_INTAKE_DELIVERY_LIMIT = 20
_MEBI = 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A durable exchange. `alternate` is where it sends what no queue of its own is bound for."""

    name: str
    type: str
    alternate: str | None = None
    about: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """A durable quorum queue with its one binding.

    Shape: `bounds` names the policy that bounds it. `dead_letter_key` is the routing key under which it gives up on a
    message, through the exchange of dead letters and at least once, after `delivery_limit` returns; None: it never
    gives up, because nobody consumes it here.
    """

    name: str
    exchange: str
    binding: str
    about: str
    bounds: str
    delivery_limit: int | None = None
    dead_letter_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How much the queues whose name matches `pattern` hold before they refuse more; an operator may change it."""

    name: str
    pattern: str
    length_limit: int
    bytes_limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """Somebody who may connect, with the rights of AMQP: regular expressions over names.

    Shape: `topics` are pairs of a topic exchange and what a routing key published there must look like.
    """

    name: str
    configure: str
    write: str
    read: str
    topics: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Topology:
    """Everything a virtual host of the broker holds for us."""

    exchanges: tuple[Exchange, ...]
    queues: tuple[Queue, ...]
    bounds: tuple[Bounds, ...]
    users: tuple[User, ...]

    def bound_to(self, exchange: str) -> tuple[Queue, ...]:
        """Return the queues bound to *exchange*."""
        return tuple(queue for queue in self.queues if queue.exchange == exchange)


def outbound_queue(organisation: str) -> str:
    """Return the queue a partner reads its documents from; putting one there is hand-over."""
    return f"partner.{organisation}.documents"


def reply_queue(organisation: str) -> str:
    """Return the queue a partner reads our receipts and refusals from."""
    return f"partner.{organisation}.replies"


def intake_queue(organisation: str) -> str:
    """Return the queue we read a partner's documents from."""
    return f"intake.{organisation}"


def document_key(organisation: str) -> str:
    """Return the routing key of a document for a partner."""
    return f"{organisation}.documents"


def reply_key(organisation: str) -> str:
    """Return the routing key of a reply to a partner."""
    return f"{organisation}.replies"


def topology_of(organisations: Iterable[str] = (), *, wakes: Sequence[str] | None = None) -> Topology:
    """Return the topology for partners that are reached by AMQP.

    Shape: *wakes* are the keys or patterns that get a queue each; unless said, one of each lane for messages and
    deliveries.
    """
    partners = sorted(set(organisations))
    keys = _lane_keys() if wakes is None else tuple(wakes)
    return Topology(
        exchanges=_EXCHANGES,
        queues=(
            *(_wake_queue(key) for key in keys),
            *(queue for partner in partners for queue in _partner_queues(partner)),
            *_LAST_RESORTS,
        ),
        bounds=_BOUNDS,
        users=(_GATEWAY, *(_partner_user(partner) for partner in partners)),
    )


def _lane_keys() -> tuple[str, ...]:
    return tuple(f"{kind}.{lane.name.lower()}" for kind in _KINDS for lane in Lane)


_EXCHANGES = (
    Exchange(name=WAKES, type="topic", alternate=UNROUTED, about="wake-ups between processes of the gateway"),
    Exchange(name=INTAKE, type="topic", alternate=UNCLAIMED, about="sealed documents from partners"),
    Exchange(
        name=PARTNERS,
        type="direct",
        about="sealed documents and replies to partners; it has no alternate, so what has no queue is returned to us",
    ),
    Exchange(name=UNROUTED, type="fanout", about="wake-ups no queue was bound for"),
    Exchange(name=UNCLAIMED, type="fanout", about="documents from partners no queue was bound for"),
    Exchange(name=DEAD, type="direct", about="whatever was given up"),
)

_REFERENCES, _DOCUMENTS, _REPLIES = "references", "documents", "replies"
_BOUNDS = (
    Bounds(
        name=_REFERENCES,
        pattern=r"^(wake\..*|gateway\.unrouted|dead\.wakes)$",
        length_limit=100_000,
        bytes_limit=128 * _MEBI,
    ),
    Bounds(
        name=_DOCUMENTS,
        pattern=r"^(intake\..*|partner\..*\.documents|dead\.intake|dead\.unclaimed)$",
        length_limit=10_000,
        bytes_limit=1024 * _MEBI,
    ),
    Bounds(name=_REPLIES, pattern=r"^partner\..*\.replies$", length_limit=100_000, bytes_limit=256 * _MEBI),
)

_LAST_RESORTS = (
    Queue(
        name=UNROUTED,
        exchange=UNROUTED,
        binding="",
        about="wake-ups no queue was bound for; each is reported and taken to its subscribers all the same",
        bounds=_REFERENCES,
        delivery_limit=TRIES - 1,
        dead_letter_key="wakes",
    ),
    Queue(
        name=DEAD_UNCLAIMED,
        exchange=UNCLAIMED,
        binding="",
        about="documents from partners no queue was bound for; for a person",
        bounds=_DOCUMENTS,
    ),
    Queue(
        name="dead.wakes",
        exchange=DEAD,
        binding="wakes",
        about="wake-ups given up; the sweep does their work",
        bounds=_REFERENCES,
    ),
    Queue(
        name=DEAD_INTAKE,
        exchange=DEAD,
        binding="intake",
        about="sealed documents that could not be opened, or whose sender could not be proved; for a person",
        bounds=_DOCUMENTS,
    ),
)

_GATEWAY = User(
    name=GATEWAY_USER,
    configure="^$",
    write=r"^gateway\.(wakes|partners)$",
    read=r"^(wake\..*|intake\..*|gateway\.unrouted)$",
)


def _wake_queue(key: str) -> Queue:
    name = "everything" if key == "#" else key.removesuffix(".#")
    return Queue(
        name=f"wake.{name}",
        exchange=WAKES,
        binding=key,
        about=f"wake-ups {key}",
        bounds=_REFERENCES,
        delivery_limit=TRIES - 1,
        dead_letter_key="wakes",
    )


def _partner_queues(partner: str) -> tuple[Queue, ...]:
    return (
        Queue(
            name=intake_queue(partner),
            exchange=INTAKE,
            binding=f"{partner}.#",
            about=f"sealed documents from {partner}",
            delivery_limit=_INTAKE_DELIVERY_LIMIT,
            dead_letter_key="intake",
            bounds=_DOCUMENTS,
        ),
        Queue(
            name=outbound_queue(partner),
            exchange=PARTNERS,
            binding=document_key(partner),
            about=f"sealed documents for {partner}; being in it is being handed over",
            bounds=_DOCUMENTS,
        ),
        Queue(
            name=reply_queue(partner),
            exchange=PARTNERS,
            binding=reply_key(partner),
            about=f"our signed receipts and refusals for {partner}",
            bounds=_REPLIES,
        ),
    )


def _partner_user(partner: str) -> User:
    return User(
        name=partner,
        configure="^$",
        write=r"^gateway\.intake$",
        read=rf"^partner\.{partner}\.(documents|replies)$",
        topics=((INTAKE, rf"^{partner}\."),),
    )
