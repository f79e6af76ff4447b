"""Nothing attached leaves before a scanner has found nothing in it, and nothing else waits for that."""

import json
from base64 import b64decode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from gateway.errors import PartnerRefusedError, PartnerUnavailableError
from gateway.flows.by_hand.aftercare import MisSend
from gateway.flows.delivering.dead_letters import DeadLetters
from gateway.flows.delivering.scanner import Clean, Malware, Unsaid
from gateway.flows.receiving.acknowledge import require_told
from gateway.flows.store.rows import Delivery, Lane, Record, Scan, ScanState, State
from gateway.flows.tally import Counted
from gateway.model.identifiers import MessageId
from tests.fakes.attached import LETTER, OTHER, pupil_with, referral_with
from tests.fakes.scanner import ScriptedScanner
from tests.integration.flows.house import ECAF, MASH, SCHOOL, House

INFECTED = Malware(signature="Invented.Test-1")
AWAY = Unsaid(code="scanner-away", is_away=True)
ODD = Unsaid(code="scanner-failed")


@pytest.fixture
def scanner() -> ScriptedScanner:
    return ScriptedScanner()


@pytest.fixture
def house(tmp_path: Path, scanner: ScriptedScanner) -> Iterator[House]:
    """A gateway with a scanner."""
    built = House.build(tmp_path, scanner=scanner)
    yield built
    built.app.bus.close()
    built.app.store.close()


def school_sends(house: House, *contents: bytes) -> MessageId:
    return house.accept(pupil_with(*contents), by=SCHOOL, form="sims/csv-1")


def referrer_sends(house: House, reference: str, *contents: bytes, **more: Any) -> MessageId:
    return house.accept(referral_with(reference, contents, **more), form="mash/referral-1")


def record_of(house: House, message: MessageId) -> Record:
    return house.app.store.read(lambda uow: uow.records.of_message(message)[0])


def scans_of(house: House, message: MessageId) -> list[Scan]:
    record = record_of(house, message)
    return list(house.app.store.read(lambda uow: uow.attachments.scans(record.record_id)))


def states(house: House, message: MessageId) -> list[ScanState]:
    return [one.state for one in scans_of(house, message)]


def contents(document: Any) -> list[bytes | None]:
    """Return what a document that left carries of each attached one."""
    return [b64decode(form["content"]) if "content" in form else None for form in document["forms"]]


def sent(house: House, recipient: Any) -> list[list[bytes | None]]:
    return [contents(document) for document in house.outlet.to(recipient) if "forms" in document]


def events(house: House, record: Record, kind: str) -> list[dict[str, Any]]:
    """Return what was recorded of *kind* about the record's child, opened."""
    trail = house.app.desk.trail

    def read(uow: Any) -> list[dict[str, Any]]:
        key = uow.children.get(record.subjects[0]).wrapped_key
        rows = [one for one in uow.audit.of_child(record.subjects[0]) if one.kind == kind]
        return [json.loads(trail.reveal(one, key)[1]) for one in rows]

    return house.app.store.read(read)


def test_what_is_clean_leaves_with_its_record_the_first_time(house: House, scanner: ScriptedScanner) -> None:
    message = school_sends(house, LETTER)

    house.work()

    assert scanner.shown == [LETTER]
    assert sent(house, ECAF) == [[LETTER]]
    assert states(house, message) == [ScanState.CLEAN]


def test_what_is_urgent_is_not_even_shown_to_the_scanner_before_it_goes(house: House, scanner: ScriptedScanner) -> None:
    referrer_sends(house, "RED1", LETTER)

    house.work()

    assert scanner.shown == []
    assert sent(house, MASH) == [[None]]
    assert house.deliveries(MASH)[0].lane is Lane.URGENT


def test_what_is_attached_to_something_urgent_follows_once_it_is_clean(house: House, scanner: ScriptedScanner) -> None:
    referrer_sends(house, "RED1", LETTER)
    house.work()

    assert house.app.scans.sweep() == 1
    house.work()

    assert scanner.shown == [LETTER]
    assert sent(house, MASH) == [[None], [LETTER]]
    first, second = house.deliveries(MASH)
    assert (second.state, second.permit_id, second.lane) == (State.ACKNOWLEDGED, first.permit_id, Lane.URGENT)


