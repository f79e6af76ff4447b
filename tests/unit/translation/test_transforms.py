import base64
import hashlib
from datetime import date

import pytest

from gateway.translation.transforms import SEVERAL, TRANSFORMS, Gives, Made, Outcome

TODAY = date(2026, 11, 18)


def run(name: str, text: str) -> Made:
    one = TRANSFORMS[name].one
    assert one is not None
    return one(text, TODAY)


@pytest.mark.parametrize(
    ("name", "text", "made"),
    [
        ("text", "Year  5", "Year  5"),
        ("words", "Year  5", "Year 5"),
        ("lines", "1 Nowhere Lane\r\n\r\n Exampleton ", ["1 Nowhere Lane", "Exampleton"]),
        ("semicolons", "School; GP;", ["School", "GP"]),
        ("date", "14/06/2016", "2016-06-14"),
        ("date_uk", "14/06/2016", "2016-06-14"),
        ("date_to_uk", "2016-06-14", "14/06/2016"),
        ("birth_date", "2004-06-14T00:00:00+01:00", "2004-06-14"),
        ("birth_date", "12/03/2027", None),
        ("birth_date", "about 9", None),
        ("due_date", "12/03/2027", "2027-03-12"),
        ("due_date", "14/06/2016", None),
        ("birth_as_written", "14/06/2016", None),
        ("birth_as_written", "Due 12/03/2027", None),
        ("birth_as_written", "Due 12/03/2027 by section", "Due 12/03/2027 by section"),
        ("date_as_written", "14/06/2016", None),
        ("instant", "2026-11-17T10:04:09Z", "2026-11-17T10:04:09+00:00"),
        ("whole_number", "2", 2),
        ("number_text", "2", "2"),
        ("upn", " b801200005001", "B801200005001"),
        ("nhs_number", "999 000-0026", "9990000026"),
        ("postcode", "zz993aa", "ZZ99 3AA"),
        ("second_id", "1001, 5001,7", "5001"),
        ("second_id", "1001", None),
        ("second_id", "1001,", None),
    ],
)
def test_a_transform_makes_this_of_that(name: str, text: str, made: Made) -> None:
    assert run(name, text) == made


@pytest.mark.parametrize(
    ("name", "text", "value", "codes"),
    [
        ("date", "14/06/16", None, ["two-digit-year"]),
        ("date_to_uk", "next week", None, ["date-not-read"]),
        ("date", "next week", None, ["date-not-read"]),
        ("birth_as_written", "1/7/80", "1/7/80", ["two-digit-year"]),
        ("birth_as_written", "About 9", "About 9", ["date-not-read"]),
        ("date_as_written", "12/03/2027", "12/03/2027", ["future-date"]),
        ("date_as_written", "in his fifties", "in his fifties", ["date-not-read"]),
        ("instant", "yesterday", None, ["instant-not-read"]),
        ("whole_number", "two", None, ["number-not-read"]),
        ("whole_number", "9" * 16, None, ["number-not-read"]),
        ("whole_number", "٣", None, ["number-not-read"]),
        ("upn", "Q207000016049", "Q207000016049", ["upn-check"]),
        ("upn", "A123", "A123", ["upn-check"]),
        ("upn", "not known, was at a Kent school", "not known, was at a Kent school", ["upn-check"]),
        ("nhs_number", "9434765871", "9434765871", ["nhs-number-check"]),
        ("nhs_number", "943476591", None, ["nhs-number-shape"]),
        ("nhs_number", "9.43477E+09", None, ["nhs-number-shape"]),
        ("postcode", "Nowhere", "Nowhere", ["postcode-shape"]),
        ("sha256_of_base64", "no base64!", None, ["not-base64"]),
        ("whole_name", "Testina Exampleton", "Testina Exampleton", ["name-not-split"]),
    ],
)
def test_what_is_odd_is_said(name: str, text: str, value: str | None, codes: list[str]) -> None:
    made = run(name, text)

    assert isinstance(made, Outcome)
    assert made.value == value
    assert [code for code, _ in made.notes] == codes


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("date", "2016-06-14T13:20:00", "2016-06-14"),
        ("birth_date", "2016-06-14T13:20:00", "2016-06-14"),
        ("first_id", "1001,5001", "1001"),
    ],
)
def test_what_a_transform_drops_is_said(name: str, text: str, value: str) -> None:
    made = run(name, text)

    assert isinstance(made, Outcome)
    assert (made.value, len(made.lost)) == (value, 1)


def test_the_only_identifier_loses_nothing() -> None:
    assert run("first_id", "1001") == Outcome("1001")


def test_an_attached_documents_digest_is_that_of_its_bytes() -> None:
    inside = b"%PDF-1.4 invented"

    made = run("sha256_of_base64", base64.encodebytes(inside).decode())

    assert made == hashlib.sha256(inside).hexdigest()


@pytest.mark.parametrize(
    ("texts", "made"), [(("Ada", None, "Lovely"), "Ada Lovely"), (("Ada",), "Ada"), ((None, None), None)]
)
def test_words_are_joined_and_gaps_left_out(texts: tuple[str | None, ...], made: str | None) -> None:
    join = TRANSFORMS["join_words"].several

    assert join is not None
    assert join(texts) == made


def test_only_two_transforms_read_more_than_one_leaf() -> None:
    assert SEVERAL == ("join_lines", "join_words")


@pytest.mark.parametrize("name", [name for name, made in TRANSFORMS.items() if made.inverse is not None])
def test_an_inverse_is_a_transform_of_one_leaf(name: str) -> None:
    inverse = TRANSFORMS[TRANSFORMS[name].inverse or ""]

    assert inverse.one is not None
    assert inverse.gives is not Gives.TEXTS


def test_no_warning_repeats_a_value() -> None:
    secret = "Exampleton 9434765871x"

    told = [
        message
        for made in TRANSFORMS.values()
        if made.one is not None
        for outcome in [made.one(secret, TODAY)]
        if isinstance(outcome, Outcome)
        for _, message in outcome.notes
    ]

    assert len(told) >= 8
    assert not any("Exampleton" in message or "9434765871" in message for message in told)
