"""Do consent's records come back from JSON as they went in, by the short way, and is what is odd told in words?"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

import pytest

from gateway.consent import record_json
from gateway.consent.decision import Grounds
from gateway.consent.digest import canonical, digest_of_all, facts_digest
from gateway.consent.permission import Competence, Permission, Withdrawal
from gateway.consent.policy_file import Words
from gateway.consent.question import MatchFact
from gateway.consent.record_json import read_record, write_record
from gateway.errors import SchemaViolationError
from gateway.model.tree import Tree
from tests.unit.consent.questions import AT, COURT_REQUIRES, NO_HARM, OVERRIDE, a_flag, a_question, answer


class Colour(StrEnum):
    RED = "red"


@dataclass(frozen=True, slots=True, kw_only=True)
class One:
    """A record of one field."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Many:
    """A record with a field of every kind."""

    text: str
    might: str | None
    truth: bool = False
    count: int = 0
    share: float | None = None
    colour: Colour | None = None
    at: datetime | None = None
    ones: tuple[One, ...] = ()
    shade: str | None = "pale"
    named: Mapping[str, int] = field(default_factory=dict)


WHOLE = Many(
    text="t",
    might="m",
    truth=True,
    count=3,
    share=0.5,
    colour=Colour.RED,
    at=AT,
    ones=(One(name="a"), One(name="b")),
    named={"x": 1},
)
WRITTEN: dict[str, Tree] = {
    "text": "t",
    "might": "m",
    "truth": True,
    "count": 3,
    "share": Decimal("0.5"),
    "colour": "red",
    "at": "2026-11-23T09:00:00Z",
    "ones": [{"name": "a"}, {"name": "b"}],
    "shade": "pale",
    "named": {"x": 1},
}


def test_a_record_is_written_field_by_field() -> None:
    assert write_record(WHOLE) == WRITTEN
    assert write_record(One(name="a")) == {"name": "a"}
    assert type(write_record(WHOLE)["colour"]) is str


def test_what_is_not_known_is_not_written_and_need_not_be_told() -> None:
    bare = Many(text="t", might=None)

    assert write_record(bare) == {"text": "t", "truth": False, "count": 0, "ones": [], "shade": "pale", "named": {}}
    assert read_record(Many, {"text": "t"}) == read_record(Many, {"text": "t", "count": None}) == bare
    assert read_record(Many, {"text": "t"}, codes={"No.field": ()}) == bare


PERMISSION = Permission(
    consent_id="c1",
    competence=Competence(by="GP", on=AT, outcome="COMPETENT"),
    withdrawals=(Withdrawal(at=AT, agencies=("camhs",)),),
)
RECORDS: list[Any] = [
    WHOLE,
    Many(text="t", might=None),
    One(name="a"),
    PERMISSION,
    answer(a_question(flags=(a_flag("ADDRESS_WITHHELD"),))),
    a_question(
        flags=(a_flag("ADOPTED"),),
        override=OVERRIDE,
        court_order=COURT_REQUIRES,
        detriment=NO_HARM,
        match=MatchFact(status="MATCH", score=0.5),
        switches={"s16LA": True},
    ),
]


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: type(record).__name__)
def test_what_we_wrote_is_read_the_short_way_as_it_is_the_long_way(record: Any) -> None:
    written = write_record(record)

    assert record_json._reader_of(type(record))(written) == record
    assert read_record(type(record), written) == record
    assert read_record(type(record), written, codes={"No.field": ()}) == record


