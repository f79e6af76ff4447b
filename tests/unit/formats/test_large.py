"""Is a large document read as a stream exactly as a small one is read whole?"""

import json
import tracemalloc
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from gateway import errors
from gateway.errors import IntegrityError, MalformedMessageError, PermanentError, SchemaViolationError, TooLargeError
from gateway.formats.body import PIECE_BYTES, Held
from gateway.formats.contents import read_entries, read_head
from gateway.formats.gate import Checked, RecordSource, gate, split, split_large
from gateway.formats.limits import Limits
from gateway.formats.register import FORMATS, STREAMED
from gateway.formats.schema_register import SchemaRegister
from tests.fakes.pieces import InPieces
from tests.fakes.school_files import report, transfer_file

VECTORS = Path(__file__).parents[2] / "vectors"
WHOLE, STREAM = Limits(whole_bytes=2**40), Limits(whole_bytes=0)
TABLE = [
    row
    for row in json.loads((VECTORS / "hostile/table.json").read_bytes())
    if FORMATS[row["format"]].reader in STREAMED
]
EXAMPLES = {
    "sims/superstar-three-pupils.xml": "sims/superstar-1",
    "sims/superstar-windows-1252.xml": "sims/superstar-1",
    "sims/ctf-12-other-order.xml": "sims/ctf-12",
    "sims/ctf-25-two-pupils.xml": "sims/ctf-25",
    "sims/csv-three-pupils.csv": "sims/csv-1",
}


@pytest.fixture
def streamed(schemas: SchemaRegister) -> Callable[..., tuple[Checked, list[RecordSource]]]:
    """Return what reads a document as a stream: what the gate says of it, and its records."""

    def read(name: str, content: bytes, size: int = 7, **limits: int) -> tuple[Checked, list[RecordSource]]:
        form, body = FORMATS[name], InPieces(content, size)
        bounds = Limits(**{"whole_bytes": 0} | limits)
        checked = gate(form, body, content_type=None, schemas=schemas, limits=bounds)
        assert checked.contents is not None
        return checked, list(split_large(form, body, checked.contents))

    return read


@pytest.fixture
def held(schemas: SchemaRegister) -> Callable[[str, bytes], tuple[Checked, list[RecordSource]]]:
    """Return what reads a document whole."""

    def read(name: str, content: bytes) -> tuple[Checked, list[RecordSource]]:
        form = FORMATS[name]
        checked = gate(form, content, content_type=None, schemas=schemas, limits=WHOLE)
        return checked, list(split(form, content, limits=WHOLE))

    return read


def a_report(rows: str, *, declared: str = "utf-8", root: str = "<SuperStarReport>") -> bytes:
    text = f'<?xml version="1.0" encoding="{declared}"?>\n{root}{rows}</SuperStarReport>'
    return text.encode({"utf-16": "utf-16", "windows-1252": "cp1252"}.get(declared, declared))


def a_row(number: int, name: str = "Testina", more: str = "") -> str:
    return f"<Record><primary_id>{number}</primary_id><Forename>{name}</Forename>{more}</Record>\n"


def a_transfer(pupils: str, *, before: str = "", after: str = "") -> bytes:
    header = "<Header><CTFversion>25.0</CTFversion><DocumentQualifier>full</DocumentQualifier></Header>"
    return f"<CTfile>{before or header}<CTFpupilData>{pupils}</CTFpupilData>{after}</CTfile>".encode()


