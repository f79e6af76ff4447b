"""What a simulated school drops is what the gate reads, and half of it is not."""

import threading
import time
from pathlib import Path

import pytest

from gateway.errors import MalformedMessageError
from gateway.formats.gate import Checked, gate, split
from gateway.formats.limits import Limits
from gateway.formats.register import FORMATS
from gateway.formats.schema_register import SchemaRegister
from gateway.formats.superstar import decode_caption
from gateway.simulators.school import (
    CONTACTS,
    PUPIL,
    drop,
    drop_half,
    drop_slowly,
    encoded_caption,
    example_report,
    flat_form,
    govuk_form,
    superstar_report,
)

SCHEMAS_FOLDER = Path(__file__).parents[3] / "schemas"
SCHEMAS = SchemaRegister(
    {
        path.relative_to(SCHEMAS_FOLDER).as_posix(): path.read_bytes()
        for path in SCHEMAS_FOLDER.rglob("*.*")
        if path.suffix in {".json", ".xsd"}
    }
)
LIMITS = Limits()


def checked(name: str, body: bytes, content_type: str | None = None) -> Checked:
    return gate(FORMATS[name], body, content_type=content_type, schemas=SCHEMAS, limits=LIMITS)


def test_three_rows_about_one_pupil_are_read_as_one_pupil() -> None:
    body = example_report()

    pupils = list(split(FORMATS["sims/superstar-1"], body, limits=LIMITS))

    assert checked("sims/superstar-1", body).records == 1
    assert [pupil.tree for pupil in pupils] == [{"Record": [{**PUPIL, **contact} for contact in CONTACTS]}]


def test_an_empty_column_is_left_out_as_sims_leaves_it_out() -> None:
    assert b"House" not in superstar_report([{**PUPIL, "House": ""}])


@pytest.mark.parametrize(
    "caption",
    [pytest.param(text, id=text) for text in ("Legal Surname", "1st Contact", "Tel (Home)/Work", "a_x0020_b", "Größe")],
)
def test_a_caption_comes_back_as_it_was_typed(caption: str) -> None:
    assert decode_caption(encoded_caption(caption)) == caption


def test_half_a_report_is_no_report(tmp_path: Path) -> None:
    path = drop_half(tmp_path, "caf.xml", example_report())

    with pytest.raises(MalformedMessageError):
        checked("sims/superstar-1", path.read_bytes())


def test_a_slow_report_is_half_a_report_for_a_while_and_whole_in_the_end(tmp_path: Path) -> None:
    body = example_report()
    office = threading.Thread(target=drop_slowly, args=(tmp_path, "caf.xml", body), kwargs={"pause_seconds": 0.03})

    office.start()
    time.sleep(0.1)
    early = (tmp_path / "caf.xml").stat().st_size
    office.join()

    assert 0 < early < len(body)
    assert (tmp_path / "caf.xml").read_bytes() == body


def test_a_file_dropped_at_once_leaves_nothing_beside_it(tmp_path: Path) -> None:
    drop(tmp_path, "caf.xml", b"<SuperStarReport/>")

    assert [path.name for path in tmp_path.iterdir()] == ["caf.xml"]


def test_a_flat_form_keeps_a_key_that_comes_three_times() -> None:
    lines = [("mother_address", "1 Nowhere Lane"), ("mother_address", "Nowhere"), ("mother_address", "Testshire")]

    tree = checked("mash/flat-1", flat_form([("first_name", "Testina"), *lines]), "application/x-www-form-urlencoded")

    assert isinstance(tree.tree, dict)
    assert tree.tree["mother_address"] == ["1 Nowhere Lane", "Nowhere", "Testshire"]


def test_a_govuk_form_is_one_the_gate_knows() -> None:
    answer = {"question_id": "child_name", "question_text": "Who is the child?", "answer_text": "Testina Exampleton"}

    form = checked("mash/govuk-forms-1", govuk_form("REF-1", "2026-11-23T10:00:00.000Z", [answer]))

    assert form.records == 1
    assert form.warnings == ()
