"""Does content leave only through clear(), cut, for the recipient that was decided, while the facts still stand?"""

import copy
import dataclasses
import pickle
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gateway.consent.clearance import Clearance, CurrentFacts, Stale, StaleReason, clear, require_clearance
from gateway.consent.content_filter import categories_of
from gateway.consent.decision import Grounds, Permit, Redaction
from gateway.consent.question import Mode, Purpose
from gateway.consent.trial import trial_permit
from gateway.errors import IntegrityError
from gateway.model.category import Category
from gateway.model.tree import Group

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
EPOCHS = {"child:c1": 4, "recipient:ecaf-1": 1, "policy": 2}


def a_permit(
    *,
    kept: tuple[Category, ...] = (Category.ID, Category.ADDR, Category.OPINION),
    redactions: tuple[Redaction, ...] = (),
    epochs: Mapping[str, int] = EPOCHS,
    valid_until: datetime | None = AT + timedelta(hours=1),
    policy_version: str = "sharing-2026.1",
) -> Permit:
    grounds = Grounds(
        reason="P-CONSENT",
        rules=(43,),
        obligations=("O-REVIEW-DATE",),
        policy_version=policy_version,
        facts_digest="00" * 32,
        purpose=Purpose.REQUEST_EH,
        mode=Mode.DISCLOSE,
        recipient="ecaf-1",
        decided_at=AT,
        valid_until=valid_until,
    )
    return Permit(grounds=grounds, redactions=redactions, kept=kept, epochs=epochs)


def an_episode() -> Group:
    return {
        "reference": "E-1",
        "child": {"given_names": "Testina", "address": {"lines": ["1 Nowhere Lane"]}},
        "reason": "Testina sleeps badly",
    }


def cleared(permit: Permit, *, at: datetime = AT, recipient: str = "ecaf-1") -> Clearance | Stale:
    facts = CurrentFacts(recipient=recipient, epochs=dict(EPOCHS))
    return clear(permit, facts, at, document="ecaf.episode", tree=an_episode())


@pytest.fixture
def clearance() -> Clearance:
    made = cleared(a_permit())
    assert isinstance(made, Clearance)
    return made


def test_a_permit_whose_facts_stand_is_cleared_for_its_recipient(clearance: Clearance) -> None:
    assert clearance.recipient == "ecaf-1"
    assert clearance.document == "ecaf.episode"
    assert clearance.tree == an_episode()
    assert clearance.withheld == ()
    assert clearance.grounds.reason == "P-CONSENT"
    assert clearance.epochs == EPOCHS
    assert not clearance.is_test


def test_what_may_not_go_is_never_in_the_clearance() -> None:
    redaction = Redaction(reason="R-ADDR", categories=(Category.ADDR, Category.CONTACT), locating=True)

    made = cleared(a_permit(kept=(Category.ID, Category.OPINION), redactions=(redaction,)))

    assert isinstance(made, Clearance)
    assert made.tree == {"reference": "E-1", "child": {"given_names": "Testina"}}
    assert [entry.reason for entry in made.withheld] == ["R-ADDR"]


def test_a_permit_for_one_recipient_clears_nothing_for_another() -> None:
    with pytest.raises(IntegrityError) as caught:
        cleared(a_permit(), recipient="school-1")

    assert (caught.value.expected, caught.value.found) == ("ecaf-1", "school-1")


@pytest.mark.parametrize(
    "epochs",
    [
        pytest.param({**EPOCHS, "child:c1": 3}, id="a child's consent or flag has changed since"),
        pytest.param({**EPOCHS, "policy": 1}, id="the policy has changed since"),
        pytest.param({"policy": 2}, id="the permit watches fewer counters than there are"),
        pytest.param({**EPOCHS, "child:c2": 0}, id="the permit watches a counter nobody read"),
        pytest.param({}, id="the permit watches nothing"),
    ],
)
def test_a_changed_fact_makes_the_permit_stale(epochs: Mapping[str, int]) -> None:
    assert cleared(a_permit(epochs=epochs)) == Stale(reason=StaleReason.EPOCH)


