"""A wrong match shows one family's record to another; a missed one costs a person a minute. Everybody is invented."""

from dataclasses import fields, replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.matching.compare import Band, compare
from gateway.matching.identity import Identity

NHS, OTHER_NHS = "9990000026", "9434765919"
UPN, OTHER_UPN = "B801200005001", "R201100018042"

TESTINA = Identity(
    given="Testina",
    family="Exampleton",
    born=date(2014, 5, 12),
    postcode="ZZ99 3AA",
    address="1 Nowhere Lane",
    sex="2",
)


def like_testina(**changes: object) -> Identity:
    return replace(TESTINA, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(TESTINA, id="the very same"),
        pytest.param(like_testina(postcode=None, sex=None), id="no postcode, same address"),
        pytest.param(like_testina(address=None, sex=None), id="no address, same postcode"),
        pytest.param(like_testina(given="TESTINA", family="exampleton"), id="capitals"),
        pytest.param(like_testina(given="Testína"), id="an accent"),
        pytest.param(like_testina(given="Testina Rose"), id="a further name on one side"),
        pytest.param(like_testina(family="Exampelton"), id="a slip in the family name"),
        pytest.param(like_testina(family="Exampleton-Sampleby"), id="a double-barrelled name"),
        pytest.param(like_testina(given="Exampleton", family="Testina"), id="names in each other's box"),
        pytest.param(like_testina(address="1, Nowhere Ln."), id="an address written otherwise"),
        pytest.param(like_testina(given="Tess", preferred="Testina"), id="known by the name on the other form"),
    ],
)
def test_one_child_written_in_two_ways_is_a_match(other: Identity) -> None:
    assert compare(TESTINA, other).band is Band.MATCH


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("\u092e\u0940\u0928\u093e", "\u092e\u094b\u0928\u093e", id="Mina and Mona in Hindi"),
        pytest.param("\u0bae\u0bc0\u0ba9\u0bbe", "\u0bae\u0bcb\u0ba9\u0bbe", id="Mina and Mona in Tamil"),
        pytest.param("\u3086\u3046\u305f", "\u3086\u3046\u3060", id="Yuta and Yuda in Japanese"),
    ],
)
def test_twins_told_apart_by_a_sign_above_or_below_a_letter_are_not_one_child(one: str, other: str) -> None:
    assert compare(like_testina(given=one), like_testina(given=other)).band is not Band.MATCH


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("Testina", "Rosa", id="unlike names"),
        pytest.param("Amina", "Amira", id="names one letter apart"),
        pytest.param("Marian", "Marina", id="the same letters"),
        pytest.param("Ella", "Ellie", id="names that sound alike"),
        pytest.param("Daniel", "Danielle", id="one name within the other"),
        pytest.param("Mohammed Ali", "Mohammed Amir", id="one first name for both"),
        pytest.param("Ava", "Ada", id="short names"),
        pytest.param("Harry", "Henry", id="a name that is also a short form of the other"),
        pytest.param("Sam", "Samantha", id="a short form of both"),
    ],
)
@pytest.mark.parametrize("sex", [pytest.param("2", id="sex known"), pytest.param(None, id="sex not known")])
def test_twins_are_never_a_match(one: str, other: str, sex: str | None) -> None:
    verdict = compare(like_testina(given=one, sex=sex), like_testina(given=other, sex=sex))

    assert verdict.band is not Band.MATCH


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("Testina", "Rosa", id="unlike names"),
        pytest.param("Amina", "Amira", id="names one letter apart"),
        pytest.param("Mohammed Ali", "Mohammed Amir", id="one first name for both"),
    ],
)
def test_twins_are_never_a_match_even_under_one_number_by_mistake(one: str, other: str) -> None:
    verdict = compare(like_testina(given=one, upn=UPN), like_testina(given=other, upn=UPN))

    assert verdict.band is not Band.MATCH


@pytest.mark.parametrize(
    ("one", "other", "band"),
    [
        pytest.param("Muhammad", "Mohammed Ali", Band.POTENTIAL, id="any of the brothers"),
        pytest.param("Muhammad Ali", "Mohammed Ali", Band.MATCH, id="this brother"),
        pytest.param("Muhammad", "Mohammed", Band.MATCH, id="no further name on either"),
    ],
)
def test_a_first_name_that_brothers_share_does_not_tell_them_apart(one: str, other: str, band: Band) -> None:
    assert compare(like_testina(given=one, sex="1"), like_testina(given=other, sex="1")).band is band


@pytest.mark.parametrize("number", [pytest.param({"nhs": NHS}, id="NHS"), pytest.param({"upn": UPN}, id="UPN")])
def test_a_short_form_is_a_match_with_a_number_in_common(number: dict[str, str]) -> None:
    thomas = like_testina(given="Thomas", sex="1", **number)

    assert compare(thomas, replace(thomas, given="Tom")).band is Band.MATCH


