"""Are these the keys that this store was written with?

Another index key, well formed and readable, would raise no error at all: no child would be found again and a repeated
document would be taken for a new one. Another root key would fail everything that is already stored, piece by piece.
So the first start leaves a mark that only the right keys can make, and every later one looks at it first of all.
"""

from typing import TYPE_CHECKING

from gateway.errors import IntegrityError
from gateway.flows.context import Desk
from gateway.flows.documents import read_group
from gateway.flows.ports import UnitOfWork
from gateway.flows.store.rows import Conversation
from gateway.formats.json import write_json
from gateway.model.identifiers import ConversationId

if TYPE_CHECKING:
    from gateway.model.tree import Group

_KIND = "installation"
_WHAT = "keys in use"
_PLACE = "installation/keys"
_MARK = b"sealed under the root key this store was written with"


def check_own_keys(desk: Desk) -> None:
    """Do nothing when index key and root keys are those of the store; leave the mark where there is none yet.

    Raises:
        IntegrityError: a key is another one, or a line of the root keys is gone.
    """
    desk.store.write(lambda uow: _check(desk, uow))


def _check(desk: Desk, uow: UnitOfWork) -> None:
    blinded = desk.vault.blind(_KIND, _WHAT).hex()
    held = uow.conversations.by_reference(_KIND, _WHAT)
    if held is None:
        uow.conversations.save(_mark(desk, blinded))
        return
    if held.state != blinded:
        raise IntegrityError(
            "index.key is not the one this store was written with: put that one back from its backup",
            expected=held.state,
            found=blinded,
        )
    mark = read_group(held.body.encode())
    wrapped, sealed = (bytes.fromhex(str(mark[name])) for name in ("wrapped_key", "sealed"))
    try:
        desk.vault.open(wrapped, _PLACE, sealed)
    except IntegrityError as cause:
        raise IntegrityError(
            "root.keys does not hold the key this store was written with: put every line back from its backup"
        ) from cause


def _mark(desk: Desk, blinded: str) -> Conversation:
    wrapped = desk.vault.new_key()
    sealed = desk.vault.seal(wrapped, _PLACE, _MARK)
    body: Group = {"wrapped_key": wrapped.hex(), "sealed": sealed.hex()}
    return Conversation(
        conversation_id=ConversationId(desk.ids.fresh("cnv")),
        kind=_KIND,
        reference=_WHAT,
        state=blinded,
        body=write_json(body).decode(),
        version=0,
    )
