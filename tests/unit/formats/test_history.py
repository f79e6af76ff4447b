"""A history is read line by line, taken whole or not at all, and gone on with where it stopped."""

import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from gateway.errors import GatewayError, MalformedMessageError, SchemaViolationError, TooLargeError
from gateway.formats.gate import Checked, gate, split
from gateway.formats.limits import Limits
from gateway.formats.register import FORMATS
from gateway.formats.schema_register import SchemaRegister
from gateway.formats.writers import write_document, write_together

HISTORY = FORMATS["ecaf/history-1"]
EXAMPLE = Path(__file__).parents[2] / "vectors" / "examples" / "ecaf" / "history-four.jsonl"
HEAD: dict[str, Any] = {
    "format": "ecaf/history-1",
    "message": "caf.history.imported",
    "message_id": "h1",
    "correlation_id": "h1",
    "sent_at": "2026-11-02T08:00:00Z",
    "sender": "nowhere",
}


def a_history(*lines: object, episodes: int | None = None, **head: object) -> bytes:
    """Return a history of these lines, each a document unless it is bytes already."""
    first = HEAD | {"episodes": len(lines) if episodes is None else episodes} | head
    parts = [json.dumps(first).encode()]
    parts += [line if isinstance(line, bytes) else json.dumps({"document": line}).encode() for line in lines]
    return b"\n".join(parts) + b"\n"


def checked(schemas: SchemaRegister, body: bytes) -> Checked:
    return gate(HISTORY, body, content_type="application/x-ndjson", schemas=schemas, limits=Limits())


def test_every_line_is_a_record_with_its_own_dates(schemas: SchemaRegister) -> None:
    body = EXAMPLE.read_bytes()

    records = list(split(HISTORY, body, limits=Limits()))

    assert checked(schemas, body).records == 4
    assert [(one.position, one.key) for one in records] == [
        (0, "NW-2026-0042"),
        (1, "NW-2026-0043"),
        (2, "NW-2026-0044"),
        (3, "NW-2024-0007"),
    ]
    assert [one.tree["document"]["opened_on"] for one in records] == [  # type: ignore[call-overload,index]
        "2026-02-20",
        "2026-02-20",
        "2026-09-01",
        "2024-03-04",
    ]


@pytest.mark.parametrize("start", range(5))
def test_it_is_gone_on_with_where_it_stopped(start: int) -> None:
    whole = list(split(HISTORY, EXAMPLE.read_bytes(), limits=Limits()))

    assert list(split(HISTORY, EXAMPLE.read_bytes(), limits=Limits(), start=start)) == whole[start:]


def test_what_was_stored_already_is_not_read_again() -> None:
    body = a_history(b"{spoilt since", {"reference": "E2"})

    assert [one.key for one in split(HISTORY, body, limits=Limits(), start=1)] == ["E2"]


def test_the_first_line_names_the_message(schemas: SchemaRegister) -> None:
    tree = checked(schemas, a_history({"reference": "E1"})).tree

    assert isinstance(tree, dict)
    assert tree["message_id"] == "h1"


def test_an_empty_history_is_one(schemas: SchemaRegister) -> None:
    assert checked(schemas, a_history()).records == 0


@pytest.mark.parametrize(
    ("body", "code"),
    [
        pytest.param(a_history({}, {}, episodes=3), "cut-off", id="a line is missing"),
        pytest.param(a_history({}, {}, episodes=1), "too-many-lines", id="a line too many"),
        pytest.param(a_history({}, {"reason": "x" * 50})[:-20], "cut-off", id="half a line"),
        pytest.param(a_history({}, b'{"document": {}, "document": {}}'), "duplicate-name", id="a name twice"),
        pytest.param(a_history({}).decode().encode("utf-16"), "encoding", id="UTF-16"),
        pytest.param(a_history({"reason": "Zoë"}, b'{"document": {"reason": "Zo\xeb"}}'), "encoding", id="cp1252"),
        pytest.param(b"\xef\xbb\xbf" + a_history({}), "encoding", id="a byte-order mark"),
        pytest.param(b"", "empty", id="nothing"),
        pytest.param(b"\n\n", "empty", id="blank lines"),
    ],
)
def test_what_is_no_whole_history_is_refused_whole(schemas: SchemaRegister, body: bytes, code: str) -> None:
    with pytest.raises(MalformedMessageError) as caught:
        checked(schemas, body)

    assert caught.value.code == code