PUPIL = "<Pupil><UPN>B801200005001</UPN><Surname>Exampleton</Surname><Contacts><Contact/></Contacts></Pupil>"
SAME = {
    "rows of one pupil apart": ("sims/superstar-1", a_report(a_row(1) + a_row(2) + a_row(1, "Zoë"))),
    "UTF-16": ("sims/superstar-1", a_report(a_row(1, "Zoë") + a_row(2, "Siân 🎓") + a_row(1), declared="utf-16")),
    "windows-1252": ("sims/superstar-1", a_report(a_row(1, "Zoë €") + a_row(2) + a_row(1), declared="windows-1252")),
    "ISO-8859-1": ("sims/superstar-1", a_report(a_row(1, "Zoë") + a_row(2), declared="iso-8859-1")),
    "a byte order mark": ("sims/superstar-1", b"\xef\xbb\xbf" + a_report(a_row(1, "Zoë"))),
    "no declaration": ("sims/superstar-1", f"<SuperStarReport>{a_row(1)}{a_row(2)}</SuperStarReport>".encode()),
    "empty records": ("sims/superstar-1", a_report("<Record/><Record /><Record a='>'/><Record></Record>" + a_row(1))),
    "no record": ("sims/superstar-1", a_report("")),
    "a root of one tag": ("sims/superstar-1", b"<SuperStarReport/>"),
    "a prefix of the root's": (
        "sims/superstar-1",
        a_report(a_row(1, more="<x:Home>a</x:Home>"), root='<SuperStarReport xmlns:x="urn:a&amp;b">'),
    ),
    "comments, instructions and CDATA": (
        "sims/superstar-1",
        a_report(
            "<!-- <Record> --><?odd <Record>?>" + a_row(1, "<![CDATA[</Record><Record>]]>") + "<!---->" + a_row(2)
        ),
    ),
    "odd end tags": ("sims/superstar-1", a_report("<Record\n a='/>'><UPN>1</UPN></Record\n>" + a_row(2))),
    "attributes of columns": ("sims/superstar-1", a_report("<Record><Adno a='1'>1</Adno><Adno2 b='1'/></Record>")),
    "shared numbers and no numbers": (
        "sims/superstar-1",
        a_report(
            "".join(
                f"<Record><Adno>{adno}</Adno><Surname>{name}</Surname></Record>"
                for adno, name in (("1", "A"), ("1", "B"), ("", "C"), ("1", "A"), ("", "C"))
            )
        ),
    ),
    "contacts": ("sims/superstar-1", a_report(a_row(1, more="<Contact_x0020_Surname>B</Contact_x0020_Surname>"))),
    "a generated report": ("sims/superstar-1", "".join(report(60)).encode()),
    "a generated transfer file": ("sims/ctf-25", "".join(transfer_file(20)).encode()),
    "a transfer file of another edition": ("sims/ctf-24", a_transfer(PUPIL * 2)),
    "a header behind the pupils": (
        "sims/ctf-25",
        a_transfer(
            PUPIL, before="<Other/>", after="<Header><CTFversion>25.0</CTFversion><LEA odd='1'>1</LEA></Header>"
        ),
    ),
    "a transfer file without pupils": ("sims/ctf-25", a_transfer("<Odd/>")),
    "pupils without a number": ("sims/ctf-25", a_transfer("<Pupil><Surname a='1'>A</Surname></Pupil><Pupil/>")),
}


@pytest.mark.parametrize("size", [7, 100_000], ids=["in small pieces", "in one piece"])
@pytest.mark.parametrize("name", SAME)
def test_what_is_read_as_a_stream_is_what_is_read_whole(
    streamed: Callable[..., tuple[Checked, list[RecordSource]]],
    held: Callable[[str, bytes], tuple[Checked, list[RecordSource]]],
    name: str,
    size: int,
) -> None:
    form, content = SAME[name]

    checked, records = streamed(form, content, size)

    whole, wanted = held(form, content)
    assert records == wanted
    assert (checked.records, checked.warnings) == (whole.records, whole.warnings)


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_is_read_as_a_stream_as_it_is_read_whole(
    streamed: Callable[..., tuple[Checked, list[RecordSource]]],
    held: Callable[[str, bytes], tuple[Checked, list[RecordSource]]],
    name: str,
) -> None:
    form, content = EXAMPLES[name], (VECTORS / "examples" / name).read_bytes()

    checked, records = streamed(form, content)

    whole, wanted = held(form, content)
    assert records == wanted
    assert (checked.records, checked.warnings) == (whole.records, whole.warnings)


@pytest.mark.timeout(5)
@pytest.mark.parametrize("row", TABLE, ids=[row["file"] for row in TABLE])
def test_a_hostile_stream_is_refused_with_the_reason_of_a_hostile_document(
    schemas: SchemaRegister, row: Mapping[str, str]
) -> None:
    body = Held((VECTORS / "hostile" / row["file"]).read_bytes())

    with pytest.raises(PermanentError) as caught:
        gate(FORMATS[row["format"]], body, content_type=row["content_type"], schemas=schemas, limits=STREAM)

    assert type(caught.value) is getattr(errors, row["error"])
    assert caught.value.code == row["code"]


