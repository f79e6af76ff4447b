"""Does a store keep people's duties, first persons' words, and whom to tell, as the ports promise?"""

from dataclasses import replace
from typing import Any

import pytest

from gateway.errors import NotFoundError
from gateway.flows.ports import Store
from gateway.flows.store.call_repository import Call
from gateway.flows.store.duty_repository import Duty
from gateway.flows.store.proposal_repository import Proposal
from gateway.flows.store.rows import State
from gateway.model.identifiers import ChildRef, MessageId, RecordId, ReviewId
from tests.contract.rows import NOW, a_delivery, a_message, a_record, a_review, after


def a_duty(number: int = 1, **changes: Any) -> Duty:
    """Return an open duty."""
    duty = Duty(
        duty_id=f"dty_{number}",
        code="O-INFORM",
        subject_id=f"dlv_{number}",
        role="CAF_COORDINATOR",
        reason="P-S17C",
        children=(ChildRef("chd_1"), ChildRef("chd_2")),
        opened_at=NOW,
        due_at=after(number),
        recipient="hub-1",
    )
    return replace(duty, **changes)


def a_call(number: int = 1, **changes: Any) -> Call:
    """Return somebody who is to be told."""
    call = Call(
        call_id=f"cal_{number}",
        person="duty-manager",
        about=f"rev_{number}",
        heading="H-S17",
        due_at=after(9),
        called_at=after(number),
        ready_at=after(number),
    )
    return replace(call, **changes)


class DutiesContract:
    """Duties, proposals and calls. A subclass gives the fixture `store`, an empty one."""

    def test_a_duty_comes_back_as_it_was(self, store: Store) -> None:
        assert store.write(lambda work: work.duties.add(a_duty()))

        assert store.read(lambda work: work.duties.get("dty_1")) == a_duty()

    def test_one_of_a_kind_is_opened_once_for_what_it_is_about(self, store: Store) -> None:
        store.write(lambda work: work.duties.add(a_duty()))

        assert not store.write(lambda work: work.duties.add(a_duty(2, subject_id="dlv_1")))
        assert store.write(lambda work: work.duties.add(a_duty(3, subject_id="dlv_1", code="O-DPO")))
        assert [one.duty_id for one in store.read(lambda work: work.duties.of("dlv_1"))] == ["dty_1", "dty_3"]

    def test_what_became_of_a_duty_is_kept(self, store: Store) -> None:
        store.write(lambda work: work.duties.add(a_duty()))
        kept = a_duty(status="kept", outcome="told", kept_by="usr_1", kept_at=NOW, note_sealed=b"n", note_key=b"k")

        store.write(lambda work: work.duties.save(kept))

        assert store.read(lambda work: work.duties.get("dty_1")) == kept

    def test_those_due_first_come_first_and_only_those_that_wait(self, store: Store) -> None:
        rows = [a_duty(3), a_duty(1), a_duty(2, status="kept"), a_duty(4, status="escalated", code="O-DPO")]
        store.write(lambda work: [work.duties.add(one) for one in rows])

        found = store.read(lambda work: [one.duty_id for one in work.duties.find()])
        of_code = store.read(lambda work: [one.duty_id for one in work.duties.find(code="O-DPO")])

        assert found == ["dty_1", "dty_3", "dty_4"]
        assert of_code == ["dty_4"]
        assert store.read(lambda work: len(work.duties.find(limit=1))) == 1

    def test_a_duty_that_is_not_there_is_not_found(self, store: Store) -> None:
        with pytest.raises(NotFoundError):
            store.read(lambda work: work.duties.get("dty_9"))
        with pytest.raises(NotFoundError):
            store.write(lambda work: work.duties.save(a_duty(9)))

    def test_a_question_has_one_first_word_at_most(self, store: Store) -> None:
        def a_word(by: str) -> Proposal:
            return Proposal(
                review_id=ReviewId("review_1"),
                choice="permit",
                proposed_by=by,
                role="MASH_MANAGER",
                proposed_at=NOW,
                note_sealed=b"n",
                note_key=b"k",
            )

        store.write(lambda work: work.reviews.add(a_review()))
        assert store.read(lambda work: work.proposals.get(ReviewId("review_1"))) is None

        store.write(lambda work: [work.proposals.put(a_word(by)) for by in ("usr_1", "usr_2")])

        assert store.read(lambda work: work.proposals.get(ReviewId("review_1"))) == a_word("usr_2")

    def test_a_call_is_leased_when_its_time_has_come_and_not_twice(self, store: Store) -> None:
        store.write(lambda work: [work.calls.add(a_call(number)) for number in (2, 1, 8)])

        leased = store.write(lambda work: work.calls.due(at=after(3), limit=10, lease_seconds=60))

        assert [one.call_id for one in leased] == ["cal_1", "cal_2"]
        assert store.write(lambda work: work.calls.due(at=after(3), limit=10, lease_seconds=60)) == []

    def test_somebody_who_was_told_is_due_no_more(self, store: Store) -> None:
        store.write(lambda work: work.calls.add(a_call()))
        told = a_call(state="told", ready_at=None, attempt=1)

        store.write(lambda work: work.calls.save(told))

        assert store.write(lambda work: work.calls.due(at=after(99), limit=10, lease_seconds=60)) == []
        assert store.read(lambda work: work.calls.find(state="told")) == [told]

    def test_a_childs_share_log_is_what_was_handed_over_about_it(self, store: Store) -> None:
        def fill(work: Any) -> None:
            work.messages.claim(a_message())
            work.records.add(a_record())
            other = a_record(2, message_id=MessageId("msg_1"), position=1, subjects=(ChildRef("child_2"),))
            work.records.add(other)
            work.deliveries.add(a_delivery(1, handed_over_at=NOW))
            work.deliveries.add(a_delivery(2, state=State.REFUSED))
            work.deliveries.add(a_delivery(3, record_id=RecordId("rec_2"), handed_over_at=NOW))

        store.write(fill)

        assert given_about(store, "child_1") == ["dlv_1"]
        assert given_about(store, "child_2") == ["dlv_3"]
        about = store.read(lambda work: work.records.about(ChildRef("child_2")))
        assert [one.record_id for one in about] == ["rec_2"]

    def test_a_share_log_goes_with_the_record_when_a_person_says_whose_it_is(self, store: Store) -> None:
        def fill(work: Any) -> None:
            work.messages.claim(a_message())
            work.records.add(a_record())
            work.deliveries.add(a_delivery(1, handed_over_at=NOW))

        store.write(fill)

        store.write(lambda work: work.records.save(a_record(subjects=(ChildRef("child_7"),))))

        assert given_about(store, "child_1") == []
        assert given_about(store, "child_7") == ["dlv_1"]


def given_about(store: Store, child: str) -> list[str]:
    """Return the deliveries of a child's share log."""
    return store.read(lambda work: [one.delivery_id for one in work.delivery_lists.given_about(ChildRef(child))])
