"""Does a store keep children, facts, epochs, organisations and accounts as the ports promise?"""

from datetime import timedelta

import pytest

from gateway.errors import ConflictError, NotFoundError
from gateway.flows.ports import Store
from gateway.model.identifiers import ChildRef, OrganisationId
from tests.contract.rows import a_child, a_credential, a_fact, a_user, after, an_organisation


class ChildrenContract:
    """Children, facts and epochs. A subclass gives the fixture `store`, an empty one."""

    def test_a_child_comes_back(self, store: Store) -> None:
        store.write(lambda work: work.children.add(a_child()))

        assert store.read(lambda work: work.children.get(ChildRef("child_1"))) == a_child()

    def test_a_child_is_added_once(self, store: Store) -> None:
        store.write(lambda work: work.children.add(a_child()))

        with pytest.raises(ConflictError):
            store.write(lambda work: work.children.add(a_child(sealed_identity=b"\x01another")))

    def test_what_is_learnt_of_a_child_takes_the_place_of_what_was_known(self, store: Store) -> None:
        store.write(lambda work: [work.children.add(a_child(number)) for number in (1, 2)])
        wiser = a_child(1, sealed_identity=b"\x01wiser")

        found = store.write(lambda work: (work.children.learn(wiser), work.children.get(ChildRef("child_1"))))

        assert found[1] == wiser
        assert store.read(lambda work: work.children.get(ChildRef("child_1"))) == wiser
        assert store.read(lambda work: work.children.get(ChildRef("child_2"))) == a_child(2)

    def test_a_child_that_is_not_there_is_not_found(self, store: Store) -> None:
        with pytest.raises(NotFoundError):
            store.read(lambda work: work.children.get(ChildRef("child_9")))

    def test_a_child_that_is_not_there_cannot_be_indexed(self, store: Store) -> None:
        with pytest.raises(ConflictError):
            store.write(lambda work: work.children.index(ChildRef("child_9"), [b"key"]))

    def test_candidates_are_the_distinct_children_under_any_key(self, store: Store) -> None:
        store.write(lambda work: [work.children.add(a_child(number)) for number in (1, 2, 3)])
        store.write(lambda work: work.children.index(ChildRef("child_1"), [b"\x00a", b"\xffb", b"\x00a"]))
        store.write(lambda work: work.children.index(ChildRef("child_2"), [b"\xffb"]))
        store.write(lambda work: work.children.index(ChildRef("child_3"), [b"c"]))

        found = store.read(lambda work: work.children.candidates([b"\x00a", b"\xffb", b"unknown"], limit=9))

        assert {child.child_ref for child in found} == {"child_1", "child_2"}
        assert len(found) == 2

    def test_filing_a_child_again_changes_nothing(self, store: Store) -> None:
        store.write(lambda work: work.children.add(a_child()))
        store.write(lambda work: work.children.index(ChildRef("child_1"), [b"a"]))

        store.write(lambda work: work.children.index(ChildRef("child_1"), [b"a", b"b"]))

        assert store.read(lambda work: work.children.candidates([b"b"], limit=9)) == [a_child()]

    def test_one_candidate_more_than_the_limit_says_there_are_many(self, store: Store) -> None:
        store.write(lambda work: [work.children.add(a_child(number)) for number in range(5)])
        store.write(lambda work: [work.children.index(ChildRef(f"child_{n}"), [b"a", b"b"]) for n in range(5)])

        assert len(store.read(lambda work: work.children.candidates([b"a", b"b"], limit=3))) == 4

    def test_a_child_taken_from_the_index_is_found_no_more_and_is_still_there(self, store: Store) -> None:
        store.write(lambda work: [work.children.add(a_child(number)) for number in (1, 2)])
        store.write(lambda work: [work.children.index(ChildRef(f"child_{n}"), [b"a", b"b"]) for n in (1, 2)])

        store.write(lambda work: work.children.unindex(ChildRef("child_1")))

        assert store.read(lambda work: work.children.candidates([b"a", b"b"], limit=9)) == [a_child(2)]
        assert store.read(lambda work: work.children.get(ChildRef("child_1"))) == a_child(1)

    def test_no_key_finds_nobody(self, store: Store) -> None:
        assert store.read(lambda work: work.children.candidates([], limit=3)) == []

    def test_what_a_fact_said_before_is_kept_and_cannot_be_changed(self, store: Store) -> None:
        first, second = a_fact(), a_fact(sealed=b"newer")
        later = first.recorded_at + timedelta(hours=1)
        store.write(lambda work: (work.children.add(a_child()), work.facts.put(first)))

        store.write(lambda work: (work.facts.retire("fact_1", at=later), work.facts.put(second)))
        store.write(lambda work: (work.facts.retire("fact_1", at=later), work.facts.delete("fact_1")))

        old = store.read(lambda work: work.facts.retired(ChildRef("child_1")))
        assert [(one.fact_id, one.sealed, one.retired_at) for one in old] == [
            ("fact_1", first.sealed, later),
            ("fact_1", b"newer", later),
        ]
        assert store.read(lambda work: work.facts.of_child(ChildRef("child_1"))) == []

    def test_facts_come_oldest_first(self, store: Store) -> None:
        store.write(lambda work: [work.children.add(a_child(number)) for number in (1, 2)])
        elsewhere = a_fact(3, child_ref=ChildRef("child_2"))
        store.write(lambda work: [work.facts.put(fact) for fact in (a_fact(2), elsewhere, a_fact(1))])

        assert store.read(lambda work: work.facts.of_child(ChildRef("child_1"))) == [a_fact(1), a_fact(2)]

    def test_a_fact_is_replaced_by_one_of_the_same_id(self, store: Store) -> None:
        store.write(lambda work: (work.children.add(a_child()), work.facts.put(a_fact())))
        newer = a_fact(kind="flag", sealed=b"\x01flag", recorded_at=after(9))

        store.write(lambda work: work.facts.put(newer))

        assert store.read(lambda work: work.facts.of_child(ChildRef("child_1"))) == [newer]

    def test_a_lifted_flag_is_gone(self, store: Store) -> None:
        store.write(lambda work: (work.children.add(a_child()), work.facts.put(a_fact())))

        store.write(lambda work: work.facts.delete("fact_1"))

        assert store.read(lambda work: work.facts.of_child(ChildRef("child_1"))) == []

    def test_an_epoch_that_never_rose_is_nought(self, store: Store) -> None:
        assert store.read(lambda work: work.epochs.current(["child:child_1", "policy"])) == {
            "child:child_1": 0,
            "policy": 0,
        }

    def test_an_epoch_rises_by_one(self, store: Store) -> None:
        store.write(lambda work: work.epochs.lift(["child:child_1", "policy"]))
        store.write(lambda work: work.epochs.lift(["policy"]))

        assert store.read(lambda work: work.epochs.current(["child:child_1", "policy"])) == {
            "child:child_1": 1,
            "policy": 2,
        }


