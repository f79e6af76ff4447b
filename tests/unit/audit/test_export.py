import hashlib
import json
from dataclasses import replace

import pytest

from gateway.audit.entry import make_entry, open_entry
from gateway.audit.event import Event, EventKind
from gateway.audit.export import may_read, withheld_from
from gateway.audit.kind_spec import Reader
from gateway.audit.note import open_note
from gateway.errors import IntegrityError
from gateway.model.tree import Tree
from tests.unit.audit.log_builders import (
    NOON,
    a_blinding,
    a_chain,
    a_signer,
    an_export,
    logged,
    unzipped,
)

EVENTS = logged(a_chain(4))
EXPORT = an_export(EVENTS)
FILES = unzipped(EXPORT.archive)
LINES = [json.loads(line) for line in FILES["events.jsonl"].splitlines()]


def a_flag() -> Event:
    return Event.of(EventKind.FLAG_SET, {"flag": "POLICE_HOLD", "reason": "inquiry"}, at=NOON, actor="system")


def manifest(files: dict[str, bytes]) -> dict[str, object]:
    text = open_note(files["manifest.note"].decode(), [a_signer().key])
    read: dict[str, object] = json.loads(text.partition("\n")[2])
    return read


def test_an_export_holds_events_proofs_checkpoint_page_and_a_signed_list() -> None:
    assert list(FILES) == [
        "manifest.note",
        "checkpoint",
        "events.jsonl",
        "index.html",
        *(f"proofs/00000{number}.tlog-proof" for number in range(4)),
    ]


def test_the_signed_list_names_every_file_by_its_digest() -> None:
    digests = {name: hashlib.sha256(body).hexdigest() for name, body in FILES.items() if name != "manifest.note"}

    assert manifest(FILES)["files"] == digests


def test_the_signed_list_counts_the_events() -> None:
    said = manifest(FILES)

    assert (said["events"], said["withheld"]) == (4, 0)
    assert said["last_commitment"] == a_chain(4)[3].commitment.hex()


def test_the_export_is_known_by_the_digest_of_its_list() -> None:
    assert EXPORT.manifest_sha256 == hashlib.sha256(FILES["manifest.note"]).hexdigest()


def test_the_same_export_twice_is_the_same_bytes() -> None:
    assert an_export(EVENTS) == EXPORT


def test_the_events_are_told_in_the_clear() -> None:
    assert [line["seq"] for line in LINES] == [0, 1, 2, 3]
    assert LINES[2]["words"]["message_id"]["value"] == "msg_102"
    assert json.loads(LINES[2]["header"])["kind"] == "message.received"


def test_the_page_tells_each_event_in_words() -> None:
    page = FILES["index.html"].decode()

    assert page.count("A document was accepted and is safe with us") == 4
    assert "4 in all" in page
    assert "Testina Exampleton, 1 Nowhere Lane" in page
    assert "subject_prev" not in page


def test_what_is_told_cannot_become_markup() -> None:
    entry = make_entry(
        Event.of(EventKind.CHILD_CREATED, {"message_id": "m", "rationale": "<script>"}, at=NOON, actor="system"),
        blinding=a_blinding(1),
        subject_seq=0,
    )

    page = unzipped(an_export(logged([entry])).archive)["index.html"].decode()

    assert "&lt;script&gt;" in page
    assert "<script>" not in page


def test_a_missing_event_is_not_exported() -> None:
    with pytest.raises(IntegrityError, match="missing"):
        an_export([*EVENTS[:1], *EVENTS[2:]], count=4)


def test_a_missing_last_event_is_not_exported() -> None:
    with pytest.raises(IntegrityError, match="last events"):
        an_export(EVENTS[:3], count=4)


def test_a_payload_that_is_not_the_logged_one_is_not_exported() -> None:
    with pytest.raises(IntegrityError):
        an_export([replace(EVENTS[0], secret=EVENTS[1].secret), *EVENTS[1:]])


