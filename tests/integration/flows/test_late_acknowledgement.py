"""What becomes of a question about a delivery when the partner's acknowledgement comes after all?"""

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gateway.audit.event import EventKind
from gateway.flows.people.ask import REVIEW_DUE
from gateway.flows.store.rows import Delivery, Handover, State, Timer
from gateway.model.identifiers import OrganisationId
from gateway.translation.partner_document import PartnerDocument
from tests.acceptance.forms import form
from tests.integration.flows.house import ECAF, MASH, House, ScriptedOutlet, profile
from tests.integration.flows.test_disclosure import IN_FORCE

if TYPE_CHECKING:
    from collections.abc import Callable


class SlowOutlet(ScriptedOutlet):
    """A way out on which something happens between the document's arrival and our hearing of it."""

    def __init__(self) -> None:
        super().__init__()
        self.meanwhile: dict[str, Callable[[], None]] = {}
        """What happens once, the first time something is sent to an organisation."""

    def send(self, document: PartnerDocument, body: bytes, handover: Handover) -> str:
        reference = super().send(document, body, handover)
        self.meanwhile.pop(handover.organisation.organisation, lambda: None)()
        return reference


@pytest.fixture
def outlet() -> SlowOutlet:
    return SlowOutlet()


@pytest.fixture
def house(tmp_path: Path, outlet: SlowOutlet) -> House:
    return House.build(tmp_path, outlet=outlet)


def only(house: House, recipient: OrganisationId) -> Delivery:
    (delivery,) = house.deliveries(recipient)
    return delivery


def another_takes_it_up(house: House) -> None:
    """Let the lease run out, and another worker do with it what it finds right."""
    house.clock.move(seconds=120)
    [house.app.deliver.attempt(one) for one in house.leased()]


def open_questions(house: House) -> list[str]:
    return [task.reason for task in house.app.store.read(lambda uow: uow.reviews.find(status="open"))]


def reminders(house: House) -> list[Timer]:
    far = house.clock.now() + timedelta(days=60)
    due = house.app.store.read(lambda uow: uow.timers.due(at=far, limit=1000))
    return [timer for timer in due if timer.kind == REVIEW_DUE]


def kinds_told(house: House, delivery: Delivery) -> set[str]:
    return {row.kind for row in house.app.store.read(lambda uow: uow.audit.of_message(delivery.message_id))}


def test_a_question_whether_it_may_go_is_closed_when_it_has_arrived(house: House, outlet: SlowOutlet) -> None:
    house.accept(form("early-help-consent", "LATE1"))
    house.work()
    seen: list[State] = []

    def meanwhile() -> None:
        house.enrol(profile("barnet-ecaf", agreement={**IN_FORCE, "status": "expired"}))
        another_takes_it_up(house)
        seen.append(only(house, ECAF).state)

    outlet.meanwhile[ECAF] = meanwhile
    house.decide("LATE1")
    house.work()

    assert seen == [State.IN_REVIEW]
    assert only(house, ECAF).state is State.ACKNOWLEDGED
    assert (open_questions(house), reminders(house)) == ([], [])
    assert EventKind.REVIEW_DECIDED.value in kinds_told(house, only(house, ECAF))
    house.app.close()


def test_a_question_why_it_did_not_arrive_is_closed_when_it_has(house: House, outlet: SlowOutlet) -> None:
    house.enrol(profile("barnet-mash", idempotency="at-most-once"))
    seen: list[State] = []

    def meanwhile() -> None:
        another_takes_it_up(house)
        seen.append(only(house, MASH).state)

    outlet.meanwhile[MASH] = meanwhile
    house.accept(form("single-child", "LATE2"))
    house.work()

    assert seen == [State.DEAD_LETTER]
    assert only(house, MASH).state is State.ACKNOWLEDGED
    assert (open_questions(house), reminders(house)) == ([], [])
    assert EventKind.REVIEW_DECIDED.value in kinds_told(house, only(house, MASH))
    house.app.close()
