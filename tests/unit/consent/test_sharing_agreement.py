"""Which agreement between bodies holds for a purpose at an instant, and on what does the law base it?"""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gateway.consent.question import Agreement, Purpose
from gateway.consent.sharing_agreement import Flow, SharingAgreement, end_of, standing_agreement

START = datetime(2026, 1, 1, tzinfo=UTC)
END = datetime(2026, 12, 1, tzinfo=UTC)
A_MOMENT = timedelta(microseconds=1)
COORDINATE = Flow(purpose="COORDINATE", lawful_basis="GDPR-6.1.e", special_category_basis="GDPR-9.2.h:DPA2018-1.2")


def an_agreement(**changes: Any) -> SharingAgreement:
    facts: dict[str, Any] = {
        "agreement_id": "dsa-7",
        "version": "1",
        "title": "An invented agreement",
        "organisations": ("school-1", "camhs-1"),
        "effective_from": START,
        "expires_on": END,
        "flows": (COORDINATE,),
    }
    return SharingAgreement(**{**facts, **changes})


def stands(*versions: SharingAgreement, at: datetime, purpose: Purpose = Purpose.COORDINATE) -> Agreement:
    return standing_agreement(versions, purpose, at)


@pytest.mark.parametrize(
    ("at", "status"),
    [
        pytest.param(START - A_MOMENT, "missing", id="before it begins"),
        pytest.param(START, "in_force", id="as it begins"),
        pytest.param(END - A_MOMENT, "in_force", id="just before it ends"),
        pytest.param(END, "expired", id="as it ends"),
    ],
)
def test_an_agreement_holds_from_its_first_instant_until_just_before_its_end(at: datetime, status: str) -> None:
    assert stands(an_agreement(), at=at).status == status


def test_an_agreement_in_force_says_which_it_is_and_on_what_it_rests() -> None:
    assert stands(an_agreement(), at=START) == Agreement(
        id="dsa-7",
        version="1",
        status="in_force",
        expired_days=0,
        lawful_basis="GDPR-6.1.e",
        special_category_basis="GDPR-9.2.h:DPA2018-1.2",
    )


def test_an_agreement_without_an_end_holds_on() -> None:
    assert stands(an_agreement(expires_on=None), at=END).status == "in_force"


def test_an_agreement_counts_for_the_purposes_it_names_alone() -> None:
    assert stands(an_agreement(), at=START, purpose=Purpose.TRANSFER) == Agreement(status="missing")


def test_an_agreement_that_names_no_purpose_covers_every_one_and_says_no_basis() -> None:
    found = stands(an_agreement(flows=()), at=START, purpose=Purpose.TRANSFER)

    assert (found.status, found.lawful_basis, found.special_category_basis) == ("in_force", None, None)


def test_of_several_in_force_the_one_that_began_last_counts() -> None:
    later = an_agreement(version="2", effective_from=START + A_MOMENT)

    assert stands(later, an_agreement(), at=END - A_MOMENT).version == "2"


def test_of_several_that_began_together_the_highest_version_counts() -> None:
    assert stands(an_agreement(version="2"), an_agreement(), at=START).version == "2"


def test_days_are_counted_since_the_end_of_the_one_that_ended_last() -> None:
    first = an_agreement(version="1", ended_at=END - timedelta(days=30))
    last = an_agreement(version="2", effective_from=START - timedelta(days=1))

    found = stands(last, first, at=END + timedelta(days=3, hours=5))

    assert (found.version, found.status, found.expired_days) == ("2", "expired", 3)


def test_an_agreement_ends_when_somebody_ends_it_or_it_runs_out_whichever_is_first() -> None:
    early = END - timedelta(days=9)

    assert end_of(an_agreement(ended_at=early)) == early
    assert end_of(an_agreement(expires_on=None, ended_at=early)) == early
    assert end_of(an_agreement(ended_at=END + A_MOMENT)) == END
    assert end_of(an_agreement(expires_on=None)) is None