def test_what_is_read_cannot_be_changed() -> None:
    read = [read_record(Many, WRITTEN), read_record(Many, WRITTEN, codes={"No.field": ()})]

    assert [type(one.named).__name__ for one in read] == ["mappingproxy", "mappingproxy"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"text": 1}, "text: expected text, found a number"),
        ({"text": 1.5}, "text: expected text, found a number"),
        ({"text": Decimal(1)}, "text: expected text, found a number"),
        ({"text": True}, "text: expected text, found true or false"),
        ({"text": []}, "text: expected text, found a list"),
        ({"text": {}}, "text: expected text, found a group"),
        ({"text": None}, "text: this key must be given"),
        ({"truth": "yes"}, "truth: expected true or false, found text"),
        ({"truth": 1}, "truth: expected true or false, found a number"),
        ({"count": True}, "count: expected a whole number, found true or false"),
        ({"share": "half"}, "share: expected a number, found text"),
        ({"share": True}, "share: expected a number, found true or false"),
        ({"colour": 1}, "colour: expected text, found a number"),
        ({"colour": "blue"}, "colour: expected one of red"),
        ({"at": 1}, "at: expected text, found a number"),
        ({"at": "soon"}, "at: expected a date and time such as 2026-11-23T09:00:00Z"),
        (
            {"at": "2026-11-23T09:00:00"},
            "at: expected a date and time with its zone, such as 2026-11-23T09:00:00Z",
        ),
        ({"at": "0001-01-01T00:00:00+05:00"}, "at: expected a date and time that there is in UTC too"),
        ({"at": "9999-12-31T23:59:59-05:00"}, "at: expected a date and time that there is in UTC too"),
        ({"ones": "a"}, "ones: expected a list, found text"),
        ({"ones": [{"name": "a"}, None]}, "ones[1]: expected a group, found nothing"),
        ({"ones": [{"name": "a"}, {"nome": "b"}]}, "ones[1].nome: there is no such key; there are name"),
        ({"named": []}, "named: expected a group, found a list"),
        ({"named": {"x": "1"}}, "named.x: expected a whole number, found text"),
    ],
)
def test_what_is_odd_is_told_in_words(change: dict[str, Any], message: str) -> None:
    with pytest.raises(SchemaViolationError) as caught:
        read_record(Many, {**WRITTEN, **change})

    assert caught.value.message == message


def test_what_is_no_record_at_all_is_told_of_the_whole() -> None:
    with pytest.raises(SchemaViolationError) as caught:
        read_record(One, "x")

    assert (caught.value.message, caught.value.place.path) == ("the whole: expected a group, found text", "")


def test_a_record_inside_another_is_told_by_both_names() -> None:
    with pytest.raises(SchemaViolationError) as caught:
        read_record(Words, {"heading": "h"}, path="reason.P-X.")

    assert caught.value.place.path == "reason.P-X.text"


@pytest.mark.parametrize("path", ["", "in."])
def test_a_code_outside_its_list_is_refused_with_the_list(path: str) -> None:
    with pytest.raises(SchemaViolationError) as caught:
        read_record(One, {"name": "c"}, path=path, codes={"One.name": ("b", "a")})

    assert caught.value.message == f"{path}name: expected one of a, b"


def test_times_are_read_and_written_in_utc() -> None:
    read = [
        read_record(Many, {"text": "t", "at": "2026-11-23T10:00:00+01:00"}, codes=codes)
        for codes in (record_json.NO_CODES, {"No.field": ()})
    ]

    assert [(one.at, one.at and one.at.tzinfo) for one in read] == [(AT, UTC), (AT, UTC)]


# Digests


def test_the_canonical_form_is_json_with_keys_in_order_and_no_space() -> None:
    assert canonical(a_flag("ADOPTED")) == b'{"flag":"ADOPTED","need_list":["csc-1"],"person":"p1"}'
    assert canonical(MatchFact(status="MATCH", score=0.5)) == b'{"score":0.5,"status":"MATCH"}'


def test_a_question_is_named_by_its_facts_and_not_by_its_time() -> None:
    question = a_question()
    later = replace(question, at=datetime(2027, 1, 1, tzinfo=UTC))
    surer = replace(question, match=MatchFact(status="MATCH", score=0.99))

    assert facts_digest(later) == facts_digest(question)
    assert facts_digest(surer) != facts_digest(question)


def test_several_questions_are_named_by_the_lines_of_their_digests() -> None:
    assert digest_of_all(iter(["a", "b"])) == hashlib.sha256(b"a\nb").hexdigest()


def test_the_short_way_takes_nothing_that_is_not_exactly_as_we_write_it() -> None:
    read = record_json._reader_of(Grounds)

    with pytest.raises((KeyError, TypeError, ValueError)):
        read({**write_record(answer(a_question()).grounds), "rules": (43,)})
