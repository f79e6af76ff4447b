"""Every example file becomes the very document that was once read over by a person."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.translation.message_translator import Translated

Read = Callable[..., list[Translated]]
VECTORS = Path(__file__).parents[2] / "vectors"
TYPES = {
    ".jsonl": "application/x-ndjson",
    ".json": "application/json",
    ".form": "application/x-www-form-urlencoded",
    ".xml": "application/xml",
    ".csv": "text/csv",
}
FORMATS = {
    "govuk": "mash/govuk-forms-1",
    "moj": "mash/moj-forms-1",
    "start": "mash/start-request-1",
    "flat": "mash/flat-1",
    "decision": "mash/decision-1",
    "check": "mash/check-answer-1",
    "episode": "ecaf/episode-1",
    "enquiry": "ecaf/enquiry-1",
    "answer": "ecaf/enquiry-answer-1",
    "family": "ecaf/family-1",
    "registration": "ecaf/registration-1",
    "xml": "ecaf/xml-1",
    "history": "ecaf/history-1",
    "superstar": "sims/superstar-1",
    "csv": "sims/csv-1",
    "ctf": "sims/ctf-25",
    "contacts": "annex-a/list-1-1",
    "assessments": "annex-a/list-2-1",
}
FILES = sorted(
    str(path.relative_to(VECTORS / "examples"))
    for path in (VECTORS / "examples").rglob("*.*")
    if path.name.split("-")[0] in FORMATS
)


def told(made: Translated) -> dict[str, object]:
    return {
        "document": made.document,
        "tree": made.tree,
        "losses": [{"path": one.path, "why": one.why} for one in made.losses],
        "warnings": [{"path": one.path, "code": one.code} for one in made.warnings],
        "unmapped": [{"path": one.path, "list": one.list_name, "label": one.label} for one in made.unmapped],
    }


@pytest.mark.parametrize("file", FILES)
def test_an_example_becomes_the_document_that_was_read_over(read: Read, file: str) -> None:
    path = VECTORS / "examples" / file

    made = read(FORMATS[path.name.split("-")[0]], file, TYPES[path.suffix])

    expected = json.loads((VECTORS / "canonical" / f"{file}.json").read_text())
    assert json.dumps([told(one) for one in made]) == json.dumps(expected)  # the order of the parts as well
