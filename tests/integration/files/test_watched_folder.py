import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from gateway.adapters.files import local_shelf
from gateway.adapters.files.claims import DroppedFile
from gateway.adapters.files.local_shelf import LocalShelf
from gateway.adapters.files.walk import Place
from gateway.adapters.files.watch import FolderPatience, Watch
from gateway.errors import (
    ConflictError,
    IntegrityError,
    MalformedMessageError,
    NotFoundError,
    SchemaViolationError,
    StoreUnavailableError,
)
from gateway.errors import Place as Spot
from gateway.flows.log_events import LogEvent
from gateway.flows.receiving.envelope import Accepted
from gateway.model.identifiers import MessageId
from tests.fakes.clock import SteppedClock
from tests.fakes.ids import CountedIds

REPORT = b"<SuperStarReport><Record><Forename>Testina</Forename></Record></SuperStarReport>"
SURNAME = "Exampleton"


@dataclass
class Hands:
    """Takes files as the gateway does, and keeps what it was given."""

    taken: list[DroppedFile] = field(default_factory=list)
    raises: Exception | None = None
    refuses_folder: Exception | None = None

    def take(self, file: DroppedFile) -> Accepted:
        self.taken.append(file)
        if self.raises is not None:
            raise self.raises
        return Accepted(message_id=MessageId("msg_1"), receipt="signed", repeated=False)

    def admit(self, _place: Place) -> None:
        if self.refuses_folder is not None:
            raise self.refuses_folder


@dataclass
class Drop:
    """A drop folder and everything around it."""

    root: Path
    clock: SteppedClock
    hands: Hands
    watched: Watch

    @property
    def school(self) -> Path:
        return self.root / "school-example" / "sims" / "superstar-1"

    def put(self, name: str, content: bytes = REPORT) -> Path:
        path = self.school / name
        path.write_bytes(content)
        return path

    def settle(self) -> int:
        """Look, wait until every file has stood still long enough, and look again."""
        before = self.watched.look()
        self.clock.move(seconds=3)
        return before + self.watched.look()

    def reports(self) -> dict[str, Any]:
        return {path.name: json.loads(path.read_text()) for path in sorted(self.root.rglob("*ed.json"))}

    def files(self) -> list[str]:
        """Return every file under the drop folder but reports."""
        found = (path for path in self.root.rglob("*") if not path.is_dir() or path.is_symlink())
        return sorted(path.relative_to(self.root).as_posix() for path in found if not path.name.endswith("ed.json"))


def watching(root: Path, hands: Hands, clock: SteppedClock) -> Watch:
    patience = FolderPatience(size_bytes=10_000, stable_seconds=2, unfinished_seconds=60, report_seconds=3600)
    return Watch(LocalShelf(root), admit=hands.admit, take=hands.take, clock=clock, ids=CountedIds(), patience=patience)


@pytest.fixture
def drop(tmp_path: Path) -> Drop:
    hands, clock = Hands(), SteppedClock()
    drop = Drop(tmp_path / "drop", clock, hands, watching(tmp_path / "drop", hands, clock))
    drop.school.mkdir(parents=True)
    return drop


def test_a_file_goes_in_whole_with_its_place_and_name(drop: Drop) -> None:
    drop.put("report.xml")

    accepted = drop.settle()

    assert accepted == 1
    assert drop.hands.taken == [
        DroppedFile(
            organisation="school-example", partner="sims", message="superstar-1", name="report.xml", body=REPORT
        )
    ]


def test_nothing_in_clear_remains_after_acceptance(drop: Drop) -> None:
    drop.put("report.xml")

    drop.settle()

    assert drop.files() == []
    assert SURNAME not in str(drop.reports())


def test_the_receipt_lies_beside(drop: Drop) -> None:
    drop.put("report.xml")

    drop.settle()

    assert drop.reports() == {
        "report.xml.accepted.json": {"report": "ecaf-gateway", "message_id": "msg_1", "receipt": "signed"}
    }


