"""Is a large document taken in, kept and worked through as a small one, and is what was cut off swept away?"""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from gateway.app.operations.messages import show_message
from gateway.errors import ConflictError, MalformedMessageError, StoreUnavailableError, TransientError
from gateway.flows.log_events import LogEvent
from gateway.flows.receiving import process
from gateway.flows.receiving.acknowledge import require_told
from gateway.flows.receiving.envelope import Accepted, Incoming
from gateway.flows.receiving.staging import Staging
from gateway.flows.store.rows import Message, State
from gateway.flows.tally import Counted
from gateway.flows.understanding.originals import SealedBody
from gateway.formats.body import PIECE_BYTES, Held, whole
from gateway.formats.register import FORMATS
from gateway.model.identifiers import MessageId
from tests.fakes.school_files import report, table, transfer_file
from tests.integration.flows.house import SCHOOL, House
from tests.unit.operations.house import a_caller

REPORT = "".join(report(150)).encode()
FORM = FORMATS["sims/superstar-1"]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House.build(tmp_path, whole_limit_bytes=100_000)
    yield house
    house.app.stop()


def hand_in(house: House, body: bytes, *, form: str = "sims/superstar-1", key: str | None = None) -> Accepted:
    incoming = Incoming(organisation=SCHOOL, format=FORMATS[form], body=Held(body), idempotency_key=key)
    return house.app.receive.accept(incoming)


def the_message(house: House, accepted: Accepted) -> Message:
    return house.app.store.read(lambda uow: uow.messages.get(accepted.message_id))


def opened(house: House, message: Message) -> SealedBody:
    return SealedBody(house.app.store, house.app.desk.vault, message)


def test_a_large_document_is_kept_as_it_came(house: House) -> None:
    message = the_message(house, hand_in(house, REPORT))

    assert (message.state, message.size_bytes) == (State.ACCEPTED, len(REPORT))
    assert whole(opened(house, message)) == REPORT


def test_any_part_of_a_large_original_is_opened(house: House) -> None:
    sealed = opened(house, the_message(house, hand_in(house, REPORT)))

    assert sealed.span(PIECE_BYTES - 10, 20) == REPORT[PIECE_BYTES - 10 : PIECE_BYTES + 10]
    assert sealed.span(len(REPORT) - 5, 5) == REPORT[-5:]


def test_nothing_of_it_lies_in_clear_in_the_store(house: House) -> None:
    hand_in(house, REPORT)

    files = b"".join(path.read_bytes() for path in house.app.settings.data_folder.rglob("*") if path.is_file())
    assert b"Exampleton" not in files
    assert b"primary_id" not in files


@pytest.mark.parametrize(
    ("form", "body"),
    [
        ("sims/superstar-1", REPORT),
        ("sims/ctf-25", "".join(transfer_file(100)).encode()),
        ("sims/csv-1", "".join(table(150)).encode()),
        ("sims/csv-1", "".join(table(150)).replace("Exampleton", "Exämpleton").encode("cp1252")),
    ],
    ids=["report", "transfer file", "table", "table in windows-1252"],
)
def test_a_large_document_gives_the_records_of_a_small_one(
    house: House, tmp_path: Path, form: str, body: bytes
) -> None:
    small = House.build(tmp_path / "small")
    taken = [hand_in(one, body, form=form) for one in (house, small)]

    house.work_messages()
    small.work_messages()

    large, wanted = (
        json.loads(require_told(one.app.acknowledge.told(accepted.message_id)).text)
        for one, accepted in zip((house, small), taken, strict=True)
    )
    small.app.stop()
    assert large["records"] == wanted["records"]
    assert large["file"] == wanted["file"]
    assert the_message(house, taken[0]).state is State.ORDERED


def test_a_repeat_gets_the_same_receipt_and_nothing_is_stored_twice(house: House) -> None:
    first = hand_in(house, REPORT)

    second = hand_in(house, REPORT)

    assert second == replace(first, repeated=True)
    assert len(house.app.store.read(lambda uow: uow.messages.find())) == 1


def test_another_document_under_its_key_is_refused_and_kept(house: House) -> None:
    hand_in(house, REPORT, key="a-key")

    with pytest.raises(ConflictError):
        hand_in(house, REPORT.replace(b"Exampleton", b"Sampleby"), key="a-key")

    states = sorted(one.state for one in house.app.store.read(lambda uow: uow.messages.find()))
    assert states == [State.ACCEPTED, State.QUARANTINED]


