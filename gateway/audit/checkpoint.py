"""What does the log promise at one size? A checkpoint: its origin, how many leaves, and the root over them.

Source: C2SP tlog-checkpoint. Extension lines are not written and not accepted: nobody audits them.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from gateway.audit.note import NoteKey, NoteSigner, from_base64, open_note, to_base64, write_note
from gateway.errors import IntegrityError, MalformedMessageError

_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")
_HASH_BYTES = 32
_LINES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """The state of one log: `origin` names it, `size` counts its leaves, `root` is the 32-byte hash over them all."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """Return the three lines that are signed."""
        return f"{self.origin}\n{self.size}\n{to_base64(self.root)}\n"


def sign_checkpoint(checkpoint: Checkpoint, signer: NoteSigner) -> str:
    """Return *checkpoint* as a signed note."""
    return write_note(checkpoint.text, signer)


def read_checkpoint(text: str) -> Checkpoint:
    """Return what the text of a checkpoint says, whoever signed it.

    Raises:
        MalformedMessageError: not the three lines of a checkpoint.
    """
    lines = text.split("\n")
    if len(lines) != _LINES + 1 or lines[-1] or not lines[0]:
        raise MalformedMessageError("a checkpoint is three lines: origin, size, root")
    if not _SIZE.fullmatch(lines[1]):
        raise MalformedMessageError("a checkpoint's size is a decimal number without leading zeroes")
    root = from_base64(lines[2], what="a checkpoint's root")
    if len(root) != _HASH_BYTES:
        raise MalformedMessageError(f"a checkpoint's root has {_HASH_BYTES} bytes, found {len(root)}")
    return Checkpoint(origin=lines[0], size=int(lines[1]), root=root)


def open_checkpoint(note: str, *, origin: str, keys: Iterable[NoteKey]) -> Checkpoint:
    """Return the checkpoint in *note*, signed by one of *keys* for the log called *origin*.

    Raises:
        MalformedMessageError: it is not a signed checkpoint.
        IntegrityError: it is not signed by these keys, or is another log's.
    """
    checkpoint = read_checkpoint(open_note(note, keys))
    if checkpoint.origin != origin:
        raise IntegrityError("this checkpoint is another log's", expected=origin, found=note)
    return checkpoint