def test_a_message_that_cannot_be_told_of_holds_up_no_other_file(drop: Drop) -> None:
    def broken(_place: Place, message: str) -> bytes:
        raise IntegrityError(f"a chunk of {message} is missing", expected="a chunk")

    drop.watched.tell_records(broken)
    drop.put("a.xml")
    drop.settle()
    drop.put("z.xml")

    with capture_logs() as logged:
        drop.settle()
        drop.watched.look()

    assert [one.name for one in drop.hands.taken] == ["a.xml", "z.xml"]
    assert [one["event"] for one in logged].count(LogEvent.FILE_DELAYED) == len(drop.hands.taken)


def test_a_file_that_still_grows_is_left_alone(drop: Drop) -> None:
    path = drop.put("report.xml", REPORT[:20])
    drop.watched.look()
    drop.clock.move(seconds=3)
    path.write_bytes(REPORT)

    assert drop.watched.look() == 0
    assert drop.hands.taken == []


def test_a_file_written_again_with_the_same_length_is_left_alone(drop: Drop) -> None:
    path = drop.put("report.xml")
    drop.watched.look()
    drop.clock.move(seconds=3)
    os.utime(path, ns=(1, 1))

    assert drop.watched.look() == 0


def test_a_file_that_has_just_appeared_is_left_alone(drop: Drop) -> None:
    drop.put("report.xml")
    drop.watched.look()
    drop.clock.move(seconds=1.9)

    assert drop.watched.look() == 0


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(REPORT[:-3], id="XML cut in the last tag"),
        pytest.param(REPORT[: -len(b"</SuperStarReport>")], id="XML without its last tag"),
        pytest.param(b'{"a": [1, 2', id="JSON cut off"),
        pytest.param(b"", id="nothing yet"),
        pytest.param(REPORT.decode().encode("utf-16")[:-8], id="UTF-16 cut off"),
    ],
)
def test_half_a_file_is_waited_for_and_in_the_end_handed_in_to_be_refused(drop: Drop, content: bytes) -> None:
    drop.put("report.xml", content)

    too_early = drop.settle()
    drop.clock.move(seconds=61)
    drop.watched.look()

    assert too_early == 0
    assert [file.body for file in drop.hands.taken] == [content]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(REPORT + b"\r\n", id="a line break after the end"),
        pytest.param(b"<?xml version='1.0'?><!-- made by SIMS -->" + REPORT, id="a comment before the root"),
        pytest.param(REPORT + b"<!-- made by SIMS -->", id="a comment after the end"),
        pytest.param(b"<SuperStarReport/>", id="an empty report"),
        pytest.param(b"\xef\xbb\xbf" + REPORT, id="a byte order mark"),
        pytest.param(REPORT.decode().encode("utf-16"), id="UTF-16"),
        pytest.param(b'{"a": 1}\n', id="JSON"),
        pytest.param(b"first=Testina&last=Exampleton", id="a form post"),
        pytest.param(b"<a>" + b"x" * 9000 + b"</a>", id="longer than both edges"),
    ],
)
def test_a_finished_file_is_not_waited_for(drop: Drop, content: bytes) -> None:
    drop.put("report.xml", content)

    assert drop.settle() == 1


@pytest.mark.parametrize("name", [".report.xml", "report.xml.part", "report.tmp", "report.filepart", "~report.xml"])
def test_a_name_programs_give_to_unfinished_files_is_waited_for(drop: Drop, name: str) -> None:
    drop.put(name)

    drop.settle()

    assert drop.hands.taken == []
    assert drop.reports() == {}


