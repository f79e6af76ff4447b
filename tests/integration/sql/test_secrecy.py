"""Is anything personal readable in the files of a store?"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.adapters.keys.file_vault import FileVault, open_vault
from gateway.adapters.keys.key_files import create_keys
from gateway.flows.ports import UnitOfWork
from gateway.model.identifiers import ChildRef, MessageId
from tests.contract.rows import (
    a_child,
    a_delivery,
    a_fact,
    a_label,
    a_message,
    a_record,
    a_review,
    an_event,
    an_original,
)
from tests.fakes.stores import BARNET, a_store

CANARY = "Testina Exampleton-Canary, 1 Nowhere Lane, ZZ99 3AA"
PARTS = [b"Exampleton", b"Canary", b"Nowhere Lane", b"ZZ99 3AA", "Exampleton".encode("utf-16-le")]


@pytest.fixture
def vault(tmp_path: Path) -> FileVault:
    create_keys(tmp_path / "keys")
    return open_vault(tmp_path / "keys", BARNET)


def fill(work: UnitOfWork, vault: FileVault) -> None:
    """Store the canary in everything that is meant to hold something personal."""
    key = vault.new_key()

    def _seal(place: str) -> bytes:
        return vault.seal(key, place, CANARY.encode() * 20)

    child = ChildRef("child_1")
    work.messages.claim(a_message(file_name_sealed=_seal("message/1/file_name")))
    work.originals.put(an_original(wrapped_key=key, chunks=(_seal("message/1/chunk/0"),)))
    work.records.add(a_record(sealed=_seal("record/1/sealed")))
    work.children.add(a_child(wrapped_key=key, sealed_identity=_seal("child/1/identity")))
    work.children.index(child, [vault.blind("name", CANARY)])
    work.facts.put(a_fact(sealed=_seal("fact/1/sealed")))
    work.deliveries.add(a_delivery(wrapped_key=key, sealed_document=_seal("delivery/1/document")))
    work.reviews.add(replace(a_review(), note_sealed=_seal("review/1/note")))
    work.labels.add(a_label(label_blind=vault.blind("ethnicity", CANARY).hex(), label_sealed=_seal("label/1/label")))
    work.audit.append(an_event(child_ref=child, subject_seq=0, sealed_payload=_seal("audit/1/payload")))


@pytest.fixture
def files(tmp_path: Path, vault: FileVault) -> Iterator[dict[str, bytes]]:
    """Every file of a store that holds the canary, as it lies on the disk while the store is at work."""
    store = a_store(tmp_path / "store")
    store.write(lambda work: fill(work, vault))
    yield {file.name: file.read_bytes() for file in (tmp_path / "store").iterdir()}
    store.close()


@pytest.mark.parametrize("part", PARTS, ids=repr)
def test_no_file_of_the_store_shows_what_is_sealed(files: dict[str, bytes], part: bytes) -> None:
    assert {"store.db", "store.db-wal"} <= files.keys()
    assert any(b"msg_1" in content for content in files.values()), "the rows are in these files"

    assert not [name for name, content in files.items() if part in content]


def test_what_was_deleted_is_in_no_file_once_the_store_is_closed(tmp_path: Path) -> None:
    chunk = b"sealed bytes that will be erased" * 400
    with a_store(tmp_path) as store:
        store.write(lambda work: (work.messages.claim(a_message()), work.originals.put(an_original(chunks=(chunk,)))))
    assert b"will be erased" in (tmp_path / "store.db").read_bytes()

    with a_store(tmp_path) as store:
        store.write(lambda work: work.originals.delete(MessageId("msg_1")))

    assert not [file.name for file in tmp_path.iterdir() if b"will be erased" in file.read_bytes()]