class DirectoryContract:
    """Organisations, credentials and accounts. A subclass gives the fixture `store`, an empty one."""

    def test_an_organisation_comes_back_with_its_profile(self, store: Store) -> None:
        profile = {"endpoints": [{"url": "https://mash.example", "window": None}], "retries": 3, "strict": True}
        organisation = an_organisation("mash-1", profile=profile, is_enabled=False)

        store.write(lambda work: work.directory.put_organisation(organisation))

        assert store.read(lambda work: work.directory.organisation(OrganisationId("mash-1"))) == organisation

    def test_an_organisation_is_replaced_whole(self, store: Store) -> None:
        store.write(lambda work: work.directory.put_organisation(an_organisation()))
        store.write(lambda work: work.directory.put_organisation(an_organisation(profile={}, is_enabled=False)))

        found = store.read(lambda work: work.directory.organisation(OrganisationId("school-1")))

        assert found == an_organisation(profile={}, is_enabled=False)

    def test_an_organisation_that_is_not_there_is_not_found(self, store: Store) -> None:
        with pytest.raises(NotFoundError):
            store.read(lambda work: work.directory.organisation(OrganisationId("school-9")))

    def test_organisations_come_by_name(self, store: Store) -> None:
        names = ("school-2", "mash-1", "school-1")
        store.write(lambda work: [work.directory.put_organisation(an_organisation(name)) for name in names])

        found = store.read(lambda work: work.directory.organisations())

        assert [organisation.organisation for organisation in found] == ["mash-1", "school-1", "school-2"]

    def test_a_credential_comes_back_and_can_be_disabled(self, store: Store) -> None:
        store.write(lambda work: work.directory.put_organisation(an_organisation()))
        store.write(lambda work: work.directory.put_credential(a_credential()))
        first = store.read(lambda work: work.directory.credential("cred_1"))

        store.write(lambda work: work.directory.put_credential(a_credential(is_enabled=False)))

        assert first == a_credential()
        assert store.read(lambda work: work.directory.credential("cred_1")) == a_credential(is_enabled=False)

    def test_a_credential_of_nobody_is_refused(self, store: Store) -> None:
        with pytest.raises(ConflictError):
            store.write(lambda work: work.directory.put_credential(a_credential()))

    def test_an_unknown_credential_is_none(self, store: Store) -> None:
        assert store.read(lambda work: work.directory.credential("cred_9")) is None

    def test_accounts_come_back_by_id(self, store: Store) -> None:
        store.write(lambda work: [work.users.put(a_user(name)) for name in ("screener-2", "screener-1")])
        store.write(lambda work: work.users.put(a_user("screener-2", roles=(), is_enabled=False)))

        found = store.read(lambda work: work.users.all())

        assert found == [a_user("screener-1"), a_user("screener-2", roles=(), is_enabled=False)]

    def test_an_account_is_found_by_its_id(self, store: Store) -> None:
        store.write(lambda work: work.users.put(a_user()))

        assert store.read(lambda work: work.users.get("screener-1")) == a_user()
        assert store.read(lambda work: work.users.get("screener-9")) is None