def test_a_fault_is_told_by_its_row_and_line_and_never_repeated(schemas: SchemaRegister) -> None:
    body = a_history({"reference": "E1"}, {"child": {"born": "14/06/2016 Testina"}})

    with pytest.raises(SchemaViolationError) as caught:
        checked(schemas, body)

    assert (caught.value.place.row, caught.value.place.path) == (2, "document.child.born")
    assert "Testina" not in caught.value.message


@pytest.mark.parametrize("line", [b"[]", b'"x"', b"7", b"{}", b'{"document": {}, "mood": 1}', b'{"documents": {}}'])
def test_a_line_is_one_document(schemas: SchemaRegister, line: bytes) -> None:
    with pytest.raises(SchemaViolationError) as caught:
        checked(schemas, a_history({}, line))

    assert caught.value.place.row == 2


@pytest.mark.parametrize(
    "head",
    [
        {"format": "ecaf/episode-1"},
        {"message_id": ""},
        {"sender": None},
        {"episodes": "2"},
        {"episodes": True},
        {"episodes": -1},
        {"mood": "sad"},
    ],
    ids=lambda head: next(iter(head)),
)
def test_the_first_line_says_what_it_must_and_no_more(schemas: SchemaRegister, head: dict[str, object]) -> None:
    with pytest.raises(SchemaViolationError) as caught:
        checked(schemas, a_history({}, **head))

    assert caught.value.place.line == 1


def test_one_episode_as_json_is_no_history(schemas: SchemaRegister) -> None:
    with pytest.raises(GatewayError):
        checked(schemas, (EXAMPLE.parent / "episode-full.json").read_bytes())


def test_a_reference_that_comes_twice_is_kept_and_told(schemas: SchemaRegister) -> None:
    made = checked(schemas, a_history({"reference": "E1"}, {"reference": "E2"}, {"reference": "E1"}, {}, {}))

    assert made.records == 5
    assert [(one.path, one.code) for one in made.warnings] == [("[3].document.reference", "reference-twice")]


def test_limits_hold_for_each_line(schemas: SchemaRegister) -> None:
    body = a_history({"family": [{"name": "N"}] * 30}, {"family": [{"name": "N"}] * 90})

    with pytest.raises(TooLargeError) as caught:
        gate(HISTORY, body, content_type=None, schemas=schemas, limits=Limits(nodes=150))

    assert caught.value.place.row == 2


def test_line_ends_of_another_system_are_taken(schemas: SchemaRegister) -> None:
    assert checked(schemas, a_history({"reference": "E1"}).replace(b"\n", b"\r\n")).records == 1


def test_a_large_history_takes_no_more_memory_than_its_bytes_and_a_line(schemas: SchemaRegister) -> None:
    body = a_history(*[{"reference": f"E{number}", "reason": "x" * 10_000} for number in range(400)])
    schemas.violations(HISTORY.schema, {"document": {}})
    tracemalloc.start()

    made = checked(schemas, body)
    read = sum(1 for _ in split(HISTORY, body, limits=Limits()))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert (made.records, read) == (400, 400)
    assert peak < len(body) / 4


def test_what_is_written_is_what_was_read() -> None:
    envelopes = [{**HEAD, **one.tree} for one in split(HISTORY, EXAMPLE.read_bytes(), limits=Limits())]

    body = write_together(HISTORY, envelopes)

    assert list(split(HISTORY, body, limits=Limits())) == list(split(HISTORY, EXAMPLE.read_bytes(), limits=Limits()))
    assert len(list(split(HISTORY, write_document(HISTORY, envelopes[0]), limits=Limits()))) == 1