@pytest.mark.parametrize(
    "at",
    [
        pytest.param(AT + timedelta(hours=1), id="at the very instant"),
        pytest.param(AT + timedelta(days=400), id="long after"),
        pytest.param(AT - timedelta(microseconds=1), id="before it was decided"),
    ],
)
def test_a_permit_is_stale_outside_its_time(at: datetime) -> None:
    assert cleared(a_permit(), at=at) == Stale(reason=StaleReason.TIME)


def test_a_permit_holds_until_just_before_its_end() -> None:
    assert isinstance(cleared(a_permit(), at=AT + timedelta(hours=1, microseconds=-1)), Clearance)


def test_a_permit_without_an_end_holds_while_its_epochs_hold() -> None:
    assert isinstance(cleared(a_permit(valid_until=None), at=AT + timedelta(days=9000)), Clearance)


def test_a_kind_of_information_the_decision_was_not_asked_about_makes_the_permit_stale() -> None:
    assert cleared(a_permit(kept=(Category.ID, Category.OPINION))) == Stale(reason=StaleReason.CATEGORIES)


def test_a_clearance_from_a_test_permit_says_so() -> None:
    made = cleared(a_permit(policy_version="test-permit over sharing-2026.1"))

    assert isinstance(made, Clearance)
    assert made.is_test


def test_a_trial_is_permitted_whole_by_no_rule_and_for_no_release() -> None:
    permit = trial_permit("ecaf.episode", recipient="ecaf-1", at=AT)

    assert permit == Permit(
        grounds=Grounds(
            reason="P-CONVEY",
            rules=(),
            obligations=(),
            policy_version="test-permit",
            facts_digest="",
            purpose=Purpose.ADMIN,
            mode=Mode.CONVEY,
            recipient="ecaf-1",
            decided_at=AT,
            valid_until=None,
        ),
        redactions=(),
        kept=categories_of("ecaf.episode"),
        epochs={},
    )


def test_changing_the_tree_it_gave_changes_nothing_in_the_clearance(clearance: Clearance) -> None:
    given: Any = clearance.tree
    given["child"]["address"]["lines"].append("smuggled")
    given["child"]["given_names"] = "smuggled"
    given["support_wanted"] = "smuggled"

    assert clearance.tree == an_episode()


def test_changing_the_source_afterwards_changes_nothing_in_the_clearance() -> None:
    source: Any = an_episode()
    made = clear(a_permit(), CurrentFacts(recipient="ecaf-1", epochs=EPOCHS), AT, document="ecaf.episode", tree=source)
    source["child"]["address"]["lines"].append("smuggled")

    assert isinstance(made, Clearance)
    assert made.tree == an_episode()


def test_changing_the_epochs_afterwards_changes_nothing_in_the_clearance() -> None:
    epochs = dict(EPOCHS)
    made = cleared(a_permit(epochs=epochs))
    epochs["child:c1"] = 99

    assert isinstance(made, Clearance)
    assert made.epochs == EPOCHS
    with pytest.raises(TypeError):
        made.epochs["child:c1"] = 99  # type: ignore[index]


def _subclass(_: Any) -> object:
    return type("Wider", (Clearance,), {})


def _call_without(_: Any) -> object:
    return Clearance()  # type: ignore[call-arg]


def _call_with(_: Any) -> object:
    return Clearance(object())  # type: ignore[arg-type]


def _set(clearance: Any) -> object:
    clearance.recipient = "school-1"
    return clearance


def _set_new(clearance: Any) -> object:
    clearance.anything = "school-1"
    return clearance


def _set_below(clearance: Any) -> object:
    object.__setattr__(clearance, "recipient", "school-1")
    return clearance


