"""Does a yes that sets somebody's word aside take two persons, and does broken glass bend no rule that binds?"""

from typing import Any

import pytest

from gateway.consent.question import Purpose
from gateway.conversations.duties import CALDICOTT, RATIONALE, REVIEW_AFTER
from gateway.errors import ConflictError, NotAllowedError
from gateway.flows.by_hand.reviews import AWAITING_SECOND, Verdict
from gateway.flows.people.duties import Word
from gateway.flows.store.duty_repository import Duty
from gateway.flows.store.rows import Delivery, Lane, ReviewTask, State
from gateway.model.identifiers import DeliveryId
from tests.acceptance.forms import form
from tests.integration.flows.house import ECAF, House, profile

WHY = "The child says that she is hit; the father objects, and telling outweighs his objection."
ROUTE_OF_NEED = b"""[[route]]
message = "caf.request.accepted"
to = "ecaf"
format = "ecaf/episode-1"
document = "ecaf.episode"
mode = "DISCLOSE"
direction = "out"
purpose = "SAFEGUARD_S17"

"""


@pytest.fixture
def needy(tmp_path: Any) -> Any:
    """A gateway whose early-help system is given children in need, so that a missing consent is a question."""
    built = House.build(tmp_path, routes=ROUTE_OF_NEED)
    yield built
    built.app.bus.close()
    built.app.store.close()


def asked(house: House, reference: str = "NEED1") -> ReviewTask:
    """Let a family that refuses be taken on, and return the question whether it may be told all the same."""
    house.accept(form("early-help-consent", reference, consent_to_share="No"))
    house.work()
    house.decide(reference)
    house.work()
    return house.reviews("H-S17")[-1]


def verdict(by: str, role: str = "MASH_MANAGER", choice: str = "permit") -> Verdict:
    return Verdict(choice=choice, by=by, role=role, rationale=WHY)


def duties(house: House, code: str) -> list[Duty]:
    every = ("open", "escalated", "kept", "settled", "standing")
    return list(house.app.store.read(lambda uow: uow.duties.find(statuses=every, code=code, limit=100)))


def held(house: House, task: ReviewTask) -> Delivery:
    return house.app.store.read(lambda uow: uow.deliveries.get(DeliveryId(task.subject_id)))


def test_one_yes_lets_nothing_go(needy: House) -> None:
    task = asked(needy)

    state = needy.app.reviews.decide(task.review_id, verdict("usr_1"))
    needy.work()

    assert state == AWAITING_SECOND
    assert held(needy, task).state is State.IN_REVIEW
    assert needy.outlet.to(ECAF) == []


def test_the_same_person_twice_is_one_person(needy: House) -> None:
    task = asked(needy)
    needy.app.reviews.decide(task.review_id, verdict("usr_1"))

    with pytest.raises(NotAllowedError):
        needy.app.reviews.decide(task.review_id, verdict("usr_1"))

    needy.work()
    assert needy.outlet.to(ECAF) == []


def test_the_second_yes_is_an_override_the_rules_name(needy: House) -> None:
    task = asked(needy)
    needy.app.reviews.decide(task.review_id, verdict("usr_1"))

    state = needy.app.reviews.decide(task.review_id, verdict("usr_2", role="DSL"))
    needy.work()

    delivery = held(needy, task)
    permit = needy.app.store.read(lambda uow: uow.permits.get(delivery.permit_id))  # type: ignore[arg-type]
    assert state == State.ORDERED
    assert (permit.result, permit.reason) == ("PERMIT_REDACTED", "P-S17O")
    assert delivery.state is State.ACKNOWLEDGED


def test_reasons_are_written_down_before_anything_goes_by_an_override(needy: House) -> None:
    task = asked(needy)
    needy.app.reviews.decide(task.review_id, verdict("usr_1"))
    needy.app.reviews.decide(task.review_id, verdict("usr_2"))

    (reasons,) = duties(needy, RATIONALE)
    assert held(needy, task).handed_over_at is None
    assert (reasons.status, reasons.kept_by) == ("kept", "usr_1")

    needy.work()

    assert len(duties(needy, RATIONALE)) == 1
    assert [duty.status for duty in duties(needy, CALDICOTT)] == ["open"]
    assert [duty.status for duty in duties(needy, "O-INFORM-IF-SAFE")] == ["open"]


