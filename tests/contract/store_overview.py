"""Does a store tell what waits, and only that?"""

from dataclasses import replace
from datetime import datetime
from typing import Any

from gateway.flows.ports import Store
from gateway.flows.store.overview import OpenQuestions, Overview, Waiting
from gateway.flows.store.rows import Lane, State
from gateway.model.identifiers import ChildRef, MessageId, OrganisationId
from tests.contract.rows import MASH, a_delivery, a_label, a_message, a_record, a_review, a_timer, after, an_event

SCHOOL = OrganisationId("school-1")


def look(store: Store, at: datetime) -> Overview:
    return store.read(lambda work: work.overview.read(at=at))


class OverviewContract:
    """A subclass gives the fixture `store`, an empty one."""

    def test_in_an_empty_store_nothing_waits(self, store: Store) -> None:
        found = look(store, after(100))

        assert set(found.messages.values()) == set(found.deliveries.values()) == {Waiting()}
        assert (found.events, found.tree_size, found.signed_at) == (Waiting(), 0, None)
        assert (found.dead_messages, found.labels, found.behind) == (0, 0, 0)
        assert not found.partners
        assert not found.questions
        assert not found.timers

    def test_messages_wait_in_their_lane_until_no_work_is_due(self, store: Store) -> None:
        store.write(lambda work: [work.messages.claim(a_message(number)) for number in (3, 2)])
        store.write(lambda work: work.messages.claim(a_message(4, lane=Lane.URGENT)))
        store.write(lambda work: work.messages.save(replace(work.messages.get(MessageId("msg_3")), ready_at=None)))
        store.write(
            lambda work: work.messages.claim(a_message(5, state=State.DEAD_LETTER, ready_at=None, reason="bug"))
        )

        found = look(store, after(100))

        assert found.messages == {
            Lane.URGENT: Waiting(number=1, since=after(4)),
            Lane.NORMAL: Waiting(number=1, since=after(2)),
            Lane.BULK: Waiting(),
        }
        assert found.dead_messages == 1

    def test_the_oldest_due_message_is_one_whose_time_has_come(self, store: Store) -> None:
        store.write(lambda work: work.messages.claim(a_message(1, ready_at=after(50))))
        store.write(lambda work: work.messages.claim(a_message(2)))

        found = store.read(lambda work: work.overview.oldest_due_message(Lane.NORMAL, at=after(10)))
        none = store.read(lambda work: work.overview.oldest_due_message(Lane.URGENT, at=after(10)))

        assert (found, none) == (after(2), None)

    def test_deliveries_are_told_by_lane_and_by_partner(self, store: Store) -> None:
        def write(work: Any) -> None:
            work.messages.claim(a_message())
            work.records.add(a_record())
            work.deliveries.add(a_delivery(1))
            work.deliveries.add(a_delivery(2, created_at=after(2)))
            work.deliveries.add(a_delivery(3, recipient=SCHOOL, ready_at=after(500), created_at=after(3)))
            work.deliveries.add(a_delivery(4, subjects=(ChildRef("child_2"),), state=State.DEAD_LETTER, ready_at=None))
            work.deliveries.add(
                a_delivery(
                    5, recipient=SCHOOL, subjects=(ChildRef("child_2"),), state=State.ACKNOWLEDGED, ready_at=None
                )
            )

        store.write(write)

        found = look(store, after(100))

        assert found.deliveries[Lane.NORMAL] == Waiting(number=1, since=after(0))
        assert found.behind == 1
        assert found.partners == {
            (MASH, State.ORDERED): Waiting(number=2, since=after(0)),
            (SCHOOL, State.ORDERED): Waiting(number=1, since=after(3)),
            (MASH, State.DEAD_LETTER): Waiting(number=1, since=after(0)),
        }

    def test_questions_timers_and_labels_are_told_while_they_are_open(self, store: Store) -> None:
        def write(work: Any) -> None:
            work.messages.claim(a_message())
            work.records.add(a_record())
            work.reviews.add(a_review(1))
            work.reviews.add(a_review(200, status="escalated"))
            work.reviews.add(a_review(2, role="DSL", status="permitted"))
            work.timers.put(a_timer(1))
            work.timers.put(a_timer(2, kind="review.due"))
            work.timers.put(a_timer(200))
            work.labels.add(a_label())

        store.write(write)

        found = look(store, after(100))

        assert found.questions == {"MASH_MANAGER": OpenQuestions(number=2, overdue=1)}
        assert found.timers == {
            "decision": Waiting(number=1, since=after(1)),
            "review.due": Waiting(number=1, since=after(2)),
        }
        assert found.labels == 1

    def test_deliveries_that_wait_for_the_meaning_of_an_answer_are_told(self, store: Store) -> None:
        def write(work: Any) -> None:
            work.messages.claim(a_message())
            work.records.add(a_record())
            work.deliveries.add(a_delivery(1))
            work.deliveries.add(a_delivery(2, state=State.HELD_LABEL, ready_at=None, created_at=after(2)))
            work.deliveries.add(a_delivery(3, state=State.HELD_LABEL, ready_at=None, created_at=after(3)))

        store.write(write)

        assert look(store, after(100)).held == Waiting(number=2, since=after(2))

    def test_events_wait_for_their_leaves(self, store: Store) -> None:
        store.write(lambda work: work.messages.claim(a_message()))
        store.write(lambda work: [work.audit.append(an_event(number)) for number in (7, 8)])

        assert look(store, after(100)).events == Waiting(number=2, since=after(7))
