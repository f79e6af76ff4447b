"""Is a Common Transfer File of any edition read by its names, and written strictly?"""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.errors import PermanentError, TranslationError
from gateway.formats.ctf_writer import ctf_file_name, write_ctf
from gateway.formats.gate import Checked, RecordSource, gate, split
from gateway.formats.limits import Limits
from gateway.formats.register import FORMATS
from gateway.formats.schema_register import SchemaRegister
from gateway.model.tree import Group
from gateway.simulators.transfers import NUMBERLESS, TESTINA, transfer_file

LIMITS = Limits()
WAY: Group = {
    "DateTime": "2026-11-20T14:30:00",
    "SourceSchool": {"LEA": "820", "Estab": "1001"},
    "DestSchool": {"LEA": "820", "Estab": "1234"},
}


def checked(schemas: SchemaRegister, body: bytes, *, edition: int = 25) -> Checked:
    return gate(FORMATS[f"sims/ctf-{edition}"], body, content_type=None, schemas=schemas, limits=LIMITS)


def records(body: bytes, *, edition: int = 25) -> list[RecordSource]:
    return list(split(FORMATS[f"sims/ctf-{edition}"], body, limits=LIMITS))


def refusal(schemas: SchemaRegister, body: bytes) -> dict[str, str | int]:
    with pytest.raises(PermanentError) as caught:
        checked(schemas, body)
    return caught.value.as_json()


@pytest.mark.parametrize("edition", range(12, 26))
def test_every_edition_is_read(schemas: SchemaRegister, edition: int) -> None:
    body = transfer_file([TESTINA, NUMBERLESS], edition=edition)

    found = checked(schemas, body, edition=edition)

    assert (found.records, found.warnings) == (2, ())
    assert [one.key for one in records(body, edition=edition)] == ["UPN:B801200005001", "pupil:2"]


@given(seed=st.integers(0, 10**6))
@settings(max_examples=30, deadline=None)
def test_parts_may_come_in_any_order(schemas: SchemaRegister, seed: int) -> None:
    body = transfer_file([TESTINA], shuffle=Random(seed))  # noqa: S311 - an order, no secret

    assert checked(schemas, body).warnings == ()
    assert records(body)[0].tree == records(transfer_file([TESTINA]))[0].tree


def test_a_file_of_another_edition_is_read_as_what_it_is(schemas: SchemaRegister) -> None:
    found = checked(schemas, transfer_file([TESTINA], edition=19))

    assert [(one.path, one.code) for one in found.warnings] == [("Header.CTFversion", "other-edition")]


@pytest.mark.parametrize("version", ["11.0", "26.0", "", "twenty", "2025"])
def test_an_edition_nobody_described_is_refused(schemas: SchemaRegister, version: str) -> None:
    body = transfer_file([TESTINA]).replace(b">25.0<", f">{version}<".encode())

    told = refusal(schemas, body)

    assert (told["code"], told["path"]) == ("ctf-edition", "/CTfile/Header/CTFversion")


@pytest.mark.parametrize(
    ("body", "path"),
    [
        (b"<CTfile><CTFpupilData/></CTfile>", "/CTfile/Header"),
        (b"<CTfile><Header/></CTfile>", "/CTfile/CTFpupilData"),
        (b"<CTfile><Header/><Header/><CTFpupilData/></CTfile>", "/CTfile/Header"),
        (b"<Header/>", "/"),
    ],
)
def test_a_file_without_its_parts_is_refused(schemas: SchemaRegister, body: bytes, path: str) -> None:
    told = refusal(schemas, body)

    assert (told["code"], told["path"]) == ("ctf-parts", path)


@pytest.mark.parametrize("root", [b"ATfile", b"SuperStarReport", b"html"])
def test_another_root_is_refused(schemas: SchemaRegister, root: bytes) -> None:
    told = refusal(schemas, b"<" + root + b"><Header/><CTFpupilData/></" + root + b">")

    assert told["code"] in {"schema", "ctf-parts"}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"<Pupil>", b"<Pupil>stray"),
        (b"<Surname>EXAMPLETON</Surname>", b"<Surname><First>EXAMPLETON</First></Surname>"),
        (b"<Contacts>", b"<Contacts>and so on"),
    ],
    ids=["stray-text", "parts-in-a-value", "stray-text-further-in"],
)
def test_what_no_transfer_file_holds_is_refused_with_its_line(
    schemas: SchemaRegister, before: bytes, after: bytes
) -> None:
    told = refusal(schemas, transfer_file([TESTINA]).replace(before, after))

    assert told["code"] == "schema"
    assert {"path", "line"} <= told.keys()
    assert "EXAMPLETON" not in str(told)


def test_attributes_and_parts_beside_the_pupils_are_told(schemas: SchemaRegister) -> None:
    body = transfer_file([TESTINA]).replace(b"<DOB>", b'<DOB sure="no">')
    body = body.replace(b"<CTFpupilData>", b"<CTFpupilData><Remark>one</Remark>")

    found = checked(schemas, body)

    assert [(one.path, one.code) for one in found.warnings] == [
        ("Pupil.DOB", "attribute-ignored"),
        ("/CTfile", "part-ignored"),
    ]


