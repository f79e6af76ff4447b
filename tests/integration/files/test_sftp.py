"""Are files taken from an SFTP server as from the watched folder, and from no server but the one we know?

The server is OpenSSH's own.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from gateway.adapters.files.claims import DroppedFile
from gateway.adapters.files.sftp_connection import SftpPlace
from gateway.adapters.files.sftp_shelf import SftpShelf
from gateway.adapters.files.walk import Place
from gateway.adapters.files.watch import FolderPatience, Watch
from gateway.errors import ConflictError, MalformedMessageError, NotAllowedError, PartnerUnavailableError
from gateway.flows.envelope import Accepted
from gateway.model.identifiers import MessageId
from tests.engines.sshd import SshServer, make_key, ssh_server
from tests.fakes.clock import SteppedClock
from tests.fakes.ids import CountedIds

REPORT = b"<SuperStarReport><Record><Forename>Testina</Forename></Record></SuperStarReport>"
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


@dataclass
class Elsewhere:
    """A partner's folder on a server, and one who looks at it."""

    server: SshServer
    root: Path
    place: SftpPlace
    clock: SteppedClock = field(default_factory=SteppedClock)
    hands: Hands = field(default_factory=Hands)
    refuses: Exception | None = None

    def __post_init__(self) -> None:
        self.watch = self.watching(self.place)

    def watching(self, place: SftpPlace) -> Watch:
        patience = FolderPatience(size_bytes=3_000_000, stable_seconds=2, unfinished_seconds=900, report_seconds=604800)
        shelf = SftpShelf(place, seconds=10)
        return Watch(
            shelf, admit=self.admit, take=self.hands.take, clock=self.clock, ids=CountedIds(), patience=patience
        )

    def admit(self, _place: Place) -> None:
        if self.refuses is not None:
            raise self.refuses

    @property
    def school(self) -> Path:
        return self.root / "sims" / "superstar-1"

    def put(self, name: str, content: bytes = REPORT) -> Path:
        path = self.school / name
        path.write_bytes(content)
        return path

    def settle(self, seconds: float = 3) -> int:
        before = self.watch.look()
        self.clock.move(seconds=seconds)
        return before + self.watch.look()

    def files(self) -> list[str]:
        found = (path.relative_to(self.root) for path in self.root.rglob("*") if path.is_file() or path.is_symlink())
        return sorted(str(path) for path in found)

    def report(self, name: str) -> dict[str, Any]:
        told: dict[str, Any] = json.loads((self.school / name).read_text())
        return told


@pytest.fixture(scope="module")
def running() -> Iterator[SshServer]:
    with ssh_server() as server:
        yield server


@pytest.fixture
def elsewhere(running: SshServer, tmp_path: Path) -> Elsewhere:
    root = tmp_path / "out of their hands"
    (root / "sims" / "superstar-1").mkdir(parents=True)
    place = SftpPlace(
        organisation="school-example",
        host="127.0.0.1",
        port=running.port,
        user=running.user,
        folder=str(root),
        host_key=running.host_key,
        key_file=running.key_file,
    )
    return Elsewhere(running, root, place)


def test_a_file_goes_in_whole_and_its_receipt_lies_in_its_place(elsewhere: Elsewhere) -> None:
    elsewhere.put("report.xml")

    accepted = elsewhere.settle()

    (file,) = elsewhere.hands.taken
    assert accepted == 1
    assert (file.organisation, file.partner, file.message, file.name) == (*WHERE, "report.xml")
    assert file.body == REPORT
    assert elsewhere.files() == ["sims/superstar-1/report.xml.accepted.json"]
    assert elsewhere.report("report.xml.accepted.json")["message_id"] == "msg_1"


def test_a_large_file_arrives_byte_for_byte(elsewhere: Elsewhere) -> None:
    body = b"<a>" + bytes(range(32, 127)).replace(b"<", b"").replace(b"&", b"") * 25_000 + b"</a>"
    elsewhere.put("large.xml", body)

    elsewhere.settle()

    assert elsewhere.hands.taken[0].body == body


def test_a_file_that_still_grows_is_left_alone(elsewhere: Elsewhere) -> None:
    path = elsewhere.put("report.xml", REPORT[:20])
    elsewhere.watch.look()
    elsewhere.clock.move(seconds=3)
    path.write_bytes(REPORT)

    assert elsewhere.watch.look() == 0
    assert elsewhere.settle() == 1
    assert elsewhere.hands.taken[0].body == REPORT


def test_half_a_file_is_waited_for(elsewhere: Elsewhere) -> None:
    elsewhere.put("report.xml", REPORT[:-4])

    assert elsewhere.settle(seconds=600) == 0
    assert elsewhere.files() == ["sims/superstar-1/report.xml"]


def test_what_the_gate_refuses_is_reported_and_gone(elsewhere: Elsewhere) -> None:
    elsewhere.hands.raises = MalformedMessageError("not XML")
    elsewhere.put("report.xml")

    elsewhere.settle()

    assert elsewhere.files() == ["sims/superstar-1/report.xml.refused.json"]
    assert elsewhere.report("report.xml.refused.json")["problem"]["code"] == "malformed"


def test_what_nobody_keeps_is_put_back_under_its_name(elsewhere: Elsewhere) -> None:
    elsewhere.hands.raises = ConflictError("used", code="idempotency-conflict")
    elsewhere.put("report.xml")

    elsewhere.settle()

    assert elsewhere.files() == ["sims/superstar-1/report.xml", "sims/superstar-1/report.xml.refused.json"]


