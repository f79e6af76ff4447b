"""Are files taken from a server as from the watched folder, whichever kind of server it is? One suite for each kind."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.errors import ConflictError, MalformedMessageError, NotAllowedError, PartnerUnavailableError
from gateway.formats.body import Body, whole
from tests.engines.s3 import S3Server, s3_server
from tests.engines.sshd import SshServer, ssh_server
from tests.integration.files.elsewhere import FORM, REPORT, WHERE, Elsewhere, Ground
from tests.integration.files.grounds import S3Ground, SftpGround

LARGE = b"<a>" + bytes(range(32, 127)).replace(b"<", b"").replace(b"&", b"") * 25_000 + b"</a>"


@pytest.fixture(scope="module")
def sshd() -> Iterator[SshServer]:
    with ssh_server() as server:
        yield server


@pytest.fixture(scope="module")
def s3() -> Iterator[S3Server]:
    with s3_server() as server:
        yield server


@pytest.fixture
def on_sftp(sshd: SshServer, tmp_path: Path) -> Ground:
    return SftpGround(sshd, tmp_path / "out of their hands")


@pytest.fixture
def on_s3(s3: S3Server) -> Ground:
    return S3Ground(s3)


@pytest.fixture(params=["on_sftp", "on_s3"], ids=["SFTP", "S3"])
def ground(request: pytest.FixtureRequest) -> Ground:
    made: Ground = request.getfixturevalue(request.param)
    return made


@pytest.fixture
def elsewhere(ground: Ground) -> Elsewhere:
    return Elsewhere(ground)


def test_a_file_goes_in_whole_and_its_receipt_lies_in_its_place(elsewhere: Elsewhere) -> None:
    elsewhere.put("report.xml")

    accepted = elsewhere.settle()

    (file,) = elsewhere.hands.taken
    assert accepted == 1
    assert (file.organisation, file.partner, file.message, file.name) == (*WHERE, "report.xml")
    assert file.body == REPORT
    assert elsewhere.files() == [f"{FORM}/report.xml.accepted.json"]
    assert elsewhere.report("report.xml.accepted.json")["message_id"] == "msg_1"


def test_a_large_file_arrives_byte_for_byte_however_it_is_read(elsewhere: Elsewhere) -> None:
    read: list[bytes] = []

    def look_into() -> None:
        body = elsewhere.hands.taken[0].body
        assert isinstance(body, Body)
        read.extend([whole(body), body.span(1_000_000, 7), body.span(len(LARGE) - 3, 99)])

    elsewhere.hands.afterwards = look_into
    elsewhere.put("large.xml", LARGE)

    elsewhere.settle()

    assert read == [LARGE, LARGE[1_000_000:1_000_007], LARGE[-3:]]
    assert elsewhere.files() == [f"{FORM}/large.xml.accepted.json"]


def test_a_file_that_still_grows_is_left_alone(elsewhere: Elsewhere) -> None:
    elsewhere.put("report.xml", REPORT[:20])
    elsewhere.watch.look()
    elsewhere.clock.move(seconds=3)
    elsewhere.put("report.xml")

    assert elsewhere.watch.look() == 0
    assert elsewhere.settle() == 1
    assert elsewhere.hands.taken[0].body == REPORT


def test_half_a_file_is_waited_for(elsewhere: Elsewhere) -> None:
    elsewhere.put("report.xml", REPORT[:-4])

    assert elsewhere.settle(seconds=600) == 0
    assert elsewhere.files() == [f"{FORM}/report.xml"]


def test_an_empty_file_is_waited_for_and_then_handed_in(elsewhere: Elsewhere) -> None:
    elsewhere.put("report.xml", b"")

    assert elsewhere.settle(seconds=600) == 0
    assert elsewhere.settle(seconds=600) == 1
    assert elsewhere.hands.taken[0].body == b""


def test_what_the_gate_refuses_is_reported_and_gone(elsewhere: Elsewhere) -> None:
    elsewhere.hands.raises = MalformedMessageError("not XML")
    elsewhere.put("report.xml")

    elsewhere.settle()

    assert elsewhere.files() == [f"{FORM}/report.xml.refused.json"]
    assert elsewhere.report("report.xml.refused.json")["problem"]["code"] == "malformed"


def test_what_nobody_keeps_is_put_back_under_its_name(elsewhere: Elsewhere) -> None:
    elsewhere.hands.raises = ConflictError("used", code="idempotency-conflict")
    elsewhere.put("report.xml")

    elsewhere.settle()

    assert elsewhere.files() == [f"{FORM}/report.xml", f"{FORM}/report.xml.refused.json"]
    assert elsewhere.ground.read("report.xml") == REPORT


def test_what_is_put_back_takes_the_place_of_no_newer_file(elsewhere: Elsewhere) -> None:
    def refuse() -> None:
        elsewhere.put("report.xml", b"<newer/>")
        raise ConflictError("used", code="idempotency-conflict")

    elsewhere.hands.afterwards = refuse
    elsewhere.put("report.xml")

    elsewhere.settle()

    (put_back,) = [name for name in elsewhere.files() if name.endswith("~report.xml")]
    assert elsewhere.ground.read("report.xml") == b"<newer/>"
    assert elsewhere.ground.read(put_back.removeprefix(f"{FORM}/")) == REPORT


def test_once_it_is_taken_an_earlier_refusal_goes_away(elsewhere: Elsewhere) -> None:
    elsewhere.refuses = NotAllowedError("no", code="scope")
    elsewhere.put("report.xml")
    elsewhere.settle()
    elsewhere.refuses = None

    elsewhere.clock.move(seconds=61)
    elsewhere.watch.look()

    assert elsewhere.files() == [f"{FORM}/report.xml.accepted.json"]


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


def test_a_report_goes_away_after_a_week(elsewhere: Elsewhere) -> None:
    elsewhere.put("report.xml")
    elsewhere.settle()

    elsewhere.clock.move(days=9)
    elsewhere.watch.look()

    assert elsewhere.files() == []


def test_a_document_called_like_a_report_is_no_report(elsewhere: Elsewhere) -> None:
    elsewhere.put("report.xml.accepted.json", b'{"not": "ours"}')

    elsewhere.settle()

    assert elsewhere.report("report.xml.accepted.json") == {"not": "ours"}
    assert elsewhere.report("report.xml.accepted.json.refused.json")["problem"]["code"] == "name"


@pytest.mark.parametrize("name", ["tab\there.xml", "l" * 181, "é" * 91], ids=["unseen", "long", "long in bytes"])
def test_a_file_with_an_odd_name_is_left_and_told_by_its_digest(elsewhere: Elsewhere, name: str) -> None:
    elsewhere.put(name)

    elsewhere.settle()

    (report,) = [one for one in elsewhere.files() if one.startswith(f"{FORM}/unnamed-")]
    assert elsewhere.hands.taken == []
    assert elsewhere.report(report.removeprefix(f"{FORM}/"))["problem"]["code"] == "name"


def _end_the_process() -> None:
    raise SystemExit


def test_a_process_killed_after_acceptance_has_one_effect(elsewhere: Elsewhere) -> None:
    elsewhere.hands.afterwards = _end_the_process
    elsewhere.put("report.xml")
    with pytest.raises(SystemExit):
        elsewhere.settle()
    elsewhere.hands.afterwards = None

    again = elsewhere.watching(elsewhere.ground.shelf(seconds=10)).look()

    assert again == 1
    assert [file.body for file in elsewhere.hands.taken] == [REPORT, REPORT]
    assert elsewhere.files() == [f"{FORM}/report.xml.accepted.json"]


def test_a_server_that_dies_before_the_report_is_written_is_told_later(ground: Ground) -> None:
    elsewhere = Elsewhere(ground, seconds=2)
    elsewhere.put("report.xml")
    elsewhere.hands.afterwards = ground.lose
    first = _looked(elsewhere)
    elsewhere.hands.afterwards = None
    ground.find()
    elsewhere.clock.move(seconds=61)

    assert (first, elsewhere.watch.look()) == (0, 1)
    assert elsewhere.files() == [f"{FORM}/report.xml.accepted.json"]


def _looked(elsewhere: Elsewhere) -> int:
    try:
        return elsewhere.settle()
    except PartnerUnavailableError:
        return 0


def test_of_two_gateways_one_gets_a_file(elsewhere: Elsewhere) -> None:
    other = elsewhere.watching(elsewhere.ground.shelf(seconds=10))
    elsewhere.put("report.xml")
    other.look()
    elsewhere.watch.look()
    elsewhere.clock.move(seconds=3)

    assert (elsewhere.watch.look(), other.look()) == (1, 0)
    assert len(elsewhere.hands.taken) == 1
