"""Which counters make a decision about sharing stale?"""

from typing import Any

import pytest

from gateway.consent.question import Mode, Purpose
from gateway.flows.gather import Sharing, epoch_names
from gateway.model.identifiers import ChildRef, OrganisationId
from tests.contract.rows import a_record


def a_sharing(**changes: Any) -> Sharing:
    told: dict[str, Any] = {
        "record": a_record(subjects=(ChildRef("child_1"), ChildRef("child_2"), ChildRef("child_1"))),
        "tree": {},
        "recipient": OrganisationId("mash-1"),
        "requester": OrganisationId("portal-1"),
        "purpose": Purpose.REQUEST_EH,
        "mode": Mode.DISCLOSE,
        "direction": "out",
    }
    return Sharing(**(told | changes))


def test_a_disclosure_is_stale_when_a_form_says_something_new_of_consent() -> None:
    assert {"consent:child_1", "consent:child_2"} <= set(epoch_names(a_sharing()))


def test_what_is_conveyed_is_not_stale_because_another_form_came_in() -> None:
    names = epoch_names(a_sharing(mode=Mode.CONVEY))

    assert [name for name in names if name.startswith("consent:")] == []


@pytest.mark.parametrize("mode", Mode)
def test_a_flag_a_withdrawal_the_recipient_and_the_policy_make_any_decision_stale(mode: Mode) -> None:
    names = epoch_names(a_sharing(mode=mode))

    assert {"child:child_1", "child:child_2", "recipient:mash-1", "policy"} <= set(names)
    assert len(names) == len(set(names))
