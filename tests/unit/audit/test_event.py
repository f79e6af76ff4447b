from datetime import UTC, datetime

import pytest

from gateway.audit.entry import RESERVED
from gateway.audit.event import KINDS, Event, EventKind
from gateway.audit.field import FIELDS, Shape
from gateway.audit.kind_spec import COMMON
from tests.unit.audit.log_builders import NOON, an_event

DIGEST = "a" * 64


def test_words_go_where_the_catalogue_puts_them() -> None:
    event = an_event(channel="http", size_bytes=12)

    assert event.reference == {"format": "mash/govuk-forms-1", "channel": "http"}
    assert set(event.details) == {"message_id", "body_sha256", "size_bytes", "idempotency_key"}


def test_a_word_without_a_value_is_left_out() -> None:
    assert "channel" not in an_event(channel=None).reference


def test_every_kind_is_in_the_catalogue() -> None:
    assert set(KINDS) == set(EventKind)


def test_every_word_of_the_catalogue_is_known() -> None:
    assert set().union(*(spec.words for spec in KINDS.values())) - set(FIELDS) == set()


def test_every_known_word_is_used_by_a_kind_or_by_the_log_itself() -> None:
    used = set().union(*(spec.words for spec in KINDS.values()))

    assert set(FIELDS) - used == {"subject_seq", "subject_prev"}


def test_no_word_has_a_name_the_header_needs_itself() -> None:
    assert set(FIELDS) & RESERVED == set()


def test_names_of_words_are_ascii_so_that_their_order_is_plain() -> None:
    assert [name for name in FIELDS if not name.isascii() or '"' in name] == []


def test_what_stands_in_the_open_is_never_a_tree() -> None:
    assert [name for name, word in FIELDS.items() if word.is_open and word.shape is Shape.TREE] == []


def test_what_events_share_and_what_tells_of_a_child_is_sealed() -> None:
    linking = {name for name in FIELDS if name.endswith("_id")} - {"credential_id", "key_id"}
    telling = {"reason", "rules", "result", "redactions", "flag", "level", "purpose", "match_status", "body_sha256"}

    assert [name for name in sorted(linking | telling) if FIELDS[name].is_open] == []


def test_what_a_kind_must_say_is_not_among_what_it_may_say() -> None:
    assert [kind for kind, spec in KINDS.items() if set(spec.must) & set(spec.may)] == []
    assert [kind for kind, spec in KINDS.items() if set(spec.may) & COMMON] == []


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ({"surname": "Exampleton"}, "no word 'surname'"),
        ({"flag": "ADOPTED"}, "no word 'flag'"),
        ({"message_id": None}, "must say 'message_id'"),
        ({"body_sha256": "ABC"}, "'body_sha256' is not a digest"),
        ({"size_bytes": -1}, "'size_bytes' is not a count"),
        ({"size_bytes": True}, "'size_bytes' is not a count"),
        ({"message_id": "Testina Exampleton"}, "'message_id' is not a code"),
        ({"channel": "by e-mail, from a friend"}, "'channel' is not a code"),
        ({"channel": 7}, "'channel' is not a code"),
    ],
    ids=["unknown", "of another kind", "missing", "digest", "negative", "boolean", "name as id", "text", "number"],
)
def test_what_the_catalogue_does_not_allow_is_a_bug(words: dict[str, object], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        an_event(**words)  # type: ignore[arg-type]


@pytest.mark.parametrize("number", ["9990000026", "B801200005001"], ids=["NHS", "UPN"])
def test_a_persons_number_never_stands_in_the_open(number: str) -> None:
    with pytest.raises(ValueError, match="'channel' is not a code") as caught:
        an_event(channel=number)

    assert number not in str(caught.value)


@pytest.mark.parametrize(
    ("actor", "organisation"),
    [("Testina Exampleton", "school-1"), ("system", "1 Nowhere Lane"), ("", "school-1"), ("9990000026", "school-1")],
)
def test_actor_and_organisation_are_codes(actor: str, organisation: str) -> None:
    with pytest.raises(ValueError, match="codes"):
        Event(kind=EventKind.TIMER_FIRED, at=NOON, actor=actor, organisation=organisation, details={"timer": "x"})


def test_a_time_without_a_zone_is_refused() -> None:
    naive = datetime(2026, 11, 23, 12, 0, tzinfo=UTC).replace(tzinfo=None)

    with pytest.raises(ValueError, match="time zone"):
        Event(kind=EventKind.TIMER_FIRED, at=naive, actor="system", details={"timer": "x"})


def test_a_sealed_word_cannot_be_put_in_the_open() -> None:
    with pytest.raises(ValueError, match="no open word 'timer'"):
        Event(kind=EventKind.TIMER_FIRED, at=NOON, actor="system", reference={"timer": "x"})


def test_an_open_word_cannot_be_put_under_seal() -> None:
    with pytest.raises(ValueError, match="no sealed word 'user'"):
        Event(kind=EventKind.USER_ADDED, at=NOON, actor="system", details={"user": "person:1"})


def test_no_complaint_shows_the_value() -> None:
    with pytest.raises(ValueError, match="channel") as caught:
        an_event(channel="Testina lives at 1 Nowhere Lane")

    assert "Testina" not in str(caught.value)