class SignInsContract:
    """Ended sessions, and guesses. A subclass gives the fixture `store`, an empty one."""

    def test_a_session_that_was_ended_has_ended(self, store: Store) -> None:
        store.write(lambda work: work.sign_ins.end("nonce", after(60)))

        assert store.read(lambda work: work.sign_ins.has_ended("nonce"))
        assert not store.read(lambda work: work.sign_ins.has_ended("another"))

    def test_ending_a_session_twice_is_ending_it(self, store: Store) -> None:
        store.write(lambda work: [work.sign_ins.end("nonce", after(60)) for _ in range(2)])

        assert store.read(lambda work: work.sign_ins.has_ended("nonce"))

    def test_tries_are_noted_by_name_and_forgotten(self, store: Store) -> None:
        store.write(lambda work: [work.sign_ins.note("one", 6, after(2)), work.sign_ins.note("other", 1, after(0))])
        store.write(lambda work: work.sign_ins.note("one", 7, after(4)))
        store.write(lambda work: work.sign_ins.forget("other"))

        assert store.write(lambda work: work.sign_ins.tries("one")) == (7, after(4))
        assert store.write(lambda work: work.sign_ins.tries("other")) is None

    def test_what_is_over_is_purged_and_nothing_else(self, store: Store) -> None:
        store.write(lambda work: [work.sign_ins.end("old", after(1)), work.sign_ins.end("young", after(9))])
        store.write(lambda work: [work.sign_ins.note("old", 1, after(1)), work.sign_ins.note("young", 1, after(9))])

        store.write(lambda work: work.sign_ins.purge(after(5)))

        ended = [store.read(lambda work, name=name: work.sign_ins.has_ended(name)) for name in ("old", "young")]
        tries = [store.write(lambda work, name=name: work.sign_ins.tries(name)) for name in ("old", "young")]
        assert (ended, tries) == ([False, True], [None, (1, after(9))])