def test_once_it_is_taken_an_earlier_refusal_goes_away(elsewhere: Elsewhere) -> None:
    elsewhere.refuses = NotAllowedError("no", code="scope")
    elsewhere.put("report.xml")
    elsewhere.settle()
    elsewhere.refuses = None

    elsewhere.clock.move(seconds=61)
    elsewhere.watch.look()

    assert elsewhere.files() == ["sims/superstar-1/report.xml.accepted.json"]


def test_a_link_is_not_followed(elsewhere: Elsewhere, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(REPORT)
    (elsewhere.school / "report.xml").symlink_to(tmp_path / "secret")

    elsewhere.settle()

    assert elsewhere.hands.taken == []
    assert elsewhere.report("report.xml.refused.json")["problem"]["code"] == "not-a-file"


def test_a_file_over_the_limit_is_never_read(elsewhere: Elsewhere) -> None:
    elsewhere.put("report.xml", b"x" * 3_000_001)

    elsewhere.settle()

    assert elsewhere.hands.taken == []
    assert elsewhere.report("report.xml.refused.json")["problem"]["code"] == "too-large"


def test_what_became_of_each_record_is_told_beside(elsewhere: Elsewhere) -> None:
    elsewhere.watch.tell_records(lambda _place, message: json.dumps({"message_id": message, "records": [1]}).encode())
    elsewhere.put("report.xml")
    elsewhere.settle()

    elsewhere.watch.look()
    elsewhere.watch.look()

    assert elsewhere.report("report.xml.records.json")["records"] == [1]


def test_only_we_may_look_at_what_is_being_taken(elsewhere: Elsewhere) -> None:
    elsewhere.put("report.xml")
    elsewhere.settle()

    assert (elsewhere.root / ".taking").stat().st_mode & 0o077 == 0


def test_a_process_killed_after_acceptance_has_one_effect(elsewhere: Elsewhere) -> None:
    def killed() -> None:
        raise SystemExit

    elsewhere.hands.afterwards = killed
    elsewhere.put("report.xml")
    with pytest.raises(SystemExit):
        elsewhere.settle()
    elsewhere.hands.afterwards = None

    again = elsewhere.watching(elsewhere.place).look()

    assert again == 1
    assert [file.body for file in elsewhere.hands.taken] == [REPORT, REPORT]
    assert elsewhere.files() == ["sims/superstar-1/report.xml.accepted.json"]


def test_a_server_that_dies_before_the_report_is_written_is_told_later(elsewhere: Elsewhere) -> None:
    elsewhere.put("report.xml")
    elsewhere.hands.afterwards = elsewhere.server.stop
    first = elsewhere.settle()
    elsewhere.hands.afterwards = None
    elsewhere.server.start()
    elsewhere.clock.move(seconds=61)

    assert (first, elsewhere.watch.look()) == (0, 1)
    assert elsewhere.files() == ["sims/superstar-1/report.xml.accepted.json"]


def test_of_two_gateways_one_gets_a_file(elsewhere: Elsewhere) -> None:
    other = elsewhere.watching(elsewhere.place)
    elsewhere.put("report.xml")
    other.look()
    elsewhere.watch.look()
    elsewhere.clock.move(seconds=3)

    assert (elsewhere.watch.look(), other.look()) == (1, 0)
    assert len(elsewhere.hands.taken) == 1


def _code(elsewhere: Elsewhere, place: SftpPlace) -> str:
    with pytest.raises(PartnerUnavailableError) as caught:
        elsewhere.watching(place).look()
    return caught.value.code


def test_another_server_at_the_address_is_told_nothing(elsewhere: Elsewhere, tmp_path: Path) -> None:
    kind, key, *_ = make_key(tmp_path / "another").with_suffix(".pub").read_text().split()
    elsewhere.put("report.xml")
    before = (elsewhere.server.told.count("Accepted publickey"), elsewhere.server.told.count("Failed publickey"))

    code = _code(elsewhere, replace(elsewhere.place, host_key=f"{kind} {key}"))

    assert code == "host-key"
    assert (
        elsewhere.server.told.count("Accepted publickey"),
        elsewhere.server.told.count("Failed publickey"),
    ) == before


def test_a_server_that_does_not_know_our_key_lets_us_not_in(elsewhere: Elsewhere, tmp_path: Path) -> None:
    assert _code(elsewhere, replace(elsewhere.place, key_file=make_key(tmp_path / "unknown"))) == "login"


def test_a_private_key_that_others_can_read_is_not_used(elsewhere: Elsewhere, tmp_path: Path) -> None:
    key = make_key(tmp_path / "open")
    key.chmod(0o640)

    assert _code(elsewhere, replace(elsewhere.place, key_file=key)) == "key"


@pytest.mark.parametrize("content", [None, b"", b"-----BEGIN OPENSSH PRIVATE KEY-----\nTestina\n"])
def test_a_key_file_without_a_key_is_told_and_never_shown(
    elsewhere: Elsewhere, tmp_path: Path, content: bytes | None
) -> None:
    file = tmp_path / "no-key"
    file.write_bytes(content or b"")
    file.chmod(0o600)

    with pytest.raises(PartnerUnavailableError) as caught:
        elsewhere.watching(replace(elsewhere.place, key_file=file if content is not None else tmp_path / "x")).look()

    assert caught.value.code == "key"
    assert "Testina" not in str(caught.value)


def test_a_server_that_is_away_is_told_as_such_and_found_again(elsewhere: Elsewhere) -> None:
    elsewhere.put("report.xml")
    elsewhere.server.stop()
    code = _code(elsewhere, elsewhere.place)
    elsewhere.server.start()

    assert code == "unreachable"
    assert elsewhere.settle() == 1
