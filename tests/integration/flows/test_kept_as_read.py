"""What the gate has read of a document, whatever its content type told, is what is read of it from then on."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.flows.documents import open_document
from gateway.flows.receiving.envelope import Incoming
from gateway.flows.store.rows import State
from gateway.formats.register import FORMATS
from gateway.model.identifiers import MessageId
from tests.integration.flows.house import PORTAL, House

PARTS = (
    b'--XyZ\r\nContent-Disposition: form-data; name="first_name"\r\n\r\nTestina\r\n'
    b'--XyZ\r\nContent-Disposition: form-data; name="last_name"\r\n\r\nExampleton\r\n--XyZ--\r\n'
)
FIELDS = b"first_name=Testina&last_name=Exampleton"
MULTIPART, URLENCODED = "multipart/form-data; boundary=XyZ", "application/x-www-form-urlencoded"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    built = House.build(tmp_path)
    yield built
    built.app.bus.close()
    built.app.store.close()


def accepted(house: House, body: bytes, content_type: str, form: str = "mash/flat-1") -> MessageId:
    incoming = Incoming(organisation=PORTAL, format=FORMATS[form], body=body, content_type=content_type)
    message = house.app.receive.accept(incoming).message_id
    house.work_messages()
    return message


def kept(house: House, message: MessageId) -> dict[str, Any]:
    """Return the only record of *message*."""

    def read(uow: Any) -> Any:
        (record,) = uow.records.of_message(message)
        return open_document(house.app.desk.vault, uow, record)

    return house.app.store.read(read)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"\r\n" + PARTS, MULTIPART),
        (b"This is a multi-part message.\r\n" + PARTS, MULTIPART),
        (PARTS.replace(b"--XyZ\r\n", b"--XyZ \r\n"), MULTIPART),
        (b"[0]=&" + FIELDS, URLENCODED),
        (b"{x}=&" + FIELDS, URLENCODED),
    ],
    ids=["a line end before it", "a preamble", "padded delimiters", "a bracket first", "a brace first"],
)
def test_a_post_that_does_not_say_itself_how_to_read_it_keeps_its_child(
    house: House, body: bytes, content_type: str
) -> None:
    message = accepted(house, body, content_type)

    assert house.message(message).state is State.ORDERED
    assert kept(house, message)["children"] == [{"family_name": "Exampleton", "given_names": "Testina"}]


def test_letters_stay_those_of_the_charset_that_was_declared(house: House) -> None:
    message = accepted(house, FIELDS + b"&school=%C3%89", f"{URLENCODED}; charset=windows-1252")

    assert "\u00c3\u2030" in json.dumps(kept(house, message), ensure_ascii=False)


def test_a_long_submission_whose_secrets_are_dropped_is_read_in_what_is_left_of_it(house: House) -> None:
    answers = {"child-first-name_text_1": "Testina", "child-last-name_text_1": "Exampleton"}
    hook = {"serviceSlug": "tell", "submissionId": "MOJ-1", "submissionAnswers": answers, "actions": [{"key": "k"}]}
    body = json.dumps(hook).encode().replace(b'"actions"', b" " * 5_000_000 + b'"actions"')

    message = accepted(house, body, "application/json", "mash/moj-forms-1")

    assert house.message(message).state is State.ORDERED
    assert kept(house, message)["children"][0]["given_names"] == "Testina"