@pytest.mark.parametrize("row", TABLE, ids=[row["file"] for row in TABLE])
def test_no_refusal_of_a_stream_repeats_what_it_says(schemas: SchemaRegister, row: Mapping[str, str]) -> None:
    body = InPieces((VECTORS / "hostile" / row["file"]).read_bytes())

    with pytest.raises(PermanentError) as caught:
        gate(FORMATS[row["format"]], body, content_type=row["content_type"], schemas=schemas, limits=STREAM)

    said = json.dumps(caught.value.as_json())
    assert not [word for word in ("Testina", "Exampleton", "Zo", "Makebelieve", "HOSTILE1", "passwd") if word in said]


REFUSED = {
    "a document type": (b"<!DOCTYPE a []><SuperStarReport/>", MalformedMessageError, "doctype"),
    "a document type after a piece": (
        b"<!--" + b" " * PIECE_BYTES + b"--><!DOCTYPE a [<!ENTITY b 'c'>]><SuperStarReport/>",
        MalformedMessageError,
        "doctype",
    ),
    "a style sheet among records": (a_report("<?xml-stylesheet a?>" + a_row(1)), MalformedMessageError, "stylesheet"),
    "cut off in a record": (a_report(a_row(1))[:-30], MalformedMessageError, "cut-off"),
    "a second root": (a_report(a_row(1)) + b"<a/>", MalformedMessageError, "malformed"),
    "nothing": (b"", MalformedMessageError, "empty"),
    "white space": (b" " * 20, MalformedMessageError, "empty"),
    "text among records": (a_report(a_row(1) + "stray" + a_row(2)), SchemaViolationError, "schema"),
    "text in a record": (a_report(a_row(1) + a_row(2, more="stray")), SchemaViolationError, "schema"),
    "elements in a column": (a_report(a_row(1) + a_row(2, more="<a><b/></a>")), SchemaViolationError, "schema"),
    "a column twice": (a_report(a_row(1) + a_row(2, more="<Forename/>")), SchemaViolationError, "schema"),
    "another root": (b"<Odd/>", SchemaViolationError, "schema"),
    "another root in a namespace": (b'<a:SuperStarReport xmlns:a="urn:a"/>', SchemaViolationError, "schema"),
    "a report that failed": (b"<CommandReporterError>a</CommandReporterError>", SchemaViolationError, "report-failed"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_stream_is_refused_as_the_same_document_is_whole(schemas: SchemaRegister, name: str) -> None:
    content, error, code = REFUSED[name]
    form = FORMATS["sims/superstar-1"]

    with pytest.raises(error) as whole:
        gate(form, content, content_type=None, schemas=schemas, limits=WHOLE)
    with pytest.raises(error) as caught:
        gate(form, InPieces(content), content_type=None, schemas=schemas, limits=STREAM)

    assert caught.value.code == whole.value.code == code


def test_the_place_of_a_fault_is_that_in_the_document(streamed: Callable[..., object]) -> None:
    rows = "".join(a_row(number) for number in range(1, 9)) + a_row(9, more="stray")

    with pytest.raises(SchemaViolationError) as caught:
        streamed("sims/superstar-1", a_report(rows))

    assert (caught.value.place.path, caught.value.place.line) == ("/SuperStarReport/Record[9]", 10)
    assert caught.value.message.startswith("/SuperStarReport/Record[9] holds text")


def test_the_row_of_a_column_that_comes_twice_is_told(streamed: Callable[..., object]) -> None:
    with pytest.raises(SchemaViolationError) as caught:
        streamed("sims/superstar-1", a_report(a_row(1) + a_row(2) + a_row(3, more="<Forename/>")))

    assert caught.value.place.row == 3


DEEP = "<a>" * 200 + "</a>" * 200
OVER = {
    "depth": (a_row(1, more=DEEP), {}, "too-deep"),
    "elements of a record": (a_row(1, more="<a/>" * 50), {"nodes": 40}, "too-many"),
    "records": ("<Record/>" * 50, {"records": 40}, "too-many"),
    "elements beside the records": (
        '<x:element xmlns:x="http://www.w3.org/2001/XMLSchema"/>' * 50,
        {"nodes": 40},
        "too-many",
    ),
    "attributes": ("<Record " + " ".join(f"a{n}=''" for n in range(300)) + "/>", {}, "too-many"),
    "a record's bytes": (a_row(1, "x" * 5000), {"record_bytes": 4000}, "too-large"),
    "bytes of the rows of one pupil": (a_row(1, "x" * 900) * 5, {"record_bytes": 4000}, "too-large"),
    "bytes beside the records": ("<!-- -->" * 900 + a_row(1), {"record_bytes": 4000}, "too-large"),
    "bytes of one tag": (f"<Record a='{'x' * 5000}'/>", {"record_bytes": 4000}, "too-large"),
    "a text": (a_row(1, "x" * 5000), {"text_length": 4000}, "too-large"),
    "all bytes": (a_row(1, "x" * 5000), {"size_bytes": 4000}, "too-large"),
}


@pytest.mark.parametrize("name", OVER)
def test_a_stream_over_a_limit_is_refused(streamed: Callable[..., object], name: str) -> None:
    rows, limits, code = OVER[name]

    with pytest.raises(TooLargeError) as caught:
        streamed("sims/superstar-1", a_report(rows), **limits)

    assert caught.value.code == code


def test_many_records_within_the_limit_of_each_are_taken(streamed: Callable[..., object]) -> None:
    checked, _ = streamed("sims/superstar-1", a_report("".join(map(a_row, range(30)))), nodes=30)  # type: ignore[misc]

    assert checked.records == 30  # type: ignore[has-type]


def test_splitting_goes_on_where_it_stopped_and_reads_nothing_before(schemas: SchemaRegister) -> None:
    form, content = FORMATS["sims/superstar-1"], "".join(report(40)).encode()
    checked = gate(form, Held(content), content_type=None, schemas=schemas, limits=STREAM)
    assert checked.contents is not None
    every = list(split_large(form, Held(content), checked.contents))
    asked: list[int] = []

    class Watched(Held):
        def span(self, start: int, length: int) -> bytes:
            asked.append(start)
            return super().span(start, length)

    rest = list(split_large(form, Watched(content), checked.contents, start=35))

    assert rest == every[35:]
    assert min(asked) > len(content) // 2


def test_a_history_is_read_as_a_stream_as_it_is_read_whole(
    streamed: Callable[..., tuple[Checked, list[RecordSource]]],
    held: Callable[[str, bytes], tuple[Checked, list[RecordSource]]],
) -> None:
    example = next((VECTORS / "examples/ecaf").glob("history*.jsonl"))

    checked, records = streamed("ecaf/history-1", example.read_bytes())

    whole, wanted = held("ecaf/history-1", example.read_bytes())
    assert records == wanted
    assert (checked.tree, checked.records, checked.warnings) == (whole.tree, whole.records, whole.warnings)


def test_warnings_without_end_are_counted_and_not_kept(streamed: Callable[..., tuple[Checked, object]]) -> None:
    checked, _ = streamed("sims/superstar-1", a_report("<Record><House>Oak</House></Record>" * 1500))

    assert len(checked.warnings) == 1001
    assert (checked.warnings[-1].code, checked.warnings[-1].message[:3]) == ("more-warnings", "500")


def test_a_content_type_that_names_another_charset_is_refused(schemas: SchemaRegister) -> None:
    with pytest.raises(MalformedMessageError) as caught:
        gate(
            FORMATS["sims/superstar-1"],
            Held(a_report(a_row(1))),
            content_type="application/xml; charset=windows-1252",
            schemas=schemas,
            limits=STREAM,
        )

    assert caught.value.code == "encoding"


def test_the_table_of_contents_comes_in_pieces_and_is_read_in_pieces(schemas: SchemaRegister) -> None:
    content = a_report("".join(map(a_row, range(20_000))))
    checked = gate(FORMATS["sims/superstar-1"], Held(content), content_type=None, schemas=schemas, limits=STREAM)
    assert checked.contents is not None

    pieces = list(checked.contents())

    assert len(pieces) > 2
    assert max(map(len, pieces)) <= PIECE_BYTES
    assert read_head(pieces[0]).records == 20_000
    assert [entry.key for entry in read_entries(pieces)] == [f"primary_id:{number}" for number in range(20_000)]


def test_a_table_of_contents_of_another_release_is_not_read() -> None:
    with pytest.raises(IntegrityError):
        read_head(b'{"version":2}\n')


def test_memory_does_not_grow_with_the_document(schemas: SchemaRegister) -> None:
    form = FORMATS["sims/superstar-1"]
    gate(form, Held(a_report(a_row(1))), content_type=None, schemas=schemas, limits=STREAM)
    content = Held("".join(report(4000)).encode())
    tracemalloc.start()

    checked = gate(form, content, content_type=None, schemas=schemas, limits=STREAM)
    assert checked.contents is not None
    number = sum(1 for _ in split_large(form, content, checked.contents))

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert number == 4000
    assert content.size_bytes > 12_000_000
    assert peak < 6_000_000
