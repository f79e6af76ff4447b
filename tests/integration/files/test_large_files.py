"""Is a file that is too large to be held read piece by piece while it is taken, and only while nobody writes to it?"""

import json
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from gateway.adapters.files.claims import DroppedFile
from gateway.adapters.files.local_shelf import LocalShelf
from gateway.adapters.files.watch import FolderPatience, Watch
from gateway.flows.receiving.envelope import Accepted
from gateway.formats.body import PIECE_BYTES, Body
from gateway.model.identifiers import MessageId
from tests.fakes.clock import SteppedClock
from tests.fakes.ids import CountedIds

PLACE = "school-example/sims/superstar-1"
LARGE = b"<SuperStarReport>" + b"<Record/>" * 60_000 + b"</SuperStarReport>"


@dataclass
class Hands:
    """Takes files as the gateway does; `meddling` is done to the file while it is read."""

    root: Path
    meddling: bytes = b""
    read: list[list[int]] = field(default_factory=list)
    spans: list[bytes] = field(default_factory=list)

    def take(self, file: DroppedFile) -> Accepted:
        assert isinstance(file.body, Body)
        pieces = file.body.pieces()
        lengths = [len(next(pieces))]
        (taken,) = (self.root / ".taking").rglob("*report.xml")
        with taken.open("ab") as opened:
            opened.write(self.meddling)
        lengths += map(len, pieces)
        self.spans.append(file.body.span(PIECE_BYTES - 2, 4))
        self.read.append(lengths)
        return Accepted(message_id=MessageId("msg_1"), receipt="signed", repeated=False)


def dropped(root: Path, hands: Hands, *, most: int = 10**7) -> None:
    """Drop a large file and look until it is taken, or refused."""
    clock = SteppedClock()
    patience = FolderPatience(
        size_bytes=most, stable_seconds=2, unfinished_seconds=60, report_seconds=3600, whole_bytes=100_000
    )
    folder = Watch(
        LocalShelf(root), admit=lambda _: None, take=hands.take, clock=clock, ids=CountedIds(), patience=patience
    )
    (root / PLACE).mkdir(parents=True)
    (root / PLACE / "report.xml").write_bytes(LARGE)
    folder.look()
    clock.move(seconds=3)
    folder.look()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "drop"


def test_a_large_file_is_handed_in_piece_by_piece(root: Path) -> None:
    hands = Hands(root)

    dropped(root, hands)

    assert hands.read == [[PIECE_BYTES, PIECE_BYTES, len(LARGE) - 2 * PIECE_BYTES]]
    assert hands.spans == [LARGE[PIECE_BYTES - 2 : PIECE_BYTES + 2]]
    told = json.loads((root / PLACE / "report.xml.accepted.json").read_text())
    assert told["message_id"] == "msg_1"
    assert list((root / ".taking").rglob("*.xml")) == []


def test_a_large_file_that_is_written_to_while_it_is_read_is_not_taken(root: Path) -> None:
    hands = Hands(root, meddling=b" ")

    dropped(root, hands)

    assert hands.read == []
    assert [path.read_bytes() for path in (root / ".taking").rglob("*report.xml")] == [LARGE + b" "]


def test_a_file_over_the_limit_stays_with_its_sender(root: Path) -> None:
    dropped(root, Hands(root), most=200_000)

    assert json.loads((root / PLACE / "report.xml.refused.json").read_text())["problem"]["code"] == "too-large"
    assert (root / PLACE / "report.xml").exists()
