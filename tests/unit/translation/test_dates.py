from datetime import date

import pytest

from gateway.translation.dates import Birth, Day, birth_of, day_of, has_short_year, instant_of

TODAY = date(2026, 11, 18)


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2014-06-14", "2014-06-14"),
        ("2014-06-14T00:00:00+01:00", "2014-06-14"),
        ("2014-06-14T00:00:00Z", "2014-06-14"),
        ("2014-06-14 00:00:00", "2014-06-14"),
        ("1962-03-17T00:00:00+00:00", "1962-03-17"),
        ("14/06/2014", "2014-06-14"),
        ("3/4/2019", "2019-04-03"),
        ("14.06.2014", "2014-06-14"),
        ("14-06-2014", "2014-06-14"),
        ("20140614", "2014-06-14"),
        ("2014-Jun-14 00:00:00", "2014-06-14"),
        ("14 June 2014", "2014-06-14"),
        ("14th jun 2014", "2014-06-14"),
        ("14-SEP-2014", "2014-09-14"),
        ("29/02/2016", "2016-02-29"),
    ],
)
def test_a_whole_date_is_one_day_in_britain(text: str, iso: str) -> None:
    assert day_of(text) == Day(iso)


@pytest.mark.parametrize(
    "text",
    [
        "14/06/14",
        "1/7/80",
        "42535",
        "31/02/2016",
        "29/02/2015",
        "06/14/2014",
        "14/06-2014",
        "2014",
        "June 2014",
        "14 Junuary 2014",
        "14/06/0014",
        "14/06/2014 or 15/06/2014",
        "about 5",
        "2014-06-14 " + "x" * 60,
        "",
    ],
)
def test_what_is_not_one_whole_day_is_none(text: str) -> None:
    assert day_of(text) is None


@pytest.mark.parametrize("text", ["2014-06-14 10:00 or 2015-06-14", "2014-06-14T00:00 (not sure)", "2014-06-14T25:99"])
def test_words_behind_a_date_are_no_time_of_day(text: str) -> None:
    assert day_of(text) is None


def test_the_time_of_day_of_a_day_still_to_come_is_not_said_to_be_whole() -> None:
    assert birth_of("2027-03-01T14:30", TODAY) == Birth(due="2027-03-01", is_whole=False)


def test_a_time_of_day_is_noticed() -> None:
    assert day_of("2014-06-14T13:20:00+01:00") == Day("2014-06-14", has_time=True)


@pytest.mark.parametrize("text", ["1/7/80", "d.o.b. 14-06-14", "7 Jul 14"])
def test_a_year_of_two_digits_is_noticed(text: str) -> None:
    assert has_short_year(text)


@pytest.mark.parametrize("text", ["14/06/2014", "about 5", "07700 900 101"])
def test_no_year_of_two_digits_is_seen_where_there_is_none(text: str) -> None:
    assert not has_short_year(text)


@pytest.mark.parametrize(
    ("text", "birth"),
    [
        ("14/06/2016", Birth(born="2016-06-14")),
        ("18/11/2026", Birth(born="2026-11-18")),
        ("19/11/2026", Birth(due="2026-11-19")),
        ("Due 12/03/2027", Birth(due="2027-03-12")),
        ("EDD 12/03/2027", Birth(due="2027-03-12")),
        ("E.D.D.: 12 March 2027", Birth(due="2027-03-12")),
        ("unborn, expected 2027-03-12", Birth(due="2027-03-12")),
        ("due 12/03/2026", Birth(due="2026-03-12")),
        ("EDD 12/03/2027 at Nowhere Hospital", Birth(due="2027-03-12", is_whole=False)),
        ("due in the spring", Birth(is_whole=False, trouble="date-not-read")),
        ("due 12/03/27", Birth(is_whole=False, trouble="two-digit-year")),
        ("due between 12/03/2027 and 19/03/2027", Birth(is_whole=False, trouble="date-not-read")),
        ("about 9", Birth(is_whole=False, trouble="date-not-read")),
        ("14/06/16", Birth(is_whole=False, trouble="two-digit-year")),
        ("residue 12/03/2027", Birth(is_whole=False, trouble="date-not-read")),
    ],
)
def test_a_text_tells_of_a_birth_or_of_one_to_come(text: str, birth: Birth) -> None:
    assert birth_of(text, TODAY) == birth


def test_without_a_day_to_stand_on_only_words_make_a_date_a_due_one() -> None:
    assert birth_of("12/03/2027", None) == Birth(born="2027-03-12")


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-11-17T10:04:09.120Z", "2026-11-17T10:04:09.120000+00:00"),
        ("2026-06-17T10:04:09+01:00", "2026-06-17T10:04:09+01:00"),
        ("2026-11-17T10:04:09", None),
        ("17/11/2026 10:04", None),
        ("2026-11-17T10:04:09Z" + " " * 40, None),
    ],
)
def test_an_instant_has_its_offset(text: str, instant: str | None) -> None:
    assert instant_of(text) == instant