def test_an_unfinished_name_that_never_changes_is_reported_in_the_end(drop: Drop) -> None:
    drop.put("report.xml.part")
    drop.settle()
    drop.clock.move(seconds=61)

    drop.watched.look()

    assert drop.reports()["report.xml.part.refused.json"]["problem"]["code"] == "name"
    assert drop.files() == ["school-example/sims/superstar-1/report.xml.part"]


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(b"line\nbreak.xml", id="a line break"),
        pytest.param("\u202elmx.troper".encode(), id="turned around"),
        pytest.param(b"caf\xe9.xml", id="not UTF-8"),
        pytest.param(b"x" * 190 + b".xml", id="too long"),
    ],
)
def test_an_odd_name_is_refused_without_being_repeated(drop: Drop, name: bytes) -> None:
    path = os.path.join(os.fsencode(drop.school), name)  # noqa: PTH118  # a name that is no text
    with open(path, "wb") as file:  # noqa: PTH123
        file.write(REPORT)

    drop.settle()

    (report,) = drop.reports()
    assert report.startswith("unnamed-")
    assert drop.hands.taken == []
    assert os.path.exists(path)  # noqa: PTH110


def test_a_link_is_not_followed(drop: Drop, tmp_path: Path) -> None:
    secret = tmp_path / "secret.xml"
    secret.write_bytes(REPORT)
    (drop.school / "report.xml").symlink_to(secret)

    drop.settle()

    assert drop.hands.taken == []
    assert secret.exists()
    assert drop.reports()["report.xml.refused.json"]["problem"]["code"] == "not-a-file"


def test_a_second_name_of_a_file_elsewhere_is_refused(drop: Drop, tmp_path: Path) -> None:
    secret = tmp_path / "secret.xml"
    secret.write_bytes(REPORT)
    os.link(secret, drop.school / "report.xml")

    drop.settle()

    assert drop.hands.taken == []


def test_a_pipe_does_not_hold_the_folder_up(drop: Drop) -> None:
    os.mkfifo(drop.school / "pipe.xml")
    drop.put("report.xml")

    assert drop.settle() == 1


def test_a_link_to_a_folder_is_not_walked(drop: Drop, tmp_path: Path) -> None:
    other = tmp_path / "other" / "superstar-1"
    other.mkdir(parents=True)
    (other / "report.xml").write_bytes(REPORT)
    (drop.root / "school-example" / "linked").symlink_to(tmp_path / "other")

    drop.settle()

    assert drop.hands.taken == []


def test_a_file_over_the_limit_stays_where_it_is(drop: Drop) -> None:
    drop.put("report.xml", b"<a>" + b"x" * 10_000 + b"</a>")

    drop.settle()

    assert drop.hands.taken == []
    assert drop.reports()["report.xml.refused.json"]["problem"]["code"] == "too-large"
    assert drop.files() == ["school-example/sims/superstar-1/report.xml"]


@pytest.mark.parametrize("where", [".", "school-example", "school-example/sims"])
def test_a_file_in_the_wrong_folder_is_told_where_to_go(drop: Drop, where: str) -> None:
    (drop.root / where / "report.xml").write_bytes(REPORT)

    drop.settle()

    assert drop.reports()["report.xml.refused.json"]["problem"]["code"] == "wrong-folder"
    assert drop.hands.taken == []


def test_the_folder_of_an_unknown_organisation_gets_a_report(drop: Drop) -> None:
    drop.hands.refuses_folder = NotFoundError("unknown", code="unknown-organisation")
    drop.put("report.xml")

    drop.settle()

    assert drop.reports()["report.xml.refused.json"]["problem"] == {
        "code": "unknown-organisation",
        "message": "unknown",
    }
    assert drop.files() == ["school-example/sims/superstar-1/report.xml"]


def test_once_the_organisation_is_known_its_file_goes_in_and_the_refusal_goes_away(drop: Drop) -> None:
    drop.hands.refuses_folder = NotFoundError("unknown", code="unknown-organisation")
    drop.put("report.xml")
    drop.settle()
    drop.hands.refuses_folder = None
    drop.clock.move(seconds=61)

    drop.watched.look()

    assert list(drop.reports()) == ["report.xml.accepted.json"]
    assert drop.files() == []


def test_a_refusal_is_told_once(drop: Drop) -> None:
    drop.hands.refuses_folder = NotFoundError("unknown", code="unknown-organisation")
    drop.put("report.xml")
    drop.settle()
    (report,) = drop.school.glob("*.refused.json")
    first = report.stat().st_ino
    drop.clock.move(seconds=61)

    drop.watched.look()

    assert report.stat().st_ino == first


