"""Which record messages does a stored document hold, from a place of it on?"""

from collections.abc import Iterator

from gateway.flows.context import Desk
from gateway.flows.store.rows import Message
from gateway.flows.understanding.originals import SealedBody, open_original
from gateway.formats.body import whole
from gateway.formats.gate import RecordSource, split, split_large
from gateway.formats.register import FORMATS, STREAMED


def sources_of(desk: Desk, message: Message, *, start: int) -> Iterator[RecordSource]:
    """Return the records of *message* from position *start* on; a large document is opened piece by piece.

    Raises:
        NotFoundError: its original is no longer kept.
        PermanentError: it can no longer be read.
    """
    form = FORMATS[message.format]
    if message.size_bytes <= desk.limits.whole_bytes or form.reader not in STREAMED:
        # what is kept of it need not be as long as what came
        original = desk.store.read(lambda uow: uow.originals.get(message.message_id))
        return split(form, open_original(desk.vault, original), limits=desk.limits, start=start)
    sealed = SealedBody(desk.store, desk.vault, message)
    if sealed.has_contents:
        return split_large(form, sealed, sealed.contents, start=start)
    return split(form, whole(sealed), limits=desk.limits, start=start)
