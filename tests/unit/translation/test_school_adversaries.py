"""What each of a school's channels must survive: one name for each thing that real files do to their readers."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import pytest

from gateway.errors import PermanentError
from gateway.formats.gate import Checked, gate, split
from gateway.formats.limits import Limits
from gateway.formats.register import FORMATS
from gateway.formats.schema_register import SchemaRegister
from gateway.simulators.school import csv_report, superstar_report
from gateway.simulators.transfers import transfer_file
from gateway.translation.library import Library
from gateway.translation.message_translator import Translated, nothing_known, translate_in
from tests.unit.translation.conftest import ROOT

CSV, REPORT, CTF = "sims/csv-1", "sims/superstar-1", "sims/ctf-25"
EVERY = [CSV, REPORT, CTF]
XML = [REPORT, CTF]
FOLDER = ROOT / "schemas"
SCHEMAS = SchemaRegister({FORMATS[name].schema: (FOLDER / FORMATS[name].schema).read_bytes() for name in EVERY})
TESTINA = {"upn": "B801200005001", "forename": "Testina", "surname": "Exampleton", "born": "2014-06-14"}
SUMMER = {CSV: "14/06/2014", REPORT: "2014-06-14T00:00:00+01:00", CTF: "2014-06-14"}


def body(channel: str, *pupils: Mapping[str, str]) -> bytes:
    """Return a file of *channel* with *pupils*."""
    names = {"upn": "UPN", "forename": "Forename", "surname": "Surname", "born": "DOB"}
    rows = [{names[key]: value for key, value in one.items()} for one in pupils]
    write = {CSV: csv_report, REPORT: superstar_report, CTF: transfer_file}
    return write[channel](rows)


def checked(channel: str, content: bytes, **limits: int) -> Checked:
    return gate(FORMATS[channel], content, content_type=None, schemas=SCHEMAS, limits=Limits(**limits))


def refused(channel: str, content: bytes, *, content_type: str | None = None, **limits: int) -> str:
    with pytest.raises(PermanentError) as caught:
        gate(FORMATS[channel], content, content_type=content_type, schemas=SCHEMAS, limits=Limits(**limits))
    assert "Exampleton" not in str(caught.value.as_json())
    return caught.value.code


@pytest.fixture
def read(library: Library) -> Callable[[str, bytes], list[Translated]]:
    def translated(channel: str, content: bytes) -> list[Translated]:
        checked(channel, content)
        mapping = library.inbound(channel)
        found = split(FORMATS[channel], content, limits=Limits())
        return [translate_in(mapping, one.tree, meaning=nothing_known, on=date(2026, 11, 20)) for one in found]

    return translated


Read = Callable[[str, bytes], list[Translated]]


def child(made: Translated) -> dict[str, Any]:
    found: Any = made.tree["child"]
    return dict(found)


@pytest.mark.parametrize("channel", XML)
@pytest.mark.parametrize(
    "doctype",
    [
        b'<!DOCTYPE a [<!ENTITY b "boom"><!ENTITY c "&b;&b;&b;&b;">]>',
        b'<!DOCTYPE a SYSTEM "file:///etc/passwd">',
        b'<!DOCTYPE a [<!ENTITY % b SYSTEM "http://nowhere.example/"> %b;]>',
    ],
    ids=["entity-expansion", "external", "parameter-entity"],
)
def test_a_document_type_is_refused(channel: str, doctype: bytes) -> None:
    head, _, rest = body(channel, TESTINA).partition(b"?>")

    assert refused(channel, head + b"?>" + doctype + rest) == "doctype"


@pytest.mark.parametrize("channel", XML)
def test_a_wrongly_declared_encoding_is_refused(channel: str) -> None:
    content = body(channel, {**TESTINA, "forename": "Zoë"}).decode()

    assert refused(channel, content.encode("cp1252")) == "encoding"
    assert refused(channel, content.encode(), content_type="application/xml; charset=iso-8859-1") == "encoding"


@pytest.mark.parametrize("channel", EVERY)
def test_a_byte_order_mark_changes_nothing(read: Read, channel: str) -> None:
    content = body(channel, {**TESTINA, "forename": "Zoë"})

    assert read(channel, b"\xef\xbb\xbf" + content)[0].tree == read(channel, content)[0].tree


@pytest.mark.parametrize("channel", XML)
def test_utf_16_with_its_mark_is_read(read: Read, channel: str) -> None:
    content = body(channel, {**TESTINA, "forename": "Zoë"})
    wide = content.decode().replace("utf-8", "utf-16").encode("utf-16")

    assert read(channel, wide)[0].tree == read(channel, content)[0].tree


def test_utf_16_is_refused_where_nothing_declares_it() -> None:
    assert refused(CSV, body(CSV, TESTINA).decode().encode("utf-16")) == "encoding"


def test_a_part_that_repeats_is_not_chosen_from_in_silence(read: Read) -> None:
    content = body(CTF, TESTINA).replace(b"</DOB>", b"</DOB><DOB>2015-01-01</DOB>")

    (made,) = read(CTF, content)

    assert "born" not in child(made)
    assert "several-values" in {one.code for one in made.warnings}


@pytest.mark.parametrize(("channel", "code"), [(CSV, "caption-twice"), (REPORT, "schema")])
def test_a_column_that_repeats_is_refused(channel: str, code: str) -> None:
    twice = {
        CSV: b"Forename,Forename\r\nTestina,Tess\r\n",
        REPORT: b"<SuperStarReport><Record><Forename>a</Forename><Forename>b</Forename></Record></SuperStarReport>",
    }

    assert refused(channel, twice[channel]) == code


@pytest.mark.parametrize("channel", EVERY)
def test_a_file_over_the_limit_is_refused_unread(channel: str) -> None:
    content = body(channel, TESTINA)

    assert refused(channel, content, size_bytes=len(content) - 1) == "too-large"


@pytest.mark.parametrize("channel", EVERY)
def test_more_parts_than_the_limit_are_refused(channel: str) -> None:
    assert refused(channel, body(channel, *[TESTINA] * 40), nodes=100) == "too-many"


@pytest.mark.parametrize("channel", XML)
@pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 0.7, 0.9, 0.97])
def test_a_file_that_was_cut_off_is_never_a_smaller_one(channel: str, share: float) -> None:
    content = body(channel, TESTINA, {**TESTINA, "upn": "R201100018042"})

    assert refused(channel, content[: int(len(content) * share)]) in {"cut-off", "malformed"}


def test_a_table_that_was_cut_off_in_a_row_is_never_a_smaller_one() -> None:
    content = body(CSV, TESTINA, {**TESTINA, "upn": "R201100018042"})

    assert refused(CSV, content[: content.rindex(b",") - 1]) == "cut-off"
    assert [one.code for one in checked(CSV, content[:-4]).warnings] == ["encoding-read", "no-line-end"]


@pytest.mark.parametrize(("channel", "part"), [(REPORT, b"<Record>"), (CTF, b"<Pupil>")])
def test_stray_text_is_refused(channel: str, part: bytes) -> None:
    content = body(channel, TESTINA)

    assert refused(channel, content.replace(part, b"Exampleton" + part)) == "schema"


@pytest.mark.parametrize("channel", EVERY)
def test_names_in_capitals_are_kept_as_they_are(read: Read, channel: str) -> None:
    (made,) = read(channel, body(channel, {**TESTINA, "surname": "O'EXAMPLETON"}))

    assert child(made)["family_name"] == "O'EXAMPLETON"


@pytest.mark.parametrize("channel", EVERY)
def test_non_breaking_blanks_around_a_value_are_blanks(read: Read, channel: str) -> None:
    (made,) = read(channel, body(channel, {**TESTINA, "upn": "\u00a0B801200005001\u00a0", "forename": "Testina\u00a0"}))

    assert (child(made)["upn"], child(made)["given_names"]) == ("B801200005001", "Testina")
    assert made.warnings == ()


@pytest.mark.parametrize("channel", EVERY)
def test_a_summer_birthday_stays_on_its_day(read: Read, channel: str) -> None:
    (made,) = read(channel, body(channel, {**TESTINA, "born": SUMMER[channel]}))

    assert child(made)["born"] == "2014-06-14"


@pytest.mark.parametrize("channel", EVERY)
def test_a_birthday_of_two_digits_is_never_guessed(read: Read, channel: str) -> None:
    (made,) = read(channel, body(channel, {**TESTINA, "born": "1/7/14"}))

    assert "born" not in child(made)
    assert child(made)["born_as_written"] == "1/7/14"
    assert "two-digit-year" in {one.code for one in made.warnings}


@pytest.mark.parametrize("channel", EVERY)
def test_a_child_not_yet_born_is_no_pupil_born_tomorrow(read: Read, channel: str) -> None:
    unborn = {"surname": "Exampleton", "born": "2027-03-01"}

    (made,) = read(channel, body(channel, unborn))

    assert child(made) == {"family_name": "Exampleton", "born_as_written": "2027-03-01"}
    assert "future-date" in {one.code for one in made.warnings}


@pytest.mark.parametrize("channel", EVERY)
def test_one_number_on_two_children_is_two_records(read: Read, channel: str) -> None:
    made = read(channel, body(channel, TESTINA, {**TESTINA, "forename": "Mock"}))

    assert [child(one)["given_names"] for one in made] == ["Testina", "Mock"]


@pytest.mark.parametrize("channel", EVERY)
@pytest.mark.parametrize(
    "text", ["=1+1", "+44", "-1", "@home", "\u202eatsiT", "Tes\u200btina", "e\u0301", "\U0001d4af"]
)
def test_odd_letters_come_through_as_they_are(read: Read, channel: str, text: str) -> None:
    (made,) = read(channel, body(channel, {**TESTINA, "forename": text}))

    assert child(made)["given_names"] == text