@pytest.mark.parametrize(
    "error",
    [
        MalformedMessageError("cut off", code="cut-off", place=Spot(line=3)),
        SchemaViolationError("no such column", place=Spot(path="Record/Hat", row=7)),
    ],
)
def test_what_the_gate_refuses_is_reported_with_its_place_and_nothing_in_clear_remains(
    drop: Drop, error: MalformedMessageError
) -> None:
    drop.hands.raises = error
    drop.put("report.xml")

    drop.settle()

    assert drop.reports()["report.xml.refused.json"]["problem"] == error.as_json()
    assert drop.files() == []


def test_another_document_under_a_used_key_is_put_back_because_nobody_has_kept_it(drop: Drop) -> None:
    drop.hands.raises = ConflictError("another document", code="idempotency-conflict")
    drop.put("report.xml")

    drop.settle()
    drop.clock.move(seconds=3)
    drop.settle()

    assert drop.files() == ["school-example/sims/superstar-1/report.xml"]
    assert drop.reports()["report.xml.refused.json"]["problem"]["code"] == "idempotency-conflict"
    assert len(drop.hands.taken) == 1


def test_a_file_put_back_does_not_overwrite_a_new_one_of_its_name(drop: Drop) -> None:
    def take(file: DroppedFile) -> Accepted:
        drop.put(file.name, b"<new/>")
        raise ConflictError("another document")

    drop.hands.take = take  # type: ignore[method-assign]
    drop.watched = watching(drop.root, drop.hands, drop.clock)
    drop.put("report.xml")

    drop.settle()

    contents = sorted(path.read_bytes() for path in drop.school.iterdir() if not path.name.endswith("json"))
    assert contents == sorted([b"<new/>", REPORT])


@pytest.mark.parametrize("error", [StoreUnavailableError("slow disk"), KeyError(SURNAME), OSError(SURNAME)])
def test_a_file_that_could_not_be_taken_is_kept_and_tried_again(drop: Drop, error: Exception) -> None:
    drop.hands.raises = error
    drop.put("report.xml")
    drop.settle()
    kept = drop.files()
    drop.hands.raises = None
    drop.clock.move(seconds=61)

    accepted = drop.watched.look()

    assert [name.startswith(".taking/school-example/sims/superstar-1/take_") for name in kept] == [True]
    assert accepted == 1
    assert drop.files() == []


def test_a_crash_between_acceptance_and_removal_has_one_effect(drop: Drop) -> None:
    drop.put("report.xml")
    accepted_then_killed = _KilledAfter(drop.hands.take)
    drop.hands.take = accepted_then_killed  # type: ignore[method-assign]
    drop.watched = watching(drop.root, drop.hands, drop.clock)
    with pytest.raises(SystemExit):
        drop.settle()
    drop.hands.take = accepted_then_killed.take  # type: ignore[method-assign]

    again = watching(drop.root, drop.hands, drop.clock).look()

    assert again == 1
    assert [file.body for file in drop.hands.taken] == [REPORT, REPORT]
    assert drop.files() == []
    assert list(drop.reports()) == ["report.xml.accepted.json"]


@dataclass
class _KilledAfter:
    """Takes a file, and ends the process before anything else can happen."""

    take: Callable[[DroppedFile], Accepted]

    def __call__(self, file: DroppedFile) -> Accepted:
        self.take(file)
        raise SystemExit


def test_a_file_written_to_while_it_is_claimed_is_read_again(drop: Drop, monkeypatch: pytest.MonkeyPatch) -> None:
    real, seen = local_shelf.read_whole, []

    def read_and_write(name: str, *, within: int, limit: int) -> Any:
        before, body, after = real(name, within=within, limit=limit)
        seen.append(name)
        return (before, body, after) if len(seen) > 1 else (before, body[:5], before.__class__(**_grown(before)))

    monkeypatch.setattr(local_shelf, "read_whole", read_and_write)
    drop.put("report.xml")

    first = drop.settle()
    second = drop.watched.look()

    assert (first, second) == (0, 1)
    assert [file.body for file in drop.hands.taken] == [REPORT]


