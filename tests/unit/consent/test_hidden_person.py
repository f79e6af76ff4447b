"""Is somebody in a document kept back who may be whom nobody may be told of, however they are written there?"""

from datetime import date
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.consent.hidden_person import (
    SOMEBODY,
    HiddenPerson,
    Told,
    check_hidden,
    is_child,
    is_surely_somebody_else,
    words_of_name,
)
from gateway.errors import SchemaViolationError

ON: Final = date(2026, 11, 23)
FATHER: Final = HiddenPerson(name="David Otto Fatherly", born="1980-02-03", reference="P2")
UNDATED: Final = HiddenPerson(name="David Otto Fatherly")


def told(*names: str, born: str | None = None, reference: str | None = None, unborn: bool = False) -> Told:
    return Told(names=names, born=born, reference=reference, unborn=unborn)


MAY_BE: Final = {
    "the name as it is": told("David Otto Fatherly"),
    "the name in two parts": told("David", "Fatherly"),
    "the family name first": told("FATHERLY, David"),
    "a short name": told("Dave Fatherly"),
    "initials": told("D. O. Fatherly"),
    "the family name alone": told("Mr Fatherly"),
    "the given name alone": told("Otto"),
    "a double-barrelled name": told("David Exampleton-Fatherly"),
    "a slip of the pen": told("Daivd Faterhly"),
    "accents": told("Dávid Fâtherly"),
    "another script": told("Дэвид Фазерли"),
    "letters that have no names": told("\U00017000\U00017001"),
    "in one word": told("davidfatherly"),
    "a former name": told("Otto Formerly"),
    "no name": told(),
    "N N": told("N N"),
    "unknown": told("unknown"),
    "dad": told("Dad"),
    "dad of somebody": told("Dad of Testina"),
    "his birth date under another name": told("Zed Nobody", born="1980-02-03"),
    "another birth date under his very name": told("David Fatherly", born="1991-07-30"),
    "another birth date under two of his three names": told("David Zed Fatherly", born="1991-07-30"),
    "another birth date under a short name": told("Dave Fatherly", born="1991-07-30"),
    "another birth date under an initial": told("D. Fatherly", born="1991-07-30"),
    "day and month changed": told("Otto Formerly", born="1980-03-02", reference="P9"),
    "a slip in the year": told("Fatherly Zed", born="1908-02-03"),
    "what the document calls him": told("Zed Nobody", born="1991-07-30", reference="P2"),
}


@pytest.mark.parametrize("entry", MAY_BE.values(), ids=MAY_BE.keys())
def test_whoever_may_be_the_hidden_one_is_not_surely_somebody_else(entry: Told) -> None:
    assert is_surely_somebody_else(entry, FATHER, on=ON) is False


ELSE: Final = {
    "a name none of whose words agree": told("Mona Exampleton"),
    "the same in two parts": told("Mona", "Exampleton"),
    "a family name in common, born at another time": told("Mona Fatherly", born="1983-09-30"),
    "no name, born at another time": told(born="1983-09-30"),
    "no name, born in another month of the year": told(born="1980-09-30"),
    "somebody's mother, born at another time": told("Mum of Testina", born="1983-09-30"),
}


@pytest.mark.parametrize("entry", ELSE.values(), ids=ELSE.keys())
def test_whoever_has_nothing_of_the_hidden_one_stays(entry: Told) -> None:
    assert is_surely_somebody_else(entry, FATHER, on=ON)


def test_a_child_of_the_hidden_one_s_family_name_stays_where_nobody_knows_when_he_was_born() -> None:
    assert is_surely_somebody_else(told("Rubi Fatherly", born="2014-05-06"), UNDATED, on=ON)


def test_a_child_of_the_hidden_one_s_very_name_does_not_stay() -> None:
    assert not is_surely_somebody_else(told("David Fatherly", born="2014-05-06"), UNDATED, on=ON)


def test_an_adult_of_the_same_family_name_does_not_stay_where_no_birth_date_tells_them_apart() -> None:
    assert not is_surely_somebody_else(told("Mona Fatherly", born="1983-09-30"), UNDATED, on=ON)


def test_the_birth_date_beside_the_very_name_in_the_document_tells_a_wife_from_her_husband() -> None:
    husband, wife = told("Fatherly, David Otto", born="1980-02-03"), told("Mona Fatherly", born="1983-09-30")

    assert is_surely_somebody_else(wife, UNDATED, on=ON, others=(husband, wife))
    assert not is_surely_somebody_else(husband, UNDATED, on=ON, others=(husband, wife))