def test_a_twin_who_goes_by_the_first_name_both_have_is_not_the_other() -> None:
    ali = like_testina(given="Mohammed Ali", preferred="Ali", sex="1")
    amir = like_testina(given="Mohammed Amir", preferred="Mohammed", sex="1")

    assert compare(ali, amir).band is not Band.MATCH


@pytest.mark.parametrize("upn", [pytest.param(None, id="no number"), pytest.param(UPN, id="one number for both")])
def test_a_father_and_a_son_of_one_name_are_never_a_match(upn: str | None) -> None:
    son = like_testina(given="Mock", sex="1", upn=upn)
    father = replace(son, born=date(1984, 11, 3))

    assert compare(son, father).band is not Band.MATCH


def test_a_father_whose_birthday_nobody_wrote_down_is_not_his_son() -> None:
    son = like_testina(given="Mock", sex="1")

    assert compare(son, replace(son, born=None)).band is Band.LOW


def test_name_and_birthday_alone_are_for_a_person() -> None:
    bare = Identity(given="Testina", family="Exampleton", born=date(2014, 5, 12))

    assert compare(bare, TESTINA).band is Band.POTENTIAL


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(like_testina(postcode="ZZ99 4BB", address="7 Elsewhere Road"), id="moved house"),
        pytest.param(like_testina(born=date(2014, 12, 5)), id="day and month in each other's place"),
        pytest.param(like_testina(born=date(2014, 5, 13)), id="a slip in the birthday"),
        pytest.param(like_testina(given="T"), id="an initial"),
        pytest.param(like_testina(given="Testian"), id="a slip in the given name"),
        pytest.param(like_testina(sex="1"), id="the other sex"),
    ],
)
def test_one_doubt_is_for_a_person(other: Identity) -> None:
    assert compare(TESTINA, other).band is Band.POTENTIAL


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(like_testina(postcode="ZZ99 4BB", address="7 Elsewhere Road"), id="moved house"),
        pytest.param(like_testina(family="Sampleby"), id="another family name"),
        pytest.param(like_testina(born=date(2014, 12, 5)), id="day and month in each other's place"),
        pytest.param(like_testina(born=None), id="no birthday"),
        pytest.param(like_testina(given="T"), id="an initial"),
    ],
)
@pytest.mark.parametrize("number", [pytest.param({"nhs": NHS}, id="NHS"), pytest.param({"upn": UPN}, id="UPN")])
def test_a_sound_number_in_common_settles_a_doubt(other: Identity, number: dict[str, str]) -> None:
    verdict = compare(like_testina(**number), replace(other, **number))  # type: ignore[arg-type]

    assert verdict.band is Band.MATCH


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(like_testina(born=date(2009, 1, 30)), id="another birthday"),
        pytest.param(like_testina(sex="1"), id="the other sex"),
        pytest.param(like_testina(given="Rosa"), id="another given name"),
        pytest.param(like_testina(given="Testian"), id="a given name one slip apart"),
        pytest.param(like_testina(given="Rosa", family="Sampleby", born=date(2009, 1, 30)), id="another child"),
    ],
)
def test_a_number_in_common_does_not_outweigh_what_contradicts(other: Identity) -> None:
    verdict = compare(like_testina(nhs=NHS), replace(other, nhs=NHS))

    assert verdict.band is not Band.MATCH


def test_two_nhs_numbers_are_two_children_until_a_person_says_otherwise() -> None:
    assert compare(like_testina(nhs=NHS), like_testina(nhs=OTHER_NHS)).band is Band.POTENTIAL


def test_a_child_may_have_two_pupil_numbers() -> None:
    one, other = like_testina(nhs=NHS, upn=UPN), like_testina(nhs=NHS, upn=OTHER_UPN)

    assert compare(one, other).band is Band.MATCH


def test_a_brother_is_another_child() -> None:
    brother = like_testina(given="Mock", born=date(2012, 1, 1), sex="1")

    verdict = compare(TESTINA, brother)

    assert verdict.band is Band.LOW
    assert verdict.is_other_child


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(Identity(sex="2"), id="only the sex"),
        pytest.param(Identity(), id="nothing"),
        pytest.param(
            Identity(given="Mock", family="Sampleby", born=date(2010, 2, 3), postcode="ZZ99 4BB"), id="all else"
        ),
    ],
)
def test_where_nothing_tells_agrees_nothing_is_scored(other: Identity) -> None:
    verdict = compare(TESTINA, other)

    assert (verdict.band, verdict.score) == (Band.NONE, 0.0)


