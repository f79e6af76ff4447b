"""How is kept what senders call a case? Blinded to be found by, sealed to be read: some choose names."""

from gateway.errors import IntegrityError
from gateway.flows.documents import read_group
from gateway.flows.ports import Vault
from gateway.flows.store.rows import Conversation
from gateway.formats.json import write_json
from gateway.model.identifiers import ConversationId
from gateway.model.tree import Group

REFERRAL, REQUEST = "mash.referral", "ecaf.request"
_CHOSEN = ("reference", "mash_reference", "answer")
"""What is sealed of a conversation: what people chose to call it, and what was answered about a child."""


def blind_reference(vault: Vault, reference: str) -> str:
    """Return what a matter is found by that its sender calls *reference*."""
    return vault.blind(f"reference/{REFERRAL}", reference).hex()


def blind_key(vault: Vault, key: str) -> str:
    """Return what a message is known by whose sender gave it the idempotency key *key*."""
    return vault.blind("idempotency", key).hex()


def is_sealed(held: Conversation) -> bool:
    """Tell whether the names in *held* are sealed: the first release kept them in clear."""
    return "sealed" in read_group(held.body.encode())


def seal_names(vault: Vault, conversation_id: ConversationId, told: Group) -> str:
    """Return *told*, a conversation's state, as it is stored: what is somebody's own is sealed."""
    named: Group = {name: told[name] for name in _CHOSEN if name in told}
    rest: Group = {name: value for name, value in told.items() if name not in named}
    wrapped = vault.new_key()
    sealed = vault.seal(wrapped, f"conversation/{conversation_id}", write_json(named))
    return write_json({**rest, "sealed": [wrapped.hex(), sealed.hex()]}).decode()


def open_names(vault: Vault, held: Conversation) -> Group:
    """Return the state that was stored, with its names.

    Raises:
        IntegrityError: it is not what was stored.
    """
    told = read_group(held.body.encode())
    match told.pop("sealed", None):
        case [str(wrapped), str(sealed)]:
            place = f"conversation/{held.conversation_id}"
            return {**told, **read_group(vault.open(bytes.fromhex(wrapped), place, bytes.fromhex(sealed)))}
        case _:
            raise IntegrityError("a stored conversation has lost its names")
