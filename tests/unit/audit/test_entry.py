import hashlib
import hmac
import json
from datetime import timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from gateway.audit.entry import canonical, commit_word, make_entry, open_entry, time_text, word_key
from gateway.audit.merkle import leaf_hash
from gateway.errors import IntegrityError
from gateway.model.tree import Tree
from tests.unit.audit.log_builders import NOON, a_blinding, a_chain, accepted, an_entry, an_event, every_flip

VECTOR = json.loads((Path(__file__).parents[2] / "vectors/audit/entry-1.json").read_text())
TREES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(max_codepoint=127)), inner),
    max_leaves=20,
)


def test_an_entry_of_version_1_is_what_it_always_was() -> None:
    entry = an_entry(7)

    assert entry.header.decode() == VECTOR["header"]
    assert entry.payload.decode() == VECTOR["payload"]
    assert entry.commitment.hex() == VECTOR["commitment"]
    assert leaf_hash(entry.header).hex() == VECTOR["leaf_hash"]


def test_the_commitment_is_the_one_the_documentation_gives() -> None:
    entry = an_entry(7)
    blinding, words = entry.blinding, json.loads(entry.payload)

    parts = {
        name: hmac.digest(hmac.digest(blinding, name.encode(), "sha256"), rfc8785.dumps(value), "sha256").hex()
        for name, value in words.items()
    }
    key = hmac.digest(blinding, b"", "sha256")

    assert entry.commitment == hmac.digest(key, rfc8785.dumps(parts), "sha256")
    assert json.loads(entry.header)["commitment"] == entry.commitment.hex()


def test_header_and_payload_are_canonical_json() -> None:
    entry = a_chain(2)[1]

    assert rfc8785.dumps(json.loads(entry.header)) == entry.header
    assert rfc8785.dumps(json.loads(entry.payload)) == entry.payload


@given(value=TREES)
def test_values_are_spelled_as_the_standard_has_it(value: Tree) -> None:
    assert canonical(value) == rfc8785.dumps(value)  # type: ignore[arg-type]


def test_nothing_sealed_shows_in_the_header() -> None:
    entry = an_entry(7)

    assert [value for value in json.loads(entry.payload).values() if str(value).encode() in entry.header] == []
    assert entry.blinding.hex().encode() not in entry.header


def test_two_events_of_one_child_have_no_word_in_common_that_tells_so() -> None:
    first, second = (json.loads(entry.header) for entry in a_chain(2))

    shared = {name for name in first if first[name] == second.get(name)}

    assert shared == {"v", "kind", "actor", "organisation", "format"}


def test_the_same_event_twice_gives_two_leaves_that_do_not_show_it() -> None:
    first = make_entry(an_event(1), blinding=a_blinding(1))
    second = make_entry(an_event(1), blinding=a_blinding(2))

    assert first.commitment != second.commitment


def test_what_was_sealed_opens_to_what_was_said() -> None:
    entry = a_chain(3)[2]

    opened = open_entry(entry.header, entry.secret)

    assert opened.words["idempotency_key"] == "Testina Exampleton, 1 Nowhere Lane"
    assert opened.words["subject_seq"] == 2
    assert opened.words["subject_prev"] == a_chain(2)[1].commitment.hex()
    assert opened.header["kind"] == "message.received"
    assert opened.blinding == entry.blinding


def test_no_bit_of_payload_or_blinding_can_be_turned() -> None:
    entry = an_entry(7)

    passed = accepted(
        lambda secret: open_entry(entry.header, secret), every_flip(entry.secret), refusal=(IntegrityError,)
    )

    assert passed == []


def test_the_header_cannot_be_given_another_commitment() -> None:
    entry, other = an_entry(7), an_entry(8)
    forged = entry.header.replace(entry.commitment.hex().encode(), other.commitment.hex().encode())

    with pytest.raises(IntegrityError, match="not the one its leaf commits to"):
        open_entry(forged, entry.secret)


@pytest.mark.parametrize(
    "header", [b"{", b"[]", b'{"commitment": "00"}'], ids=["no JSON", "no object", "not canonical"]
)
def test_a_header_that_is_none_is_an_alarm(header: bytes) -> None:
    with pytest.raises(IntegrityError):
        open_entry(header, an_entry(7).secret)


def test_one_word_may_be_withheld_and_the_rest_is_still_proved() -> None:
    entry = an_entry(7)
    key = word_key(entry.blinding, "message_id")

    assert commit_word(key, b'"msg_7"') != commit_word(key, b'"msg_8"')
    assert key != word_key(entry.blinding, "body_sha256")


@pytest.mark.parametrize(
    "value",
    [1.5, float("nan"), Decimal(1), 2**53, -(2**53), {"née": 1}, "\ud800", {"a": ["\ud800"]}, {"\ud800": 1}],
    ids=["fraction", "nan", "decimal", "large", "small", "name", "surrogate", "surrogate within", "surrogate name"],
)
def test_what_has_no_single_spelling_is_refused(value: Tree) -> None:
    with pytest.raises(ValueError, match="the log holds"):
        canonical(value)


@pytest.mark.parametrize(
    ("seq", "previous"),
    [(0, a_blinding(1)), (1, None), (None, a_blinding(1)), (-1, a_blinding(1))],
    ids=["first with one before", "second without", "no number", "negative"],
)
def test_half_a_link_is_refused(seq: int | None, previous: bytes | None) -> None:
    with pytest.raises(ValueError, match="first event"):
        make_entry(an_event(), blinding=a_blinding(1), subject_seq=seq, subject_prev=previous)


def test_a_blinding_has_32_bytes() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        make_entry(an_event(), blinding=hashlib.sha256(b"").digest()[:31])


def test_a_time_is_written_in_utc_to_the_millisecond() -> None:
    summer = NOON.astimezone(timezone(timedelta(hours=1))).replace(microsecond=123_999)

    assert time_text(summer) == "2026-11-23T12:00:00.123Z"