def test_a_proof_under_another_checkpoint_is_not_exported() -> None:
    elsewhere = logged(a_chain(4), others=5)

    with pytest.raises(IntegrityError, match="another checkpoint"):
        an_export([*EVENTS[:3], elsewhere[3]])


def test_a_withheld_word_shows_only_its_commitment() -> None:
    files = unzipped(an_export([replace(EVENTS[0], withhold=frozenset({"idempotency_key"})), *EVENTS[1:]]).archive)
    line = json.loads(files["events.jsonl"].splitlines()[0])

    assert set(line["words"]["idempotency_key"]) == {"commitment"}
    assert set(line["words"]["message_id"]) == {"key", "value"}
    assert "not shown to you" in files["index.html"].decode()
    assert b"Testina" not in files["events.jsonl"].splitlines()[0]


def test_the_chain_itself_cannot_be_withheld() -> None:
    closed = replace(EVENTS[1], withhold=frozenset({"subject_seq", "subject_prev"}))
    files = unzipped(an_export([EVENTS[0], closed, *EVENTS[2:]]).archive)

    assert "value" in json.loads(files["events.jsonl"].splitlines()[1])["words"]["subject_seq"]


def test_a_family_does_not_learn_that_a_protection_was_set() -> None:
    chain = a_chain(1)
    flag = make_entry(a_flag(), blinding=a_blinding(9), subject_seq=1, subject_prev=chain[0].commitment)
    events = withheld_from(Reader.FAMILY, logged([*chain, flag]))

    files = unzipped(an_export(events).archive)

    assert [event.is_withheld for event in events] == [False, True]
    assert json.loads(files["events.jsonl"].splitlines()[1]) == {"seq": 1, "commitment": flag.commitment.hex()}
    assert "proofs/000001.tlog-proof" not in files
    assert "An event that is not shown to you" in files["index.html"].decode()
    assert [name for name, body in files.items() if b"flag.set" in body or b"POLICE" in body] == []
    assert manifest(files)["withheld"] == 1


def a_decision(*redactions: Tree) -> Event:
    words: dict[str, Tree] = {
        "permit_id": "prm_1",
        "recipient": "school-1",
        "purpose": "COORDINATE",
        "mode": "DISCLOSE",
        "policy_version": "2026.1",
        "result": "PERMIT_REDACTED",
        "reason": "R-ADDRESS",
        "rules": [7, 33],
        "facts_digest": "a" * 64,
        "redactions": list(redactions),
    }
    return Event.of(EventKind.DECISION_MADE, words, at=NOON, actor="system", organisation="school-1")


@pytest.mark.parametrize(
    ("reader", "opened", "shown"),
    [
        (Reader.FAMILY, frozenset[str](), {"permit_id", "purpose", "subject_seq"}),
        (Reader.FAMILY, frozenset({"reason"}), {"permit_id", "purpose", "reason", "subject_seq"}),
        (
            Reader.CALDICOTT,
            frozenset[str](),
            {"permit_id", "purpose", "reason", "result", "redactions", "rules", "facts_digest", "subject_seq"},
        ),
    ],
    ids=["family", "family, reason opened", "guardian"],
)
def test_a_protected_fact_cannot_be_read_from_a_decision(
    reader: Reader, opened: frozenset[str], shown: set[str]
) -> None:
    entry = make_entry(a_decision("ADDRESS_WITHHELD"), blinding=a_blinding(9), subject_seq=0)

    files = unzipped(an_export(withheld_from(reader, logged([entry]), opened=opened)).archive)

    words = json.loads(files["events.jsonl"])["words"]
    assert {name for name, said in words.items() if "value" in said} == shown


def test_the_guardian_may_read_what_the_family_may_not() -> None:
    flag = make_entry(a_flag(), blinding=a_blinding(9), subject_seq=0)
    header = open_entry(flag.header, flag.secret).header

    assert may_read(header, Reader.CALDICOTT)
    assert not may_read(header, Reader.FAMILY)