@pytest.mark.parametrize(
    "name",
    [pytest.param("Baby", id="baby"), pytest.param("Not known", id="not known"), pytest.param("N/A", id="N/A")],
)
def test_a_placeholder_is_no_name_to_agree_in(name: str) -> None:
    verdict = compare(like_testina(given=name), like_testina(given=name))

    assert verdict.band is not Band.MATCH
    assert not any(line.startswith("given=") for line in verdict.evidence)


def test_two_unborn_children_of_one_mother_and_date_are_for_a_person_at_most() -> None:
    unborn = Identity(family="Exampleton", expected=date(2026, 12, 1), postcode="ZZ99 3AA", address="1 Nowhere Lane")

    verdict = compare(unborn, replace(unborn, expected=date(2026, 12, 8)))

    assert verdict.band is Band.LOW


def test_a_child_born_far_from_the_expected_date_is_another() -> None:
    unborn = Identity(family="Exampleton", expected=date(2026, 12, 1))

    assert "dob=different" in compare(TESTINA, unborn).evidence
    assert "dob=different" not in compare(like_testina(born=date(2026, 11, 20)), unborn).evidence


@pytest.mark.parametrize(
    ("one", "other", "likeness"),
    [
        pytest.param("Flat 2, 1 Nowhere Lane", "1 Nowhere Ln", "same", id="the flat left out"),
        pytest.param("1 Nowhere Lane", "11 Nowhere Lane", "different", id="another number"),
        pytest.param("Rose Cottage, Nowhere", "Rose Cottage Nowhere", "same", id="no number"),
        pytest.param("1 Nowhere Lane", "1 Elsewhere Road", "different", id="another street"),
    ],
)
def test_an_address_is_its_number_and_its_words(one: str, other: str, likeness: str) -> None:
    verdict = compare(like_testina(address=one), like_testina(address=other))

    assert f"address={likeness}" in verdict.evidence


def test_evidence_names_fields_and_never_a_value() -> None:
    verdict = compare(like_testina(nhs=NHS), like_testina(nhs=NHS, given="Rosa"))

    assert verdict.evidence == (
        "given=different", "family=same", "dob=same", "postcode=same", "address=same", "sex=same", "nhs=same",
    )  # fmt: skip


names = st.sampled_from(
    ["Testina", "Testino", "Tess", "Mock", "Trial", "Sam", "Samuel", "Samantha", "Mohammed Ali", "Mohammed Amir", "T"]
)
identities = st.builds(
    Identity,
    given=st.none() | names,
    family=st.none()
    | st.sampled_from(["Exampleton", "Exampelton", "Sampleby", "Exampleton-Sampleby", "Li", "Testina"]),
    preferred=st.none() | names,
    born=st.none() | st.dates(date(2010, 1, 1), date(2014, 12, 31)),
    expected=st.none() | st.dates(date(2014, 1, 1), date(2014, 12, 31)),
    postcode=st.none() | st.sampled_from(["ZZ99 3AA", "ZZ99 3AB", "ZZ99 4BB"]),
    address=st.none() | st.sampled_from(["1 Nowhere Lane", "11 Nowhere Lane", "1 Nowhere Ln", "Rose Cottage"]),
    sex=st.none() | st.sampled_from(["1", "2"]),
    upn=st.none() | st.sampled_from([UPN, OTHER_UPN]),
    nhs=st.none() | st.sampled_from([NHS, OTHER_NHS]),
)


@given(identities, identities)
def test_the_order_of_the_two_never_matters(one: Identity, other: Identity) -> None:
    assert compare(one, other) == compare(other, one)


@given(identities, identities)
def test_band_and_score_agree(one: Identity, other: Identity) -> None:
    verdict = compare(one, other)

    lowest = {Band.MATCH: 0.95, Band.POTENTIAL: 0.85, Band.LOW: 0.001, Band.NONE: 0.0}
    highest = {Band.MATCH: 1.0, Band.POTENTIAL: 0.949, Band.LOW: 0.849, Band.NONE: 0.0}
    assert lowest[verdict.band] <= verdict.score <= highest[verdict.band]


@given(identities, st.sampled_from([spec.name for spec in fields(Identity)]))
def test_leaving_something_out_never_looks_more_alike(identity: Identity, left_out: str) -> None:
    whole = compare(identity, identity)

    assert compare(identity, replace(identity, **{left_out: None})).score <= whole.score


@given(identities, identities, identities)
def test_no_two_given_names_apart_are_ever_a_match(one: Identity, two: Identity, place: Identity) -> None:
    household = replace(place, family="Exampleton", born=date(2012, 3, 4), preferred=None, nhs=None)
    first = replace(household, given="Testina", upn=one.upn, sex=one.sex)
    second = replace(household, given="Rosalind", upn=two.upn, sex=two.sex)

    assert compare(first, second).band is not Band.MATCH
