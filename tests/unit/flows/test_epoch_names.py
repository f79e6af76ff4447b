"""Which counters make a decision about sharing stale?"""

import pytest

from gateway.consent.question import Mode
from gateway.flows.deciding.gather import epoch_names
from gateway.model.identifiers import ChildRef, OrganisationId


def names_of(mode: Mode) -> tuple[str, ...]:
    return epoch_names((ChildRef("child_1"), ChildRef("child_2"), ChildRef("child_1")), OrganisationId("mash-1"), mode)


def test_a_disclosure_is_stale_when_a_form_says_something_new_of_consent() -> None:
    assert {"consent:child_1", "consent:child_2"} <= set(names_of(Mode.DISCLOSE))


def test_what_is_conveyed_is_not_stale_because_another_form_came_in() -> None:
    names = names_of(Mode.CONVEY)

    assert [name for name in names if name.startswith("consent:")] == []


@pytest.mark.parametrize("mode", Mode)
def test_a_flag_a_withdrawal_the_recipient_and_the_policy_make_any_decision_stale(mode: Mode) -> None:
    names = names_of(mode)

    assert {"child:child_1", "child:child_2", "recipient:mash-1", "policy"} <= set(names)
    assert len(names) == len(set(names))
