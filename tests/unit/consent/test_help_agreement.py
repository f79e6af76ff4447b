"""Does a family agree to be helped, as far as it has said so?"""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gateway.consent.help_agreement import HelpAgreement, agrees
from gateway.consent.permission_json import check_help, help_from_json
from gateway.errors import SchemaViolationError

START = datetime(2026, 9, 1, tzinfo=UTC)
END = datetime(2026, 12, 1, tzinfo=UTC)
A_MOMENT = timedelta(microseconds=1)
YES = HelpAgreement(agreement_id="h1", status="AGREED", effective_from=START, expires_on=END)
UNTIL_ENDED = HelpAgreement(agreement_id="h2", status="AGREED", effective_from=START)
SAID: dict[str, Any] = {
    "agreement_id": "h1",
    "status": "AGREED",
    "effective_from": "2026-09-01T00:00:00Z",
    "expires_on": "2026-12-01T00:00:00Z",
}


@pytest.mark.parametrize(
    ("at", "agreed"),
    [
        pytest.param(START - A_MOMENT, None, id="before it begins"),
        pytest.param(START, True, id="as it begins"),
        pytest.param(END - A_MOMENT, True, id="just before it ends"),
        pytest.param(END, None, id="as it ends"),
    ],
)
def test_a_yes_holds_from_its_first_instant_until_just_before_its_end(at: datetime, agreed: bool | None) -> None:
    assert agrees([YES], at) is agreed


def test_a_yes_without_an_end_holds_until_somebody_ends_it() -> None:
    ended = HelpAgreement(agreement_id="h2", status="ENDED", effective_from=END)

    assert agrees([UNTIL_ENDED, ended], END - A_MOMENT) is True
    assert agrees([UNTIL_ENDED, ended], END) is False


def test_a_yes_from_nobody_knows_when_is_none() -> None:
    assert agrees([HelpAgreement(agreement_id="h3", status="AGREED")], START) is None
    assert agrees([], START) is None


def test_a_no_from_nobody_knows_when_is_a_no_whoever_else_agrees() -> None:
    no = HelpAgreement(agreement_id="h4", status="REFUSED")

    assert agrees([YES, no], START) is False


def test_an_agreement_that_ends_as_it_begins_is_refused_by_the_name_of_its_field() -> None:
    with pytest.raises(SchemaViolationError) as refused:
        check_help({**SAID, "expires_on": SAID["effective_from"]})

    assert refused.value.place.path == "expires_on"


@pytest.mark.parametrize("absent", ["effective_from", "expires_on"])
def test_an_agreement_may_leave_open_when_it_begins_or_ends(absent: str) -> None:
    said = check_help({name: part for name, part in SAID.items() if name != absent})

    assert getattr(said, absent) is None


def test_a_recorded_agreement_is_read_as_it_was_stored() -> None:
    assert check_help(SAID) == help_from_json(SAID) == YES


def test_an_agreement_of_a_kind_nobody_knows_is_not_recorded_and_one_in_store_is_kept() -> None:
    odd = {**SAID, "status": "PERHAPS"}

    with pytest.raises(SchemaViolationError) as refused:
        check_help(odd)

    assert refused.value.place.path == "status"
    assert help_from_json(odd).status == "PERHAPS"
