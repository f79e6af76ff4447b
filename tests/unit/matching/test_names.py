import pytest

from gateway.matching.names import soundex, words_of
from gateway.model.name_forms import is_short_form, spelling_of


@pytest.mark.parametrize(
    ("word", "code"),
    [
        pytest.param(word, code, id=word)
        for word, code in (
            ("robert", "R163"),
            ("rupert", "R163"),
            ("rubin", "R150"),
            ("ashcraft", "A261"),
            ("tymczak", "T522"),
            ("pfister", "P236"),
            ("honeyman", "H555"),
            ("lee", "L000"),
            ("", ""),
        )
    ],
)
def test_soundex_gives_the_published_codes(word: str, code: str) -> None:
    assert soundex(word) == code


@pytest.mark.parametrize(
    ("written", "words"),
    [
        pytest.param("O\u2019Brien-Ñuñez", ("obrien", "nunez"), id="apostrophe, hyphen, tilde"),
        pytest.param("  Łódź ", ("lodz",), id="letters no accent is taken from"),
        pytest.param("STRASSE", ("strasse",), id="capitals"),
        pytest.param("Unknown", (), id="a placeholder"),
        pytest.param(None, (), id="nothing"),
    ],
)
def test_names_are_folded(written: str | None, words: tuple[str, ...]) -> None:
    assert words_of(written) == words


def test_spellings_of_one_name_are_one() -> None:
    assert spelling_of("muhammad") == spelling_of("mohamed")
    assert spelling_of("amina") != spelling_of("amira")


def test_a_short_form_works_both_ways_and_never_joins_two_long_ones() -> None:
    assert is_short_form("sam", "samuel")
    assert is_short_form("samuel", "sam")
    assert not is_short_form("samuel", "samantha")
