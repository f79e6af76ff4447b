"""Does a store keep conversations, timers, reviews and labels as the ports promise?"""

import pytest

from gateway.errors import ConflictError, NotFoundError
from gateway.flows.ports import Store, UnitOfWork
from gateway.flows.store.rows import State
from gateway.model.identifiers import ConversationId, ReviewId
from tests.contract.rows import (
    a_conversation,
    a_delivery,
    a_label,
    a_message,
    a_record,
    a_review,
    a_timer,
    after,
)


class ConversationsContract:
    """Conversations and timers. A subclass gives the fixture `store`, an empty one."""

    def test_a_new_conversation_is_at_version_one(self, store: Store) -> None:
        store.write(lambda work: work.conversations.save(a_conversation()))

        found = store.read(lambda work: work.conversations.get(ConversationId("conv_1")))

        assert found == a_conversation(version=1)

    def test_every_save_raises_the_version(self, store: Store) -> None:
        store.write(lambda work: work.conversations.save(a_conversation()))

        store.write(lambda work: work.conversations.save(a_conversation(state="decided", body='{"a":1}', version=1)))

        found = store.read(lambda work: work.conversations.get(ConversationId("conv_1")))
        assert found == a_conversation(state="decided", body='{"a":1}', version=2)

    @pytest.mark.parametrize("version", [0, 2], ids=["an older one", "one that is yet to come"])
    def test_a_save_over_another_version_is_refused(self, store: Store, version: int) -> None:
        store.write(lambda work: work.conversations.save(a_conversation()))

        with pytest.raises(ConflictError):
            store.write(lambda work: work.conversations.save(a_conversation(state="decided", version=version)))

        found = store.read(lambda work: work.conversations.get(ConversationId("conv_1")))
        assert found.state == "received"

    def test_a_conversation_that_is_not_there_is_not_found(self, store: Store) -> None:
        with pytest.raises(NotFoundError):
            store.read(lambda work: work.conversations.get(ConversationId("conv_9")))

    def test_a_conversation_is_found_by_its_kind_and_reference(self, store: Store) -> None:
        store.write(lambda work: [work.conversations.save(a_conversation(number)) for number in (1, 2)])

        found = store.read(lambda work: work.conversations.by_reference("mash.referral", "REF-2"))

        assert found == a_conversation(2, version=1)
        assert store.read(lambda work: work.conversations.by_reference("mash.referral", "REF-9")) is None
        assert store.read(lambda work: work.conversations.by_reference("transfer", "REF-2")) is None

    def test_two_conversations_never_share_a_reference(self, store: Store) -> None:
        store.write(lambda work: work.conversations.save(a_conversation(1)))

        with pytest.raises(ConflictError):
            store.write(lambda work: work.conversations.save(a_conversation(2, reference="REF-1")))

    def test_conversations_without_a_reference_do_not_clash(self, store: Store) -> None:
        store.write(lambda work: [work.conversations.save(a_conversation(n, reference="")) for n in (1, 2)])

        assert store.read(lambda work: work.conversations.get(ConversationId("conv_2"))).reference == ""

    def test_due_timers_come_earliest_first(self, store: Store) -> None:
        store.write(lambda work: [work.timers.put(a_timer(number)) for number in (3, 1, 2, 9)])

        assert store.read(lambda work: work.timers.due(at=after(3), limit=9)) == [a_timer(1), a_timer(2), a_timer(3)]
        assert store.read(lambda work: work.timers.due(at=after(3), limit=1)) == [a_timer(1)]

    def test_a_timer_is_replaced_by_one_of_the_same_kind_and_conversation(self, store: Store) -> None:
        store.write(lambda work: work.timers.put(a_timer()))
        again = a_timer(timer_id="timer_2", due_at=after(5))

        store.write(lambda work: work.timers.put(again))

        assert store.read(lambda work: work.timers.due(at=after(9), limit=9)) == [again]

    def test_a_timer_that_runs_is_not_begun_again(self, store: Store) -> None:
        store.write(lambda work: work.timers.begin(a_timer()))

        store.write(lambda work: work.timers.begin(a_timer(timer_id="timer_2", due_at=after(5))))

        assert store.read(lambda work: work.timers.due(at=after(9), limit=9)) == [a_timer()]

    def test_a_timer_is_taken_once_and_only_as_it_was_read(self, store: Store) -> None:
        store.write(lambda work: work.timers.put(a_timer()))

        put_off = store.write(lambda work: work.timers.take(a_timer(due_at=after(9))))
        first = store.write(lambda work: work.timers.take(a_timer()))
        again = store.write(lambda work: work.timers.take(a_timer()))

        assert (put_off, first, again) == (False, True, False)

    def test_a_dropped_timer_is_gone_and_may_be_dropped_again(self, store: Store) -> None:
        other = a_timer(timer_id="timer_2", kind="feedback")
        store.write(lambda work: (work.timers.put(a_timer()), work.timers.put(other)))

        store.write(lambda work: work.timers.drop(ConversationId("conv_1"), "decision"))
        store.write(lambda work: work.timers.drop(ConversationId("conv_1"), "decision"))

        assert store.read(lambda work: work.timers.due(at=after(9), limit=9)) == [other]


