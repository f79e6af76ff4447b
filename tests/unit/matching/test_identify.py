from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from gateway.matching.identify import Found, identify
from gateway.matching.identity import Identity

TESTINA = Identity(
    given="Testina", family="Exampleton", born=date(2014, 5, 12), postcode="ZZ99 3AA", address="1 Nowhere Lane", sex="2"
)
MOVED = replace(TESTINA, postcode="ZZ99 4BB", address="7 Elsewhere Road")
TWIN = replace(TESTINA, given="Rosa")
BROTHER = replace(TESTINA, given="Mock", born=date(2012, 1, 1), sex="1")
NOBODY = Identity(given="Trial", family="Sampleby", born=date(2010, 2, 3))


def test_the_child_we_know_is_found_among_family() -> None:
    found = identify(TESTINA, [("brother", BROTHER), ("twin", TWIN), ("she", TESTINA)])

    assert (found.status, found.ref) == ("MATCH", "she")


def test_a_match_is_not_made_doubtful_by_a_likeness_beside_it() -> None:
    found = identify(TESTINA, [("moved", MOVED), ("she", TESTINA)])

    assert (found.status, found.ref) == ("MATCH", "she")


def test_two_matches_are_many() -> None:
    found = identify(TESTINA, [("one", TESTINA), ("two", replace(TESTINA, address=None))])

    assert (found.status, found.ref) == ("MANY", None)


def test_two_potential_matches_are_many() -> None:
    found = identify(TESTINA, [("one", MOVED), ("two", replace(MOVED, postcode=None))])

    assert found.status == "MANY"


def test_a_child_who_may_be_one_we_know_is_for_a_person() -> None:
    found = identify(TESTINA, [("moved", MOVED)])

    assert (found.status, found.ref) == ("POTENTIAL", "moved")


def test_a_twin_alone_is_for_a_person() -> None:
    assert identify(TESTINA, [("twin", TWIN)]).status == "LOW"


def test_of_several_unlikely_ones_the_likeliest_is_shown_to_the_person() -> None:
    vague = Identity(given="Testina", family="Exampleton")

    assert identify(TESTINA, [("vague", vague), ("twin", TWIN)]).ref == "twin"
    assert identify(TESTINA, [("b", TWIN), ("a", TWIN)]).ref == "a"


def test_a_brother_is_no_doubt_about_a_new_child() -> None:
    assert identify(TESTINA, [("brother", BROTHER)]) == Found(status="NEW", score=0.0, ref=None, evidence=())


def test_nobody_known_is_a_new_child() -> None:
    assert identify(TESTINA, []).status == "NEW"
    assert identify(TESTINA, [("nobody", NOBODY)]).status == "NEW"


@given(st.permutations([("moved", MOVED), ("twin", TWIN), ("she", TESTINA), ("brother", BROTHER), ("no", NOBODY)]))
def test_the_order_of_candidates_never_matters(candidates: list[tuple[str, Identity]]) -> None:
    assert identify(TESTINA, candidates).ref == "she"
