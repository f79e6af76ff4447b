"""What is secret of a protected child decides no match."""

from dataclasses import replace
from datetime import date

import pytest

from gateway.matching.identify import Found, identify
from gateway.matching.identity import Identity
from gateway.matching.protected import as_protected

KNOWN = Identity(
    given="Testina", family="Exampleton", born=date(2016, 6, 14), sex="2", postcode="ZZ99 3AA", address="1 Nowhere Lane"
)
WITHHELD, ADOPTED = frozenset({"ADDRESS_WITHHELD"}), frozenset({"ADOPTED"})


def found(told: Identity, known: Identity, flags: frozenset[str]) -> Found:
    """Return who *told* is, where *known* is all we know."""
    shown = as_protected(told, known, flags=flags)
    return identify(told, [("c1", shown)] if shown else [])


@pytest.mark.parametrize("postcode", ["ZZ99 3AA", "ZZ99 3AB", "ZZ12 1AB"], ids=["right", "near", "elsewhere"])
def test_where_a_protected_child_lives_decides_nothing(postcode: str) -> None:
    told = replace(KNOWN, postcode=postcode, address="9 Elsewhere Road")

    assert found(told, KNOWN, WITHHELD) == found(replace(told, postcode="ZZ77 7ZZ"), KNOWN, WITHHELD)
    assert found(told, KNOWN, WITHHELD).status == "MATCH"


def test_an_address_alone_finds_nobody_who_is_protected() -> None:
    told = Identity(family="Somebody", born=date(2016, 6, 14), postcode="ZZ99 3AA", address="1 Nowhere Lane")

    assert as_protected(told, replace(KNOWN, given="Rubi", family="Makebelieve"), flags=WITHHELD) is None


@pytest.mark.parametrize("number", [{}, {"upn": "B801200005001"}, {"nhs": "9990000026"}], ids=["names", "upn", "nhs"])
def test_nothing_leads_from_one_record_of_an_adopted_child_to_the_other(number: dict[str, str]) -> None:
    before = replace(KNOWN, family="Birthname", **number)

    assert found(replace(KNOWN, **number), before, ADOPTED).status == "NEW"


def test_an_adopted_child_is_found_under_the_name_they_have_now() -> None:
    assert found(replace(KNOWN, given="Testinna"), KNOWN, ADOPTED).status == "MATCH"
    assert found(KNOWN, KNOWN, ADOPTED).status == "MATCH"


def test_another_flag_changes_nothing() -> None:
    assert as_protected(KNOWN, KNOWN, flags=frozenset({"INFORMANT"})) == KNOWN