def test_malware_never_leaves_and_the_rest_of_the_record_does(house: House, scanner: ScriptedScanner) -> None:
    scanner.says = [INFECTED, Clean()]
    message = school_sends(house, LETTER, OTHER)

    house.work()
    house.app.scans.sweep()
    house.work()

    assert sent(house, ECAF) == [[None, OTHER]]
    assert states(house, message) == [ScanState.MALWARE, ScanState.CLEAN]
    assert [form["sha256"] for form in house.outlet.to(ECAF)[0]["forms"]]


def test_an_urgent_referral_with_malware_goes_once_and_what_is_attached_never(
    house: House, scanner: ScriptedScanner
) -> None:
    scanner.says = [INFECTED]
    referrer_sends(house, "RED1", LETTER)

    house.work()
    house.app.scans.sweep()
    house.work()

    assert sent(house, MASH) == [[None]]


def test_malware_is_recorded_with_digest_and_name_and_nothing_else(house: House, scanner: ScriptedScanner) -> None:
    scanner.says = [INFECTED]
    message = referrer_sends(house, "RED1", LETTER)
    house.work()

    with capture_logs() as lines:
        house.app.scans.sweep()

    record = record_of(house, message)
    (told,) = events(house, record, "attachment.scanned")
    assert (told["state"], told["signature"], len(told["attachments"])) == ("malware", "Invented.Test-1", 1)
    assert [line["event"] for line in lines] == ["malware.found"]
    assert not [word for word in ("letter-0", "invented letter") if word in json.dumps([told, lines], default=str)]
    assert house.app.desk.tally.counts(Counted.SCANNED) == {("malware",): 1}


def test_an_engineer_is_told_once_for_a_record_with_malware(house: House, scanner: ScriptedScanner) -> None:
    scanner.says = [INFECTED, INFECTED]
    message = referrer_sends(house, "RED1", LETTER, OTHER)
    house.work()

    house.app.scans.sweep()

    (asked,) = house.reviews("H-MALWARE")
    assert (asked.kind, asked.role) == ("malware", "INTEGRATION_ENGINEER")
    assert asked.subject_id == record_of(house, message).record_id


def test_while_the_scanner_is_away_the_text_goes_and_what_is_attached_waits(
    house: House, scanner: ScriptedScanner
) -> None:
    scanner.away, scanner.says = "scanner-away", [AWAY]
    message = school_sends(house, LETTER)

    house.work()

    assert sent(house, ECAF) == [[None]]
    assert states(house, message) == [ScanState.WAITING]
    assert house.app.scans.sweep() == 0


def test_when_the_scanner_is_back_what_waited_is_scanned_and_sent_by_itself(
    house: House, scanner: ScriptedScanner
) -> None:
    scanner.away, scanner.says = "scanner-away", [AWAY]
    message = school_sends(house, LETTER)
    house.work()
    house.app.scans.sweep()

    scanner.away = None
    house.app.scans.sweep()
    house.work()

    assert states(house, message) == [ScanState.CLEAN]
    assert sent(house, ECAF) == [[None], [LETTER]]


def test_whoever_may_not_have_an_attached_document_hears_nothing_of_it(house: House, scanner: ScriptedScanner) -> None:
    """Neither that there is one, nor, by a second document, that it was looked at."""
    scanner.away, scanner.says = "scanner-away", [AWAY]
    message = school_sends(house, LETTER)
    house.work_messages()
    (child,) = record_of(house, message).subjects
    house.app.facts.flags.set(child, {"flag": "ADDRESS_WITHHELD"}, actor="usr_1")
    house.work()
    house.app.scans.sweep()

    scanner.away = None
    house.app.scans.sweep()
    house.work()

    assert states(house, message) == [ScanState.CLEAN]
    assert ["forms" in document for document in house.outlet.to(ECAF)] == [False]


def test_a_scanner_that_is_away_is_said_once_and_so_is_its_return(house: House, scanner: ScriptedScanner) -> None:
    scanner.away = "scanner-away"

    with capture_logs() as lines:
        house.app.scans.sweep()
        house.app.scans.sweep()
        scanner.away = None
        house.app.scans.sweep()
        house.app.scans.sweep()

    assert [line["event"] for line in lines] == ["scanner.lost", "scanner.back"]


