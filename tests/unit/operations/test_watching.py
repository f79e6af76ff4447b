"""Are the trace and the counts of a document right behind the door, too?"""

import json

import pytest
import structlog
from structlog.testing import capture_logs

from gateway.flows.receiving.envelope import Incoming
from gateway.flows.store.rows import Lane, State
from gateway.flows.tally import Counted, Timed
from gateway.formats.register import FORMATS
from gateway.model.identifiers import MessageId, OrganisationId
from tests.unit.operations.house import House, a_form

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PORTAL, GOVUK = "referral-portal", "mash/govuk-forms-1"


@pytest.fixture
def sent(house: House) -> MessageId:
    incoming = Incoming(
        organisation=OrganisationId(PORTAL),
        format=FORMATS[GOVUK],
        body=a_form("safeguarding-unknown-child.json"),
        trace_id=TRACE,
    )
    return house.application.receive.accept(incoming).message_id


def test_a_trace_goes_on_to_the_partner(house: House, sent: MessageId) -> None:
    house.work()

    assert {(one.organisation.organisation, one.trace_id) for one in house.letterbox.taken} == {("barnet-mash", TRACE)}
    assert sent.startswith("msg_")


def test_the_log_line_of_a_failed_hand_over_names_the_trace(house: House, sent: MessageId) -> None:
    house.letterbox.is_open = False

    with capture_logs(processors=[structlog.contextvars.merge_contextvars]) as lines:
        house.work()

    (line,) = [line for line in lines if line["event"] == "delivery.failed"]
    assert (line["trace_id"], line["code"]) == (TRACE, "unreachable")
    assert sent.startswith("msg_")


def test_what_the_gateway_says_itself_belongs_to_the_same_trace(house: House, sent: MessageId) -> None:
    reference = json.loads(a_form("safeguarding-unknown-child.json"))["submission_reference"]
    house.work()
    decided = {"step": "decided", "outcome": "MO3", "reason": "Early help.", "advice": "They will call."}
    decision = {**decided, "reference": reference, "mash_reference": "M-1", "at": "2026-11-23T10:00:00Z"}
    house.receive("barnet-mash", "mash/decision-1", json.dumps(decision).encode())
    house.work()

    messages = house.application.store.read(lambda uow: uow.messages.find(limit=100))

    said = [message for message in messages if message.channel == "gateway"]
    assert said
    assert {message.trace_id for message in said} == {TRACE}
    assert {message.correlation_id for message in said} == {sent}


def test_a_hand_over_is_counted_and_timed(house: House, sent: MessageId) -> None:
    house.work()
    tally = house.application.desk.tally

    assert tally.counts(Counted.HANDED_OVER) == {("barnet-mash", "acknowledged"): 1}
    assert tally.times(Timed.HANDOVER)["barnet-mash",][0][-1] == 1
    assert tally.times(Timed.ARRIVAL)["urgent",][0][-1] == 1
    assert sum(tally.counts(Counted.DECIDED).values()) >= 1
    assert sent.startswith("msg_")


def test_a_failed_hand_over_is_counted_with_its_fate(house: House, sent: MessageId) -> None:
    house.letterbox.is_open = False
    house.work()
    tally = house.application.desk.tally

    assert tally.counts(Counted.HANDED_OVER) == {("barnet-mash", "unreachable"): 1}
    assert list(tally.counts(Counted.DELIVERY_FAILED)) == [("barnet-mash", "dead_letter")]
    assert sent.startswith("msg_")


def test_the_overview_tells_what_waits_for_whom(house: House, sent: MessageId) -> None:
    before = house.application.store.read(lambda uow: uow.overview.read(at=house.clock.now()))
    house.letterbox.is_open = False
    house.work()
    house.clock.move(hours=2)

    after = house.application.store.read(lambda uow: uow.overview.read(at=house.clock.now()))

    assert (before.messages[Lane.URGENT].number, after.messages[Lane.URGENT].number) == (1, 0)
    assert after.partners["barnet-mash", State.DEAD_LETTER].number == 1
    assert after.questions["MASH_MANAGER"].overdue == after.questions["MASH_MANAGER"].number > 0
    assert after.timers
    assert sent.startswith("msg_")