def test_a_birth_date_taken_from_the_document_lets_nobody_without_a_name_stay() -> None:
    husband, nameless = told("David Otto Fatherly", born="1980-02-03"), told("Dad", born="1983-09-30")

    assert not is_surely_somebody_else(nameless, UNDATED, on=ON, others=(husband, nameless))


HUSBAND: Final = told("David Otto Fatherly", born="1980-02-03")
BESIDE: Final = {
    "one whose birth date nobody knows": (told("David Otto Fatherly"),),
    "two, and one was born on nearly the same day": (HUSBAND, told("David Otto Fatherly", born="1983-09-29")),
    "a child, who is not he": (told("David Otto Fatherly", born="2014-05-06"),),
    "one of another name": (told("Zed Otto Fatherly", born="1980-02-03"),),
}


@pytest.mark.parametrize("others", BESIDE.values(), ids=BESIDE.keys())
def test_whoever_bears_the_very_name_tells_a_wife_apart_only_by_a_birth_date_that_is_surely_his(
    others: tuple[Told, ...],
) -> None:
    wife = told("Mona Fatherly", born="1983-09-30")

    assert not is_surely_somebody_else(wife, UNDATED, on=ON, others=(*others, wife))


def test_a_birth_date_in_the_document_counts_for_nothing_where_another_is_known() -> None:
    entry = told("Otto Formerly", born="1980-02-04")
    misdated = told("David Otto Fatherly", born="1991-07-30")

    assert not is_surely_somebody_else(entry, FATHER, on=ON, others=(misdated, entry))


AGREE: Final = {
    "the first two letters of it": ("Joanne", "Jo"),
    "two letters of which it is the beginning": ("Jo", "Joanne"),
    "the same two letters": ("Li", "Li"),
    "three of four letters": ("Cora", "Dora"),
    "the last four letters": ("Susanna", "Anna"),
    "plain letters for others": ("Дэвид", "David"),
    "two other scripts": ("Дэвид", "Δαβίδ"),
    "an initial of another script": ("Дэвид", "Δ. Дельта"),
    "a short form that is no part of it": ("William Turnerly", "Bill"),
    "two short forms of one name": ("Bob Turnerly", "Rob"),
    "another spelling of a name from another alphabet": ("Muhammad Unreal", "Mohamed"),
    "a short form of another spelling": ("Muhamed Unreal", "Mo"),
    "initials in one word": ("Otto Fatherly", "OF"),
    "three initials in one word": ("Otto David Fatherly", "ODF"),
    "a name for initials in one word": ("OF", "Otto Fatherly"),
    "what a family calls him": ("Otto Fatherly", "Papa"),
    "what a family calls an aunt": ("Rose Auntly", "Auntie"),
    "a word for whoever does not say": ("Otto Fatherly", "Refused"),
    "a kind of person": ("Otto Fatherly", "Adult male"),
}
DIFFER: Final = {
    "the last three letters": ("Brian", "Ian"),
    "three letters of four": ("Hann", "Ann"),
    "half the letters": ("Cora", "Mona"),
    "other letters of the same script": ("Дэвид", "Борис"),
    "a short form of another name": ("William Turnerly", "Bob"),
    "a short name of other letters": ("Otto Fatherly", "Li"),
    "one of two initials in one word": ("Otto Fatherly", "OX"),
    "a longer word of his initials": ("Otto Fatherly", "Foof"),
    "two words of his initials": ("Otto Fatherly", "OF FO"),
}


@pytest.mark.parametrize(("hers", "written"), AGREE.values(), ids=AGREE.keys())
def test_one_word_that_may_be_of_the_name_keeps_back_whoever_bears_it(hers: str, written: str) -> None:
    hidden = HiddenPerson(name=hers)

    assert not is_surely_somebody_else(told(written), hidden, on=ON)


@pytest.mark.parametrize(("hers", "written"), DIFFER.values(), ids=DIFFER.keys())
def test_a_word_that_has_little_of_the_name_keeps_nobody_back(hers: str, written: str) -> None:
    hidden = HiddenPerson(name=hers)

    assert is_surely_somebody_else(told(written), hidden, on=ON)


WORDS: Final = {
    "two parts": (("David", "Fatherly"), {"david", "fatherly"}),
    "a part that is not known": (("David", None), {"david"}),
    "an apostrophe": (("O'Unreal",), {"ounreal"}),
    "an accent": (("Dávid",), {"david"}),
    "letters of other alphabets": (("Łukasz Ødegård",), {"lukasz", "odegard"}),
    "initials beside a name": (("D. O. Fatherly",), {"d", "o", "fatherly"}),
    "two letters": (("Li Wu",), {"li", "wu"}),
    "a title": (("Dr Mona Exampleton",), {"mona", "exampleton"}),
    "whose father": (("Dad of Testina",), {"dad", "of", "testina"}),
    "initials alone": (("N N",), set()),
    "a word that names nobody": (("Dad",), set()),
    "nothing": ((None,), set()),
}


