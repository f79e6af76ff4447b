"""A child is found again only under keys that two documents about them share."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.matching.identity import Identity
from gateway.matching.keys import index_keys, search_keys

TESTINA = Identity(
    given="Testina",
    family="Exampleton",
    born=date(2014, 5, 12),
    postcode="ZZ99 3AA",
    sex="2",
    upn="B801200005001",
    nhs="9990000026",
)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(replace(TESTINA, given="Rosa", postcode=None, upn=None, nhs=None), id="family name and birthday"),
        pytest.param(Identity(born=date(2014, 5, 12), postcode="ZZ99 3AA"), id="birthday and postcode"),
        pytest.param(Identity(born=date(2014, 12, 5), postcode="ZZ99 3AA"), id="day and month swapped"),
        pytest.param(Identity(given="Testina", born=date(2014, 5, 12)), id="given name and birthday"),
        pytest.param(Identity(family="Testina", born=date(2014, 5, 12)), id="names in each other's box"),
        pytest.param(
            Identity(given="Tess", family="Exampelton", born=date(2014, 5, 12)), id="a name that sounds alike"
        ),
        pytest.param(Identity(given="Testina", family="Exampleton", postcode="ZZ99 3AA"), id="no birthday"),
        pytest.param(Identity(family="Exampelton", nhs="9990000026"), id="NHS number and family name"),
        pytest.param(Identity(born=date(2014, 1, 1), upn="B801200005001"), id="UPN and year of birth"),
        pytest.param(Identity(family="Sampleby-Exampleton", born=date(2014, 5, 12)), id="a double-barrelled name"),
        pytest.param(Identity(preferred="Testina", born=date(2014, 5, 12)), id="the name she goes by"),
    ],
)
def test_two_documents_about_one_child_share_a_key(other: Identity) -> None:
    assert set(index_keys(TESTINA)) & set(search_keys(other))


@pytest.mark.parametrize(
    "alone",
    [
        pytest.param(Identity(family="Exampleton"), id="family name"),
        pytest.param(Identity(given="Testina", family="Exampleton"), id="names without day or place"),
        pytest.param(Identity(born=date(2014, 5, 12)), id="birthday"),
        pytest.param(Identity(postcode="ZZ99 3AA"), id="postcode"),
        pytest.param(Identity(nhs="9990000026"), id="NHS number"),
        pytest.param(Identity(upn="B801200005001"), id="UPN"),
        pytest.param(Identity(sex="2", address="1 Nowhere Lane"), id="sex and address"),
        pytest.param(Identity(), id="nothing"),
    ],
)
def test_one_attribute_alone_makes_no_key(alone: Identity) -> None:
    assert index_keys(alone) == ()


def test_an_unborn_child_is_filed_by_the_expected_date() -> None:
    unborn = Identity(family="Exampleton", expected=date(2026, 12, 1))

    assert index_keys(unborn) == (("name+dob", "exampleton|expected 2026-01-12"),)


AWAITED = Identity(family="Exampleton", expected=date(2026, 11, 30), postcode="ZZ99 3AA")


@pytest.mark.parametrize(
    "born",
    [
        pytest.param(date(2026, 11, 16), id="two weeks early"),
        pytest.param(date(2026, 8, 2), id="four months early"),
        pytest.param(date(2027, 3, 30), id="four months late"),
    ],
)
def test_a_child_that_is_awaited_shares_a_key_with_one_that_is_born_in_time(born: date) -> None:
    child = Identity(given="Rosa", family="Exampleton", born=born, postcode="ZZ99 3AA")

    assert set(index_keys(AWAITED)) & set(search_keys(child))
    assert set(search_keys(AWAITED)) & set(index_keys(child))


def test_two_who_were_born_do_not_meet_as_one_awaited_would() -> None:
    """Cousins of one house, a day apart: nobody need be asked whether they are one."""
    otto = Identity(given="Otto", family="Exampleton", born=date(2026, 11, 16), postcode="ZZ99 3AA")
    rosa = Identity(given="Rosa", family="Exampleton", born=date(2026, 11, 17), postcode="ZZ99 3AA")

    assert not set(index_keys(otto)) & set(search_keys(rosa))


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(
            Identity(given="Otto", family="Exampleton", born=date(2025, 11, 16), postcode="ZZ99 3AA"), id="older"
        ),
        pytest.param(
            Identity(given="Rosa", family="Exampleton", born=date(2026, 11, 16), postcode="ZZ99 3AB"), id="away"
        ),
        pytest.param(
            Identity(given="Rosa", family="Fictional", born=date(2026, 11, 16), postcode="ZZ99 3AA"), id="not theirs"
        ),
    ],
)
def test_a_child_that_is_awaited_shares_no_key_with_anybody_else(other: Identity) -> None:
    assert not set(index_keys(AWAITED)) & set(search_keys(other))


def test_the_first_and_the_last_month_a_calendar_has_make_keys() -> None:
    assert index_keys(Identity(family="Exampleton", expected=date.min, postcode="ZZ99 3AA"))
    assert index_keys(Identity(family="Exampleton", expected=date.max, postcode="ZZ99 3AA"))


@given(st.builds(replace, st.just(TESTINA), given=st.none() | st.text(), family=st.none() | st.text()))
def test_each_key_comes_once_and_joins_something(identity: Identity) -> None:
    keys = index_keys(identity)

    assert len(set(keys)) == len(keys)
    assert all("|" in value for _, value in keys)
