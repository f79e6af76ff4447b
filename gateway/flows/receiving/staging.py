"""How does a document come in that is too large for one transaction?

Sealed chunk by chunk, a few chunks a transaction, so that nobody waits long for the store and nobody holds it whole.
Until the last transaction claims them they belong to a message in state `receiving`, which nobody has a receipt for and
nothing works on. What a process that was ended leaves behind is swept away.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial
from hashlib import sha256
from itertools import islice

from gateway.errors import GatewayError, TransientError
from gateway.flows.conversing.case_names import blind_key
from gateway.flows.ports import Clock, Store, UnitOfWork, Vault
from gateway.flows.store.rows import Message, State
from gateway.flows.understanding.originals import chunk_place
from gateway.formats.body import Body
from gateway.model.identifiers import MessageId

_CHUNKS_A_TRANSACTION = 4
_GIVEN_UP = timedelta(minutes=10)
"""How long nothing is added to what a living process takes in. Adding some chunks takes less than a second."""


class Staging:
    """Stores large originals, and sweeps away those that were never finished."""

    def __init__(self, store: Store, vault: Vault, clock: Clock) -> None:
        self._store = store
        self._vault = vault
        self._clock = clock

    def put(
        self, message: Message, wrapped_key: bytes, body: Body, contents: Callable[[], Iterator[bytes]] | None
    ) -> None:
        """Store *body* sealed, and its table of contents, for *message* to claim.

        Raises:
            TransientError: it is not what it was when its digest was taken (code `changed`).
            StoreUnavailableError: it could not be stored.
        """
        key = blind_key(self._vault, f"receiving:{message.message_id}")
        staged = replace(
            message,
            state=State.RECEIVING,
            idempotency_key=key,
            ready_at=None,
            reason=None,
            receipt="",
            received_at=self._clock.now(),
        )
        self._store.write(lambda uow: uow.large_originals.begin(staged, wrapped_key))
        try:
            digest = sha256()
            self._add_all(staged, wrapped_key, enumerate(_told(body.pieces(), digest.update)))
            if contents is not None:
                self._add_all(staged, wrapped_key, ((-number, one) for number, one in enumerate(contents(), start=1)))
            _check(digest.hexdigest(), message)
        except BaseException:
            with suppress(GatewayError):
                self._drop(staged.message_id)
            raise

    def sweep(self) -> int:
        """Delete what was begun and never finished; return how many there were."""
        before = self._clock.now() - _GIVEN_UP
        found = self._store.read(lambda uow: uow.large_originals.abandoned(before=before))
        for message_id in found:
            self._drop(message_id)
        return len(found)

    def _add_all(self, message: Message, wrapped_key: bytes, chunks: Iterable[tuple[int, bytes]]) -> None:
        rest = iter(chunks)
        while batch := list(islice(rest, _CHUNKS_A_TRANSACTION)):
            numbers = [number for number, _ in batch]
            sealed = [
                self._vault.seal(wrapped_key, chunk_place(message.message_id, number), plain) for number, plain in batch
            ]
            self._store.write(partial(self._add, message=message, numbers=numbers, sealed=sealed))

    def _add(self, uow: UnitOfWork, message: Message, numbers: Sequence[int], sealed: Sequence[bytes]) -> None:
        uow.large_originals.add(message, numbers, sealed, at=self._clock.now())

    def _drop(self, message_id: MessageId) -> None:
        """Delete one, a few chunks a transaction."""
        more = True
        while more:
            more = self._store.write(lambda uow: uow.large_originals.drop(message_id, limit=_CHUNKS_A_TRANSACTION))


def digest_of(body: bytes | Body) -> str:
    """Return the SHA-256 of a document, as it came."""
    if isinstance(body, bytes):
        return sha256(body).hexdigest()
    digest = sha256()
    for piece in body.pieces():
        digest.update(piece)
    return digest.hexdigest()


def _check(digest: str, message: Message) -> None:
    if digest != message.body_sha256:
        raise TransientError("the document changed while it was read", code="changed")


def _told(pieces: Iterator[bytes], tell: Callable[[bytes], None]) -> Iterator[bytes]:
    for piece in pieces:
        tell(piece)
        yield piece