class QuestionsContract:
    """Reviews and labels. A subclass gives the fixture `store`, an empty one."""

    def test_a_review_comes_back(self, store: Store) -> None:
        store.write(lambda work: work.reviews.add(a_review()))

        assert store.read(lambda work: work.reviews.get(ReviewId("review_1"))) == a_review()

    def test_a_decision_is_saved(self, store: Store) -> None:
        store.write(lambda work: work.reviews.add(a_review()))
        decided = a_review(
            status="permitted",
            role="DSL",
            due_at=after(99),
            decided_by="screener-1",
            decided_at=after(5),
            note_sealed=b"\x01note",
            note_key=b"\x01key",
        )

        store.write(lambda work: work.reviews.save(decided))

        assert store.read(lambda work: work.reviews.get(ReviewId("review_1"))) == decided

    def test_saving_leaves_the_question_as_it_was_asked(self, store: Store) -> None:
        store.write(lambda work: work.reviews.add(a_review()))

        store.write(lambda work: work.reviews.save(a_review(reason="another", subject_id="rec_2")))

        assert store.read(lambda work: work.reviews.get(ReviewId("review_1"))) == a_review()

    def test_a_review_that_is_not_there_is_not_found(self, store: Store) -> None:
        with pytest.raises(NotFoundError):
            store.read(lambda work: work.reviews.get(ReviewId("review_9")))
        with pytest.raises(NotFoundError):
            store.write(lambda work: work.reviews.save(a_review()))

    def test_open_questions_are_listed_by_when_they_are_due(self, store: Store) -> None:
        tasks = (a_review(3), a_review(1), a_review(2, status="refused"))
        store.write(lambda work: [work.reviews.add(task) for task in tasks])

        assert store.read(lambda work: work.reviews.find()) == [a_review(1), a_review(3)]
        assert store.read(lambda work: work.reviews.find(limit=1)) == [a_review(1)]
        assert store.read(lambda work: work.reviews.find(status="refused")) == [a_review(2, status="refused")]
        assert len(store.read(lambda work: work.reviews.find(status=None))) == 3

    def test_what_waits_about_one_thing_is_found_among_all_others(self, store: Store) -> None:
        tasks = (a_review(3, status="escalated"), a_review(1), a_review(2, status="refused"))
        others = (a_review(4, subject_id="rec_2"), a_review(5, subject_id="rec_12"))
        store.write(lambda work: [work.reviews.add(task) for task in (*tasks, *others)])

        assert store.read(lambda work: work.reviews.waiting_about("rec_1")) == [tasks[1], tasks[0]]
        assert store.read(lambda work: work.reviews.waiting_about("rec_9")) == []

    def test_a_label_is_asked_once_for_a_record(self, store: Store) -> None:
        tasks = (a_label(1), a_label(2), a_label(1, path="answers[9]"))
        store.write(lambda work: [work.labels.add(task) for task in tasks])

        assert store.read(lambda work: work.labels.find()) == [a_label(1), a_label(2)]

    def test_a_settled_label_frees_the_records_that_waited(self, store: Store) -> None:
        other = a_label(3, label_blind="00" * 32)
        store.write(lambda work: [work.labels.add(task) for task in (a_label(2), a_label(1), other)])

        freed = store.write(lambda work: work.labels.settle("ethnicity", "ef" * 32, "WBRI"))

        assert freed == ["rec_2", "rec_1"]
        assert store.read(lambda work: work.labels.find()) == [other]
        assert len(store.read(lambda work: work.labels.find(status=None))) == 3
        assert store.read(lambda work: work.labels.meaning("ethnicity", "ef" * 32)) == "WBRI"

    def test_a_label_can_be_settled_anew(self, store: Store) -> None:
        store.write(lambda work: work.labels.settle("ethnicity", "ef" * 32, "WBRI"))

        freed = store.write(lambda work: work.labels.settle("ethnicity", "ef" * 32, "WIRI"))

        assert freed == []
        assert store.read(lambda work: work.labels.meaning("ethnicity", "ef" * 32)) == "WIRI"

    def test_a_label_asked_again_after_it_was_settled_is_open_again(self, store: Store) -> None:
        store.write(lambda work: work.labels.add(a_label()))
        store.write(lambda work: work.labels.settle("ethnicity", "ef" * 32, "WBRI"))

        store.write(lambda work: work.labels.add(a_label()))

        assert store.read(lambda work: work.labels.find()) == [a_label()]

    def test_what_was_understood_under_another_meaning_is_due_again(self, store: Store) -> None:
        store.write(lambda work: work.labels.add(a_label(status="settled")))

        store.write(lambda work: work.labels.settle("ethnicity", "ef" * 32, "WIRI"))

        assert [task.status for task in store.read(lambda work: work.labels.find(status=None))] == ["due"]
        assert store.read(lambda work: work.labels.waits(a_label().record_id))

    def test_what_is_due_is_settled_record_by_record(self, store: Store) -> None:
        store.write(lambda work: [work.labels.add(a_label(number, status="due")) for number in (1, 2)])

        store.write(lambda work: work.labels.close(a_label(1).record_id))

        assert store.read(lambda work: work.labels.find(status="due")) == [a_label(2, status="due")]
        assert not store.read(lambda work: work.labels.waits(a_label(1).record_id))

    def test_a_meaning_taken_back_is_none_and_its_records_are_due(self, store: Store) -> None:
        store.write(lambda work: work.labels.settle("ethnicity", "ef" * 32, "WBRI"))
        store.write(lambda work: work.labels.add(a_label(status="settled")))

        taken = store.write(lambda work: work.labels.forget("ethnicity", "ef" * 32))
        again = store.write(lambda work: work.labels.forget("ethnicity", "ef" * 32))

        assert (taken, again) == (True, False)
        assert store.read(lambda work: work.labels.meaning("ethnicity", "ef" * 32)) is None
        assert store.read(lambda work: work.labels.find(status="due")) == [a_label(status="due")]

    def test_what_labels_were_said_to_mean_is_listed(self, store: Store) -> None:
        store.write(lambda work: work.labels.settle("sex", "ab" * 32, "1"))
        store.write(lambda work: work.labels.settle("ethnicity", "ef" * 32, "WBRI"))

        said = store.read(lambda work: work.labels.meanings(limit=9))

        assert [(one.list_name, one.code) for one in said] == [("ethnicity", "WBRI"), ("sex", "1")]

    def test_open_labels_are_told_once_each_with_who_holds_them(self, store: Store) -> None:
        store.write(lambda work: work.messages.claim(a_message()))
        store.write(lambda work: work.records.add(a_record()))
        held = a_label(1, record_id=a_record().record_id)
        store.write(lambda work: [work.labels.add(task) for task in (held, a_label(2), a_label(3, status="due"))])

        (group,) = store.read(lambda work: work.labels.groups(limit=9))
        (use,) = store.read(lambda work: work.labels.uses("ethnicity", "ef" * 32, limit=9))

        assert (group.list_name, group.label_blind, group.records) == ("ethnicity", "ef" * 32, 2)
        assert (use.task, use.message_id, use.organisation) == (held, a_message().message_id, a_message().organisation)
        assert (use.format, use.received_at) == (a_message().format, a_message().received_at)

    def test_a_label_nobody_mapped_means_nothing(self, store: Store) -> None:
        assert store.read(lambda work: work.labels.meaning("ethnicity", "ef" * 32)) is None

    def test_a_record_tells_the_labels_it_waits_for(self, store: Store) -> None:
        tasks = (a_label(1), a_label(1, label_blind="ab" * 32, status="due"), a_label(1, status="settled"), a_label(2))
        store.write(lambda work: [work.labels.add(task) for task in tasks])

        assert store.read(lambda work: work.labels.of_record(a_label(1).record_id)) == list(tasks[:2])

    def test_a_label_tells_since_when_it_holds_up_what(self, store: Store) -> None:
        held = {"state": State.HELD_LABEL, "ready_at": None}

        def write(work: UnitOfWork) -> None:
            for number in (1, 2, 3, 4):
                work.messages.claim(a_message(number))
                work.records.add(a_record(number))
                work.labels.add(a_label(number, record_id=f"rec_{number}", status="due" if number == 3 else "open"))
            work.deliveries.add(a_delivery(1, purpose="REQUEST_EH", created_at=after(9), **held))
            work.deliveries.add(a_delivery(2, record_id="rec_2", purpose="REQUEST_EH", created_at=after(5), **held))
            work.deliveries.add(a_delivery(3, record_id="rec_3", created_at=after(7), **held))
            work.deliveries.add(a_delivery(4, record_id="rec_4", created_at=after(1)))

        store.write(write)

        assert store.read(lambda work: work.labels.holds("ethnicity", "ef" * 32)) == {
            "REQUEST_EH": after(5),
            "SAFEGUARD_S17": after(7),
        }
        assert store.read(lambda work: work.labels.holds("ethnicity", "00" * 32)) == {}

    def test_a_label_is_open_while_a_record_waits_for_its_meaning(self, store: Store) -> None:
        store.write(lambda work: work.labels.add(a_label()))
        before = store.read(lambda work: work.labels.is_open("ethnicity", "ef" * 32))
        store.write(lambda work: work.labels.settle("ethnicity", "ef" * 32, "WBRI"))

        assert before
        assert not store.read(lambda work: work.labels.is_open("ethnicity", "ef" * 32))