def test_a_no_takes_one_person(needy: House) -> None:
    task = asked(needy)

    assert needy.app.reviews.decide(task.review_id, verdict("usr_1", choice="refuse")) == State.REFUSED


def test_a_refusal_at_level_3_is_never_made_by_time(needy: House) -> None:
    task = asked(needy)

    needy.clock.move(seconds=(task.due_at - needy.clock.now()).total_seconds())
    needy.app.clocks.tick()

    late = needy.app.store.read(lambda uow: uow.reviews.get(task.review_id))
    assert late.status == "escalated"
    assert held(needy, task).state is State.IN_REVIEW


def glass(by: str = "usr_1") -> Word:
    return Word(
        outcome="released", by=by, role="MASH_MANAGER", note="She is with him now; the police are on their way."
    )


def refused(house: House, reference: str = "GLASS1", **answers: str) -> Delivery:
    """Return a delivery that is refused because the family refused."""
    house.accept(form("early-help-consent", reference, consent_to_share="No", **answers))
    house.work()
    house.decide(reference)
    house.work()
    delivery = house.deliveries(ECAF)[-1]
    assert delivery.state is State.REFUSED
    return delivery


def test_broken_glass_lets_it_go_at_once(house: House) -> None:
    delivery = refused(house)

    released = house.app.glass.release(delivery.delivery_id, glass())
    house.work()

    now = house.deliveries(ECAF)[-1]
    assert (now.delivery_id, now.state, now.lane) == (released.delivery_id, State.ACKNOWLEDGED, Lane.URGENT)
    assert now.purpose == Purpose.EMERGENCY
    assert [one["child"]["family_name"] for one in house.outlet.to(ECAF)] == ["Makebelieve"]


def test_what_was_let_go_is_looked_at_by_another_person(house: House) -> None:
    house.app.glass.release(refused(house).delivery_id, glass())
    house.work()

    (afterwards,) = duties(house, REVIEW_AFTER)
    (reasons,) = duties(house, RATIONALE)
    assert reasons.status == "kept"
    with pytest.raises(NotAllowedError):
        house.app.aftercare.keep(afterwards.duty_id, Word(outcome="right", by="usr_1", role="IG_OFFICER", note=WHY))
    house.app.aftercare.keep(afterwards.duty_id, Word(outcome="right", by="usr_2", role="IG_OFFICER", note=WHY))
    assert [duty.status for duty in duties(house, REVIEW_AFTER)] == ["kept"]


def test_glass_does_not_open_what_the_police_hold_back_whole(house: House) -> None:
    delivery = refused(house)
    flag = {"flag": "POLICE_HOLD", "whole_payload": True}
    house.app.facts.flags.set(delivery.subjects[0], flag, actor="usr_1")

    with pytest.raises(ConflictError, match="D-POLICE"):
        house.app.glass.release(delivery.delivery_id, glass())

    house.work()
    assert house.outlet.to(ECAF) == []
    assert house.deliveries(ECAF)[-1].reason == delivery.reason


def test_glass_does_not_open_a_channel_that_is_not_secure(house: House) -> None:
    delivery = refused(house)
    house.enrol(profile("barnet-ecaf", secure_channel=False))

    with pytest.raises(ConflictError, match="D-CHANNEL"):
        house.app.glass.release(delivery.delivery_id, glass())


def test_what_must_be_withheld_is_withheld_behind_broken_glass(house: House) -> None:
    delivery = refused(house)
    house.enrol(profile("barnet-ecaf", could_reidentify=True, listed_safeguarding_person=False))
    house.app.facts.flags.set(delivery.subjects[0], {"flag": "ADDRESS_WITHHELD"}, actor="usr_1")

    house.app.glass.release(delivery.delivery_id, glass())
    house.work()

    (sent,) = house.outlet.to(ECAF)
    assert "address" not in sent["child"]


def test_glass_is_broken_only_before_something_held(house: House) -> None:
    house.accept(form("early-help-consent", "GLASS2", consent_agencies="School, Early help"))
    house.work()
    house.decide("GLASS2")
    house.work()

    with pytest.raises(ConflictError):
        house.app.glass.release(house.deliveries(ECAF)[-1].delivery_id, glass())
