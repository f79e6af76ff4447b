"""How is a proof written down so that it can be checked far from here, years later?"""

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.audit.note import to_base64


@dataclass(frozen=True, slots=True, kw_only=True)
class InclusionProof:
    """One leaf is in the log.

    Shape: `header` is the leaf itself; `path` leads from its sibling to the root; `checkpoint` is a signed note.
    """

    header: bytes
    index: int
    path: tuple[bytes, ...]
    checkpoint: str

    @property
    def text(self) -> str:
        """Return the proof as a file; the leaf stands in its `extra` line, so the file needs nothing beside it.

        Source: C2SP tlog-proof, version 1.
        """
        lines = ["c2sp.org/tlog-proof@v1", f"extra {to_base64(self.header)}", f"index {self.index}", *_lines(self.path)]
        return "\n".join(lines) + "\n\n" + self.checkpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsistencyProof:
    """The log begins with the log as it was at `old_size` leaves; `checkpoint` is the newer signed note."""

    old_size: int
    path: tuple[bytes, ...]
    checkpoint: str

    @property
    def text(self) -> str:
        """Return the proof as a file, in the form a witness takes it.

        Source: C2SP tlog-witness, body of add-checkpoint.
        """
        return "\n".join([f"old {self.old_size}", *_lines(self.path)]) + "\n\n" + self.checkpoint


def _lines(path: Sequence[bytes]) -> list[str]:
    return [to_base64(part) for part in path]
