"""A form attached to a pupil: its digest is in the account, its bytes lie apart, and both leave together."""

import json
from base64 import b64decode, b64encode
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from gateway.errors import IntegrityError
from gateway.flows.documents import child_key, key_of, open_document, open_sendable, part_bytes, seal_document
from gateway.flows.store.rows import Record
from gateway.simulators.school import PUPIL, csv_report
from tests.fakes.attached import pupil_with
from tests.fakes.scanner import ScriptedScanner
from tests.integration.flows.house import ECAF, SCHOOL, House, sims

FORM = b"%PDF an invented assessment of nobody"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A gateway whose scanner finds nothing in anything."""
    built = House.build(tmp_path, scanner=ScriptedScanner())
    yield built
    built.app.bus.close()
    built.app.store.close()


@pytest.fixture
def record(house: House) -> Record:
    """The pupil with an attached form, of whose family we know that it agreed."""
    message = house.accept(sims("superstar-three-pupils.xml"), by=SCHOOL, form="sims/superstar-1")
    house.work()
    house.app.scans.sweep()
    return house.app.store.read(lambda uow: uow.records.of_message(message)[0])


def form_of(tree: Any) -> dict[str, Any]:
    (form,) = tree["forms"]
    return dict(form)


def test_the_bytes_lie_apart_and_the_document_keeps_their_digest(house: House, record: Record) -> None:
    tree = house.app.store.read(lambda uow: open_document(house.app.desk.vault, uow, record))
    apart = house.app.store.read(lambda uow: uow.attachments.get(record.record_id, 0))

    form = form_of(tree)
    assert "content" not in form
    assert len(form["sha256"]) == 64
    assert apart.wrapped_key != record.wrapped_key


def test_what_leaves_has_the_bytes_in_their_place(house: House) -> None:
    house.accept(pupil_with(FORM), by=SCHOOL, form="sims/csv-1")
    house.work()

    (sent,) = house.outlet.to(ECAF)
    form = form_of(sent)
    assert b64decode(form["content"]) == FORM
    assert form["sha256"] == sha256(FORM).hexdigest()


def test_the_account_says_which_document_came(house: House, record: Record) -> None:
    tree = house.app.store.read(lambda uow: open_document(house.app.desk.vault, uow, record))

    told = house.app.store.read(lambda uow: payloads(house, uow, record))

    assert [one["attachments"] for one in told] == [[form_of(tree)["sha256"]]]


def payloads(house: House, uow: Any, record: Record) -> list[dict[str, Any]]:
    """Return what was recorded, sealed, about the record's way in."""
    key = child_key(uow, record.subjects[0])
    found = [one for one in uow.audit.of_child(record.subjects[0]) if one.kind == "document.translated"]
    return [json.loads(house.app.desk.trail.reveal(one, key)[1]) for one in found]


def test_bytes_that_are_not_the_record_s_own_are_never_handed_over(house: House, record: Record) -> None:
    vault = house.app.desk.vault

    def open_another(uow: Any) -> None:
        tree = open_document(vault, uow, record)
        other = {**tree, "forms": [{**form_of(tree), "sha256": sha256(b"another form").hexdigest()}]}
        sealed = seal_document(vault, key_of(uow, record), record.record_id, other)
        open_sendable(vault, uow, replace(record, sealed=sealed))

    with pytest.raises(IntegrityError):
        house.app.store.read(open_another)


def test_what_cannot_be_unpacked_stays_where_it_came() -> None:
    tree = {"forms": [{"content": "no base64!"}, {"kind": "CAF"}]}

    assert part_bytes(tree) == (tree, {})


def test_a_digest_the_sender_made_up_is_put_right() -> None:
    tree, apart = part_bytes({"forms": [{"content": b64encode(FORM).decode(), "sha256": "0" * 64}]})

    assert apart == {0: FORM}
    assert form_of(tree) == {"sha256": sha256(FORM).hexdigest()}


def test_each_of_several_documents_goes_back_to_its_own_place(house: House) -> None:
    rows = [
        {**PUPIL, "CAF Form File Name": name, "CAF Form Content": b64encode(name.encode() * 9).decode()}
        for name in ("one.pdf", "two.pdf")
    ]
    message = house.accept(csv_report(rows), by=SCHOOL, form="sims/csv-1")
    house.work()
    house.app.scans.sweep()
    (kept,) = house.app.store.read(lambda uow: uow.records.of_message(message))

    whole: Any = house.app.store.read(lambda uow: open_sendable(house.app.desk.vault, uow, kept))[0]

    assert [(form["file_name"], b64decode(form["content"])) for form in whole["forms"]] == [
        ("one.pdf", b"one.pdf" * 9),
        ("two.pdf", b"two.pdf" * 9),
    ]