def test_a_file_without_pupils_says_so(schemas: SchemaRegister) -> None:
    assert [one.code for one in checked(schemas, transfer_file([])).warnings] == ["empty-report"]


@pytest.mark.parametrize(
    ("qualifier", "pupil", "tells"), [("full", TESTINA, True), ("partial", TESTINA, False), ("full", NUMBERLESS, False)]
)
def test_only_a_full_file_that_lists_contacts_says_who_is_gone(qualifier: str, pupil: Group, *, tells: bool) -> None:
    assert records(transfer_file([pupil], qualifier=qualifier))[0].tells_contacts is tells


def test_what_repeats_is_a_list_even_alone() -> None:
    pupil = records(transfer_file([TESTINA]))[0].tree["Pupil"]

    assert isinstance(pupil, dict)
    assert pupil["BasicDetails"]["Disabilities"] == {"Disability": ["NONE"]}
    assert [one["Surname"] for one in pupil["Contacts"]["Contact"]] == ["Exampleton", "Sampleby"]


def test_pupils_who_go_the_same_way_share_a_file() -> None:
    body = write_ctf([{"Header": WAY, "Pupil": {"Surname": name}} for name in ("Exampleton", "Sampleby")])

    assert body.count(b"<Pupil>") == 2
    assert body.count(b"<Header>") == 1


def test_several_ways_and_several_lost_pupils_need_several_files() -> None:
    other: Group = {**WAY, "DestSchool": {"LEA": "302", "Estab": "2001"}}
    lost: Group = {**WAY, "DestSchool": {"LEA": "XXX", "Estab": "XXXX"}}

    with pytest.raises(TranslationError, match="one for each way"):
        write_ctf([{"Header": WAY, "Pupil": {}}, {"Header": other, "Pupil": {}}])
    with pytest.raises(TranslationError, match="one pupil only"):
        write_ctf([{"Header": lost, "Pupil": {}}, {"Header": lost, "Pupil": {}}])


@pytest.mark.parametrize(
    ("tree", "path"),
    [
        ({"Header": {}, "Pupil": {}}, "Header.DateTime"),
        ({"Header": {"DateTime": "2026-11-20T14:30:00"}, "Pupil": {}}, "Header.SourceSchool.LEA"),
        ({"Header": WAY, "Pupil": {"CAF": "an assessment"}}, "Pupil.CAF"),
        ({"Header": WAY, "Pupil": {"Surname": "Example\u0001ton"}}, "Pupil.Surname"),
    ],
)
def test_what_cannot_be_written_is_refused_with_its_place(tree: Group, path: str) -> None:
    with pytest.raises(TranslationError) as caught:
        write_ctf([tree])

    assert caught.value.place.path == path
    assert "Example" not in str(caught.value)


@pytest.mark.parametrize(
    ("source", "destination", "serial", "name"),
    [
        ({"LEA": "820", "Estab": "1001"}, {"LEA": "820", "Estab": "1234"}, 1, "8201001_CTF_8201234_001.xml"),
        ({"LEA": "820"}, {"LEA": "820", "Estab": "1234"}, 12, "820LLLL_CTF_8201234_012.xml"),
        ({"LEA": "820", "Estab": "1001"}, {}, 999, "8201001_CTF_XXXXXXX_999.xml"),
        ({"LEA": "820", "Estab": "1001"}, {"LEA": "XXX", "Estab": "XXXX"}, 1, "8201001_CTF_XXXXXXX_001.xml"),
        ({"LEA": "820", "Estab": "1001"}, {"LEA": "MMM", "Estab": "MMMM"}, 1, "8201001_CTF_MMMMMMM_001.xml"),
    ],
    ids=["between-schools", "from-the-authority", "to-nobody-knows", "to-xxx", "outside-the-maintained-sector"],
)
def test_a_file_is_called_by_the_rule(source: Group, destination: Group, serial: int, name: str) -> None:
    assert ctf_file_name({"Header": {"SourceSchool": source, "DestSchool": destination}}, serial=serial) == name


def test_a_child_missing_education_has_kinds_of_its_own() -> None:
    assert ctf_file_name({"Header": WAY}, serial=1, kind="CML") == "8201001_CML_8201234_001.xml"


@pytest.mark.parametrize(
    ("tree", "serial", "kind"),
    [
        ({"Header": WAY}, 0, "CTF"),
        ({"Header": WAY}, 1000, "CTF"),
        ({"Header": WAY}, 1, "ATF"),
        ({"Header": {**WAY, "SourceSchool": {"LEA": "../", "Estab": "1001"}}}, 1, "CTF"),
        ({}, 1, "CTF"),
    ],
)
def test_no_other_name_is_ever_made(tree: Group, serial: int, kind: str) -> None:
    with pytest.raises(TranslationError):
        ctf_file_name(tree, serial=serial, kind=kind)