def test_what_the_gate_refuses_is_kept_sealed(house: House) -> None:
    with pytest.raises(MalformedMessageError):
        hand_in(house, REPORT[:-5])

    (kept,) = house.app.store.read(lambda uow: uow.messages.find(state=State.QUARANTINED))
    assert whole(opened(house, kept)) == REPORT[:-5]


def test_what_was_refused_before_is_not_kept_again(house: House) -> None:
    with pytest.raises(MalformedMessageError):
        hand_in(house, REPORT[:-5])

    with pytest.raises(MalformedMessageError):
        hand_in(house, REPORT[:-5])

    assert len(house.app.store.read(lambda uow: uow.messages.find())) == 1


class Changing:
    """A file that somebody writes to while it is read: when it is sealed it is another one."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.readings = 0

    @property
    def size_bytes(self) -> int:
        return len(self.content)

    def pieces(self) -> Iterator[bytes]:
        self.readings += 1
        content = self.content if self.readings < 4 else self.content.replace(b"Exampleton", b"Sampletown")
        yield from Held(content).pieces()

    def span(self, start: int, length: int) -> bytes:
        return self.content[start : start + length]


def test_a_document_that_changes_while_it_is_read_is_not_accepted(house: House) -> None:
    body = Changing(REPORT)

    with pytest.raises(TransientError) as caught:
        house.app.receive.accept(Incoming(organisation=SCHOOL, format=FORM, body=body))

    assert caught.value.code == "changed"
    assert house.app.store.read(lambda uow: uow.messages.find()) == []


def begun(house: House) -> MessageId:
    """Let a document come in until its process ends: there are chunks, and nobody claims them."""
    message = replace(the_message(house, hand_in(house, REPORT)), message_id=MessageId("msg_cut_off"))
    key = house.app.desk.vault.new_key()
    coming = replace(
        message, state=State.RECEIVING, idempotency_key="coming", ready_at=None, received_at=house.clock.now()
    )
    house.app.store.write(lambda uow: uow.large_originals.begin(coming, key))
    house.app.store.write(lambda uow: uow.large_originals.add(coming, range(40), [b"x"] * 40, at=house.clock.now()))
    return coming.message_id


def test_what_a_process_left_half_taken_in_is_swept_away(house: House) -> None:
    cut_off = begun(house)
    staging = Staging(house.app.store, house.app.desk.vault, house.clock)

    assert staging.sweep() == 0
    house.clock.move(seconds=601)
    assert staging.sweep() == 1

    assert cut_off not in {one.message_id for one in house.app.store.read(lambda uow: uow.messages.find())}
    assert house.app.store.read(lambda uow: uow.large_originals.chunk(cut_off, 39)) is None


def test_work_that_was_cut_off_goes_on_behind_the_last_batch(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    accepted = hand_in(house, REPORT)
    real, calls = house.app.process._store, []

    def failing(*args: object, **named: object) -> Message:
        calls.append(1)
        if len(calls) == 2:
            raise StoreUnavailableError("the store is away")
        return real(*args, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(house.app.process, "_store", failing)
    house.work_messages()
    assert the_message(house, accepted).cursor == 50
    house.clock.move(seconds=3600)

    house.work_messages()

    records = house.app.store.read(lambda uow: uow.records.of_message(accepted.message_id))
    assert [record.position for record in records] == list(range(150))
    assert house.reviews("H-CORRECT") == []
    assert the_message(house, accepted).reason is None


def test_now_and_then_the_log_tells_how_far_it_is(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "_RECORDS_A_LINE", 100)
    hand_in(house, REPORT)

    with capture_logs() as lines:
        house.work_messages()

    told = [line for line in lines if line["event"] == LogEvent.MESSAGE_UNDER_WAY]
    assert [(line["records_done"], line["records_known"]) for line in told] == [(100, 150)]
    assert house.app.desk.tally.counts(Counted.RECORDS) == {("sims/superstar-1",): 150}


def test_how_far_it_is_can_be_seen(house: House) -> None:
    accepted = hand_in(house, REPORT)

    shown = show_message(house.app, a_caller("MASH_SCREENER"), {"message": accepted.message_id})

    assert (shown["records_done"], shown["records_known"]) == (0, 150)