@pytest.mark.parametrize(("names", "words"), WORDS.values(), ids=WORDS.keys())
def test_a_name_has_the_words_by_which_somebody_can_be_told_apart(names: tuple[str | None], words: set[str]) -> None:
    assert words_of_name(*names) == words


@pytest.mark.parametrize("born", [None, "1980-02-03"])
def test_somebody_with_a_name_can_be_looked_for(born: str | None) -> None:
    check_hidden(HiddenPerson(name="Otto Fatherly", born=born), "persons[0]")


@pytest.mark.parametrize(
    ("person", "path"),
    [
        (HiddenPerson(born="1980-02-03"), "persons[0].name"),
        (HiddenPerson(name="Dad"), "persons[0].name"),
        (HiddenPerson(name="Otto Fatherly", born="3 February 1980"), "persons[0].born"),
    ],
    ids=["no name", "no name to go by", "no day"],
)
def test_who_could_never_be_found_is_refused_without_their_name(person: HiddenPerson, path: str) -> None:
    with pytest.raises(SchemaViolationError) as caught:
        check_hidden(person, "persons[0]")

    assert caught.value.place.path == path
    assert "Otto" not in str(caught.value)


@pytest.mark.parametrize(
    ("entry", "stays"),
    [
        (told("Mona Exampleton", born="1983-09-30"), False),
        (told("Mona Exampleton"), False),
        (told("Rubi Exampleton", born="2008-11-24"), True),
        (told("Rubi Exampleton", born="2008-11-23"), False),
        (told(unborn=True), True),
    ],
    ids=["an adult", "of no known age", "seventeen", "eighteen today", "not born yet"],
)
def test_where_nobody_is_named_only_those_who_are_surely_children_stay(entry: Told, stays: bool) -> None:
    assert is_surely_somebody_else(entry, SOMEBODY, on=ON) is stays


def test_whoever_was_born_on_a_leap_day_is_a_child_until_the_day_after_it_would_be() -> None:
    assert is_child(told(born="2008-02-29"), on=date(2026, 2, 28))
    assert not is_child(told(born="2008-02-29"), on=date(2026, 3, 1))


def test_a_hidden_person_shows_nothing_of_themselves_when_printed() -> None:
    assert "Fatherly" not in repr(FATHER)


GIVEN: Final = ("Otto", "David", "Mohammed", "Zoë", "Łukasz", "Anne-Marie", "Siobhán", "Bartholomew")
FAMILIES: Final = ("Fatherly", "O'Unreal", "Smith-Makebelieve", "MacDonald", "Ó Sampleton", "van der Nowhere", "Müller")


@st.composite
def _pairs(draw: st.DrawFn) -> tuple[Told, HiddenPerson]:
    """Draw a hidden person, and their own entry written in some of the ways people write."""
    first, last = draw(st.sampled_from(GIVEN)), draw(st.sampled_from(FAMILIES))
    born = draw(st.builds(date, st.integers(1940, 2004), st.integers(1, 12), st.integers(1, 28)))
    hidden = HiddenPerson(
        name=draw(st.sampled_from((f"{first} {last}", f"{last}, {first}", f"Mr {first} {last}"))),
        born=draw(st.sampled_from((None, born.isoformat()))),
    )
    given_name = draw(st.sampled_from((first, first[0], f"{first[0]}.", first[:4], f"{first} James")))
    family = draw(
        st.sampled_from((last, f"Exampleton-{last}", last.replace("'", "\u2019"), last.replace("-", " "), _slip(last)))
    )
    names = draw(
        st.sampled_from(
            ((f"{given_name} {family}",), (f"{family} {given_name}",), (given_name, family), (family,), ("Dad",), ())
        )
    )
    fold = draw(st.sampled_from((str, str.upper, str.lower, str.title, lambda text: f"  {text.replace(' ', '   ')} ")))
    day = draw(st.sampled_from((None, born, born.replace(year=born.year - 1), _swapped(born))))
    return Told(names=tuple(fold(one) for one in names), born=day.isoformat() if day else None), hidden


def _slip(name: str) -> str:
    """Return *name* with two letters in each other's place."""
    return name[:3] + name[4] + name[3] + name[5:]


def _swapped(day: date) -> date:
    return date(day.year, day.day, day.month) if day.day <= 12 else day


@given(_pairs())
def test_a_hidden_person_s_own_entry_never_stays_however_it_is_written(
    pair: tuple[Told, HiddenPerson],
) -> None:
    entry, hidden = pair

    assert not is_surely_somebody_else(entry, hidden, on=ON)
