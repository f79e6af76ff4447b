"""Numbers of pupils and patients, and postcodes: sound or not, never rejected."""

import pytest

from gateway.model.identifiers import NhsNumber, Upn, normal_postcode


@pytest.mark.parametrize("value", ["B801200005001", "R201100018042", "T20110001804V", "U502400200093", "P207000016049"])
def test_a_pupil_number_with_the_right_check_letter_is_sound(value: str) -> None:
    assert Upn(value).is_sound


@pytest.mark.parametrize(
    "value", ["A801200005001", "Q207000016049", "B207000016049", "T20110001804I", "b801200005001", "B80120000500", ""]
)
def test_any_other_is_not(value: str) -> None:
    assert not Upn(value).is_sound


@pytest.mark.parametrize("value", ["9434765870", "9434765919", "9990000026", "4010232137"])
def test_an_nhs_number_with_the_right_check_digit_is_sound(value: str) -> None:
    assert NhsNumber(value).is_sound


@pytest.mark.parametrize("value", ["9434765871", "1234567890", "1111111111", "943476587", "943 476 5870", "९४३४७६५८७०"])
def test_any_other_nhs_number_is_not(value: str) -> None:
    assert not NhsNumber(value).is_sound


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        pytest.param("zz993aa", "ZZ99 3AA", id="run together"),
        pytest.param(" N1  1AA ", "N1 1AA", id="blanks"),
        pytest.param("Nowhere", None, id="not one"),
    ],
)
def test_a_postcode_has_one_spelling(written: str, normal: str | None) -> None:
    assert normal_postcode(written) == normal