def _grown(stand: Any) -> dict[str, int]:
    names = ("inode", "size_bytes", "changed_ns", "mode", "links")
    return {name: getattr(stand, name) for name in names} | {"changed_ns": 1}


def test_a_document_called_like_a_report_is_not_overlooked(drop: Drop) -> None:
    drop.put("referral.accepted.json", b'{"child": "Testina"}')

    drop.settle()

    (report,) = [name for name in drop.reports() if name.endswith("refused.json")]
    told = json.loads((drop.school / report).read_text())
    assert told["problem"]["code"] == "name"


def test_our_own_reports_are_not_taken_for_documents(drop: Drop) -> None:
    drop.put("report.xml")
    drop.settle()

    drop.settle()

    assert len(drop.hands.taken) == 1
    assert list(drop.reports()) == ["report.xml.accepted.json"]


@pytest.mark.parametrize(("seconds", "left"), [(3590, 1), (3610, 0)])
def test_old_reports_go_away(drop: Drop, seconds: float, left: int) -> None:
    drop.put("report.xml")
    drop.settle()
    drop.clock.move(seconds=seconds)

    drop.watched.look()

    assert len(drop.reports()) == left


def test_many_files_go_in_at_one_look(drop: Drop) -> None:
    _ = [drop.put(f"report-{number}.xml") for number in range(50)]

    assert drop.settle() == 50
    assert drop.files() == []


def test_only_the_gateway_may_look_into_the_folder_of_claimed_files(drop: Drop) -> None:
    drop.watched.look()

    assert (drop.root / ".taking").stat().st_mode & 0o777 == 0o700


def test_a_folder_taken_away_by_its_sender_does_not_stop_the_others(drop: Drop) -> None:
    other = drop.root / "other-school" / "sims" / "superstar-1"
    other.mkdir(parents=True)
    (other / "report.xml").write_bytes(REPORT)
    drop.watched.look()
    drop.school.rmdir()
    drop.clock.move(seconds=3)

    assert drop.watched.look() == 1


def test_the_drop_folder_may_itself_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "drop").symlink_to(tmp_path / "real")
    hands, clock = Hands(), SteppedClock()
    drop = Drop(tmp_path / "real", clock, hands, watching(tmp_path / "drop", hands, clock))
    drop.school.mkdir(parents=True)
    drop.put("report.xml")

    assert drop.settle() == 1


def test_a_report_that_a_killed_process_began_is_taken_away(drop: Drop) -> None:
    drop.put(".report_01jd0f7w1ge7v9q2w3k5n8x4yz", b'{"report": "ecaf-g')

    drop.settle()

    assert (drop.files(), drop.reports(), drop.hands.taken) == ([], {}, [])


@pytest.mark.parametrize("hours", [1, 24], ids=["an hour", "a day"])
def test_a_clock_that_is_set_back_does_not_keep_a_file_waiting(drop: Drop, hours: float) -> None:
    drop.put("pupils.xml")
    drop.watched.look()
    drop.clock.move(hours=-hours)

    assert drop.settle() == 1


def test_of_two_processes_that_watch_a_folder_the_slower_one_calls_nobody(drop: Drop) -> None:
    """Whoever finds a claimed file finishes it, because it may be a killed process's; so two may be at one."""
    faster = watching(drop.root, drop.hands, drop.clock)

    @dataclass
    class Overtaken(Hands):
        def take(self, file: DroppedFile) -> Accepted:
            faster.look()
            return super().take(file)

    slower = Overtaken()
    drop.put("report.xml")

    with capture_logs() as told:
        Drop(drop.root, drop.clock, slower, watching(drop.root, slower, drop.clock)).settle()

    assert [one["event"] for one in told] == [LogEvent.FILE_ACCEPTED]
    assert (len(slower.taken), len(drop.hands.taken), drop.files()) == (1, 1, [])
    assert list(drop.reports()) == ["report.xml.accepted.json"]
