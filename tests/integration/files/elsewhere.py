"""What do tests of files on other people's servers look at them with, whichever kind of server it is?"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from gateway.adapters.files.claims import DroppedFile
from gateway.adapters.files.shelf import Shelf
from gateway.adapters.files.walk import Place
from gateway.adapters.files.watch import FolderPatience, Watch
from gateway.flows.receiving.envelope import Accepted
from gateway.model.identifiers import MessageId
from tests.fakes.clock import SteppedClock
from tests.fakes.ids import CountedIds

REPORT = b"<SuperStarReport><Record><Forename>Testina</Forename></Record></SuperStarReport>"
FORM = "sims/superstar-1"
WHERE = ("school-example", "sims", "superstar-1")


@dataclass
class Hands:
    """Takes files as the gateway does, and keeps what it was given."""

    taken: list[DroppedFile] = field(default_factory=list)
    raises: Exception | None = None
    afterwards: Callable[[], None] | None = None

    def take(self, file: DroppedFile) -> Accepted:
        self.taken.append(file)
        if self.raises is not None:
            raise self.raises
        if self.afterwards is not None:
            self.afterwards()
        return Accepted(message_id=MessageId("msg_1"), receipt="signed", repeated=False)


class Ground(Protocol):
    """One partner's files on one kind of server, as whoever runs that server sees them."""

    def shelf(self, *, seconds: float) -> Shelf:
        """Return the shelf that is tested, over these files."""
        ...

    def put(self, name: str, content: bytes) -> None:
        """Put a file there, where reports of schools belong, in place of what has the name."""
        ...

    def read(self, name: str) -> bytes:
        """Return what is there under that name."""
        ...

    def files(self) -> list[str]:
        """Return the name of every file, ours too."""
        ...

    def lose(self) -> None:
        """Let the server fall silent."""
        ...

    def find(self) -> None:
        """Let it speak again; what it held is there."""
        ...


@dataclass
class Elsewhere:
    """A partner's files on a server, and one who looks at them."""

    ground: Ground
    clock: SteppedClock = field(default_factory=SteppedClock)
    hands: Hands = field(default_factory=Hands)
    refuses: Exception | None = None
    seconds: float = 10

    def __post_init__(self) -> None:
        self.watch = self.watching(self.ground.shelf(seconds=self.seconds))

    def watching(self, shelf: Shelf) -> Watch:
        patience = FolderPatience(
            size_bytes=3_000_000,
            stable_seconds=2,
            unfinished_seconds=900,
            report_seconds=604800,
            whole_bytes=2_000_000,
        )
        return Watch(
            shelf, admit=self.admit, take=self.hands.take, clock=self.clock, ids=CountedIds(), patience=patience
        )

    def admit(self, _place: Place) -> None:
        if self.refuses is not None:
            raise self.refuses

    def put(self, name: str, content: bytes = REPORT) -> None:
        self.ground.put(name, content)

    def settle(self, seconds: float = 3) -> int:
        before = self.watch.look()
        self.clock.move(seconds=seconds)
        return before + self.watch.look()

    def files(self) -> list[str]:
        return self.ground.files()

    def report(self, name: str) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self.ground.read(name))
        return told