def test_nobody_waits_for_a_scanner_known_to_be_away(house: House, scanner: ScriptedScanner) -> None:
    scanner.away = "scanner-away"
    house.app.scans.sweep()

    school_sends(house, LETTER)
    house.work()

    assert scanner.shown == []
    assert sent(house, ECAF) == [[None]]


def test_without_a_scanner_attached_documents_wait_and_the_text_goes_on(tmp_path: Path) -> None:
    house = House.build(tmp_path / "no-scanner")
    message = school_sends(house, LETTER)

    house.work()

    assert house.app.scans.sweep() == 0
    assert sent(house, ECAF) == [[None]]
    assert states(house, message) == [ScanState.WAITING]
    house.app.bus.close()
    house.app.store.close()


def test_one_that_cannot_be_said_is_asked_again_later_and_holds_up_no_other(
    house: House, scanner: ScriptedScanner
) -> None:
    scanner.says = [ODD]
    message = referrer_sends(house, "RED1", LETTER, OTHER)
    house.work()

    assert house.app.scans.sweep() == 0
    assert house.app.scans.sweep() == 1
    house.work()

    assert states(house, message) == [ScanState.WAITING, ScanState.CLEAN]
    assert sent(house, MASH) == [[None, None], [None, OTHER]]
    assert scans_of(house, message)[0].attempt == 1


def test_what_could_not_be_said_for_long_follows_too(house: House, scanner: ScriptedScanner) -> None:
    scanner.says = [ODD]
    referrer_sends(house, "RED1", LETTER, OTHER)
    house.work()
    house.app.scans.sweep()
    house.app.scans.sweep()
    house.work()
    house.clock.move(hours=1)

    house.app.scans.sweep()
    house.work()

    assert sent(house, MASH) == [[None, None], [None, OTHER], [LETTER, OTHER]]


def test_what_has_not_gone_yet_is_not_sent_twice(house: House, scanner: ScriptedScanner) -> None:
    message = referrer_sends(house, "RED1", LETTER)
    house.app.process.work(house.leased_messages()[0])

    house.app.scans.sweep()
    house.work()

    assert scanner.shown == [LETTER]
    assert sent(house, MASH) == [[LETTER]]
    assert states(house, message) == [ScanState.CLEAN]