def _set_new_below(clearance: Any) -> object:
    object.__setattr__(clearance, "anything", "school-1")
    return clearance


def _delete(clearance: Any) -> object:
    del clearance.recipient
    return clearance


BYPASSES: dict[str, Callable[[Any], object]] = {
    "call it with nothing": _call_without,
    "call it with something": _call_with,
    "subclass it": _subclass,
    "dataclasses.replace": lambda clearance: dataclasses.replace(clearance, recipient="school-1"),
    "__replace__, as copy.replace calls it": lambda clearance: clearance.__replace__(recipient="school-1"),
    "copy.copy": copy.copy,
    "copy.deepcopy": copy.deepcopy,
    "deepcopy of a list that holds it": lambda clearance: copy.deepcopy([clearance]),
    "pickle, oldest protocol": lambda clearance: pickle.dumps(clearance, protocol=0),
    "pickle, newest protocol": lambda clearance: pickle.dumps(clearance, protocol=pickle.HIGHEST_PROTOCOL),
    "unpickle's __setstate__": lambda clearance: clearance.__setstate__({"recipient": "school-1"}),
    "set an attribute": _set,
    "set a new attribute": _set_new,
    "object.__setattr__": _set_below,
    "object.__setattr__ of a new attribute": _set_new_below,
    "delete an attribute": _delete,
}


@pytest.mark.parametrize("bypass", BYPASSES.values(), ids=BYPASSES)
def test_no_clearance_is_made_or_changed_but_by_clear(bypass: Callable[[Any], object], clearance: Clearance) -> None:
    with pytest.raises((IntegrityError, TypeError, AttributeError)):
        bypass(clearance)

    assert clearance.recipient == "ecaf-1"
    assert clearance.tree == an_episode()


def _bare_shell(_: Clearance) -> object:
    return object.__new__(Clearance)


def _other_class_renamed(_: Clearance) -> object:
    twin = type("Twin", (), {"__slots__": ("__weakref__",)})()
    object.__setattr__(twin, "__class__", Clearance)
    return twin


def _look_alike(_: Clearance) -> object:
    parts = {"__class__": property(lambda _: Clearance), "recipient": "school-1", "tree": an_episode()}
    return type("LookAlike", (), parts)()


FORGERIES: dict[str, Callable[[Clearance], object]] = {
    "object.__new__": _bare_shell,
    "another object renamed to the class": _other_class_renamed,
    "something that says it is one": _look_alike,
    "the permit itself": lambda _: a_permit(),
    "an episode's tree": lambda _: an_episode(),
    "nothing": lambda _: None,
    "its weak reference's twin": lambda clearance: clearance.tree,
}


@pytest.mark.parametrize("forge", FORGERIES.values(), ids=FORGERIES)
def test_a_translator_that_asks_is_told_that_a_forgery_is_none(
    forge: Callable[[Clearance], object], clearance: Clearance
) -> None:
    with pytest.raises(IntegrityError):
        require_clearance(forge(clearance))


def test_a_translator_that_asks_gets_a_true_clearance_back(clearance: Clearance) -> None:
    assert require_clearance(clearance) is clearance


@pytest.mark.parametrize("name", ["recipient", "document", "tree", "withheld", "grounds", "epochs", "is_test"])
def test_a_bare_shell_holds_nothing_to_read(name: str) -> None:
    shell = object.__new__(Clearance)

    with pytest.raises(IntegrityError):
        getattr(shell, name)


def test_a_bare_shell_cannot_be_filled() -> None:
    shell = object.__new__(Clearance)

    with pytest.raises(AttributeError):
        object.__setattr__(shell, "tree", an_episode())


def test_no_refusal_repeats_what_the_document_says(clearance: Clearance) -> None:
    with pytest.raises(IntegrityError) as caught:
        copy.copy(clearance)

    assert "Testina" not in str(caught.value)
    assert "Testina" not in repr(clearance)