def test_what_becomes_known_between_reading_and_marking_is_read_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the document would go without it, and nobody would know that it went without."""
    referrer_sends(house, "RED1", LETTER)
    house.app.process.work(house.leased_messages()[0])
    (delivery,) = house.leased()
    marked: list[Delivery] = []
    begin = type(house.app.deliver)._marked

    def meanwhile(own: Any, *args: Any) -> Delivery:
        marked.append(begin(own, *args))
        house.app.scans.sweep()
        return marked[-1]

    monkeypatch.setattr(type(house.app.deliver), "_marked", meanwhile)
    house.app.deliver.attempt(delivery)
    house.work()

    assert len(marked) == 2
    assert sent(house, MASH) == [[LETTER]]


@pytest.mark.parametrize("known", [ScanState.CLEAN, ScanState.MALWARE])
def test_what_is_known_never_changes_again(house: House, scanner: ScriptedScanner, known: ScanState) -> None:
    """Two processes may show one document to the scanner at once: the first answer stands."""
    verdicts = {ScanState.CLEAN: (Clean(), INFECTED), ScanState.MALWARE: (INFECTED, Clean())}[known]
    message = referrer_sends(house, "RED1", LETTER)
    house.work()
    (scan,) = scans_of(house, message)
    looks: Callable[..., bool] = house.app.scans._look
    scanner.says = list(verdicts)

    looks(scanner, scan)
    looks(scanner, scan)

    assert states(house, message) == [known]


def test_what_came_in_another_shape_than_base64_never_leaves(house: House, scanner: ScriptedScanner) -> None:
    """Nobody could show it to a scanner, and a lenient reader might unpack it all the same."""
    body = referral_with("RED1", [], forms=[{"kind": "letter", "content": "bm90!strict;base64=="}])
    house.accept(body, form="mash/referral-1")

    house.work()
    house.app.scans.sweep()
    house.work()

    assert scanner.shown == []
    assert sent(house, MASH) == [[None]]


def test_a_retry_sends_the_bytes_it_sent_before_and_what_is_attached_follows(
    house: House, scanner: ScriptedScanner
) -> None:
    """The partner may have the first try: the same message id must never stand for other bytes."""
    referrer_sends(house, "RED1", LETTER)
    house.outlet.fails = [PartnerUnavailableError("nobody answers", code="timeout")]
    house.work()

    house.app.scans.sweep()
    house.work()
    house.clock.move(minutes=20)
    house.work()
    house.clock.move(minutes=20)
    house.work()

    assert scanner.shown == [LETTER]
    assert sent(house, MASH) == [[None], [None], [LETTER]]
    assert [one.state for one in house.deliveries(MASH)] == [State.ACKNOWLEDGED, State.ACKNOWLEDGED]


def test_what_was_found_clean_while_its_record_was_stuck_follows_the_replay(house: House) -> None:
    """The replay sends the bytes of the first try, which the partner may have: what is attached was not in them."""
    referrer_sends(house, "RED1", LETTER)
    house.outlet.fails = [PartnerRefusedError("no", code="partner-unprocessable")]
    house.work()
    house.app.scans.sweep()
    (stuck,) = house.deliveries(MASH)

    DeadLetters(house.app.desk).replay(stuck.delivery_id, actor="usr_1")
    house.work()

    assert sent(house, MASH) == [[None], [None], [LETTER]]


def test_who_recalls_what_was_to_follow_has_what_may_be_there_already_purged(house: House) -> None:
    """It is stopped between two tries too, and could not be recalled any more."""
    referrer_sends(house, "RED1", LETTER)
    house.outlet.fails = [PartnerUnavailableError("nobody answers", code="timeout")]
    house.work()
    house.app.scans.sweep()
    first, second = house.deliveries(MASH)
    told = MisSend(by="usr_1", role="IG_OFFICER", rationale="The wrong one was picked.", lesson="wrong-recipient")

    done = house.app.aftercare.recall(second.delivery_id, told)
    house.clock.move(minutes=20)
    house.work()

    asked = [json.loads(body)["document"] for _, kind, body in house.outlet.sent if kind == "caf.notice.sent"]
    assert done == "purge-requested"
    assert [(one["step"], one["documents"]) for one in asked] == [("PURGE", [first.delivery_id])]
    assert len(sent(house, MASH)) == 1


def test_a_withdrawal_stops_what_was_to_follow(house: House, scanner: ScriptedScanner) -> None:
    scanner.away, scanner.says = "scanner-away", [AWAY]
    message = school_sends(house, LETTER)
    house.work()
    house.app.facts.withdraw_consent(record_of(house, message).subjects[0], actor="usr_1")

    scanner.away = None
    house.app.scans.sweep()
    house.work()

    assert sent(house, ECAF) == [[None]]
    assert [one.state for one in house.deliveries(ECAF) if one.kind != "caf.notice.sent"][-1] is State.WITHDRAWN


def test_the_sender_is_told_what_was_found(house: House, scanner: ScriptedScanner) -> None:
    scanner.says = [INFECTED]
    message = referrer_sends(house, "RED1", LETTER)
    house.work()
    before = house.app.acknowledge.documents(house.message(message))

    house.app.scans.sweep()

    (waiting,), (infected,) = before, house.app.acknowledge.documents(house.message(message))
    assert waiting["scan"] == "waiting"
    assert infected == {"sha256": waiting["sha256"], "scan": "malware", "signature": "Invented.Test-1"}


def test_a_school_is_told_of_which_record(house: House, scanner: ScriptedScanner) -> None:
    scanner.says = [INFECTED]
    message = school_sends(house, LETTER)

    house.work()

    told: Any = json.loads(require_told(house.app.acknowledge.told(message)).text)
    (record,) = told["records"]
    assert record["result"] == "taken-with-warnings"
    assert [problem["code"] for problem in record["problems"]] == ["malware"]
    assert record["documents"][0]["scan"] == "malware"
    assert told["file"]["result"] == "all-taken"
