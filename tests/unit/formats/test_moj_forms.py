"""Both shapes of a MoJ Forms submission become one tree, and nothing but its sender's secrets is left out."""

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.errors import SchemaViolationError
from gateway.formats.gate import gate, split
from gateway.formats.limits import Limits
from gateway.formats.moj_forms import noticed_in, submission_of
from gateway.formats.readers import without_secrets
from gateway.formats.register import FORMATS
from gateway.formats.schema_register import SchemaRegister
from gateway.model.tree import Group, Tree
from tests.fakes.trees import texts_in

FORM = FORMATS["mash/moj-forms-1"]
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=8)
ODD: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=8,
)
ANSWER = st.dictionaries(st.sampled_from(["field_id", "field_name", "answer", "question_id", "heading"]), ODD)
PAGE = st.dictionaries(st.sampled_from(["heading", "x"]), ODD).flatmap(
    lambda page: (st.lists(ANSWER | ODD, max_size=3) | ODD).map(lambda answers: {**page, "answers": answers})
)
PARTS = {
    "service": st.dictionaries(st.sampled_from(["id", "slug", "name"]), ODD) | ODD,
    "meta": st.dictionaries(st.sampled_from(["submission_at", "reference_number", "submission_id"]), ODD) | ODD,
    "pages": st.lists(PAGE | ODD, max_size=3) | ODD,
    "answers": ODD,
    "reference": ODD,
    "attachments": ODD,
    "submissionId": ODD,
}


def page(*answers: Group, heading: str = "") -> Group:
    return {"heading": heading, "answers": list(answers)}


def asked(name: str, answer: Tree, text: str = "?") -> Group:
    return {"field_id": name, "field_name": text, "answer": answer}


@given(tree=st.fixed_dictionaries({}, optional=PARTS))
@settings(max_examples=200, deadline=None)
def test_every_text_of_any_payload_is_in_the_tree(tree: Group) -> None:
    missing = Counter(texts_in(tree)) - Counter(texts_in(submission_of(tree)))

    assert set(missing) <= {""}


@given(tree=st.fixed_dictionaries({"submissionAnswers": st.dictionaries(WORDS, ODD) | ODD}, optional=PARTS))
@settings(max_examples=100, deadline=None)
def test_every_text_of_any_webhook_is_in_the_tree(tree: Group) -> None:
    missing = Counter(texts_in(tree)) - Counter(texts_in(submission_of(tree)))

    assert set(missing) <= {""}


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("child-first-name_text_1", "child_first_name"),
        ("child-2-dob_date_1", "child_2_dob"),
        ("worry_textarea_1", "worry"),
        ("consent-agencies_checkboxes_1", "consent_agencies"),
        ("child_text_2", "child_text_2"),
        ("postcode", "postcode"),
        ("child_colour_1", "child_colour_1"),
    ],
)
def test_a_page_s_address_is_the_question_s_id(name: str, read: str) -> None:
    made = submission_of({"pages": [page(asked(name, "x"))]})

    assert made["answers"] == [{"question_id": read, "question_text": "?", "answer_text": "x"}]


def test_where_a_page_s_address_leaves_doubt_the_ids_stay_as_they_are() -> None:
    made = submission_of({"pages": [page(asked("child_text_1", "Testina"), asked("child_date_1", "14 June 2016"))]})

    assert isinstance(made["answers"], list)
    assert [one["question_id"] for one in made["answers"] if isinstance(one, dict)] == ["child_text_1", "child_date_1"]


def test_a_heading_goes_with_the_first_answer_of_its_page() -> None:
    made = submission_of({"pages": [page(asked("a", "1"), asked("b", "2"), heading="About you"), page(heading="End")]})

    assert made["answers"] == [
        {"question_id": "a", "question_text": "?", "answer_text": "1", "heading": "About you"},
        {"question_id": "b", "question_text": "?", "answer_text": "2"},
        {"heading": "End"},
    ]


def test_both_shapes_come_to_the_same(example: Callable[[str], bytes], schemas: SchemaRegister) -> None:
    payload = json.loads(example("mash/moj-payload.json"))
    answers = {one["field_id"]: one["answer"] for part in payload["pages"] for one in part["answers"]}
    hook = {"serviceSlug": "Tell the MASH", "submissionId": "MOJ-1A2B-3C4D5E6", "submissionAnswers": answers}

    one, other = (
        gate(FORM, json.dumps(body).encode(), content_type=None, schemas=schemas, limits=Limits()).tree
        for body in (payload, hook)
    )

    assert isinstance(one, dict)
    assert isinstance(other, dict)
    assert (one["reference"], one["form_name"]) == (other["reference"], other["form_name"])
    assert [(entry["question_id"], entry["answer_text"]) for entry in one["answers"]] == [
        (entry["question_id"], entry["answer_text"]) for entry in other["answers"]
    ]


def test_how_a_form_delivers_is_dropped_and_said(example: Callable[[str], bytes], schemas: SchemaRegister) -> None:
    body = example("mash/moj-payload.json")

    checked = gate(FORM, body, content_type="application/json", schemas=schemas, limits=Limits())
    (record,) = split(FORM, body, limits=Limits())

    assert b"INVENTEDKEY12345" in body
    assert "INVENTEDKEY12345" not in json.dumps([checked.tree, record.tree])
    assert [(one.path, one.code) for one in checked.warnings] == [
        ("actions", "secret-dropped"),
        ("attachments[0]", "file-not-carried"),
    ]


def test_what_is_stored_of_a_submission_holds_no_secret_and_reads_the_same(example: Callable[[str], bytes]) -> None:
    body = example("mash/moj-payload.json")

    kept = without_secrets(FORM, body, limits=Limits())

    assert b"INVENTEDKEY12345" not in kept
    assert list(split(FORM, kept, limits=Limits())) == list(split(FORM, body, limits=Limits()))


@pytest.mark.parametrize("body", [b"", b'{"actions": [', b"[1]", b'{"pages": []}', b'{"a": 1, "a": 2}'])
def test_what_holds_no_secret_or_cannot_be_read_is_stored_as_it_came(body: bytes) -> None:
    assert without_secrets(FORM, body, limits=Limits()) == body


def test_other_formats_are_stored_as_they_came() -> None:
    body = b'{"actions": ["mine"]}'

    assert without_secrets(FORMATS["mash/govuk-forms-1"], body, limits=Limits()) == body


@pytest.mark.parametrize(
    "tree",
    [
        {},
        {"pages": []},
        {"submissionAnswers": {}},
        {"pages": [{"heading": "x"}]},
        {"pages": [{"answers": [{"field_id": "a", "answer": {"b": "c"}}]}]},
    ],
    ids=["empty", "no page", "no answer", "a page without answers", "an answer that is an object"],
)
def test_what_is_neither_shape_and_names_no_child_is_refused(schemas: SchemaRegister, tree: Group) -> None:
    with pytest.raises(SchemaViolationError):
        gate(FORM, json.dumps(tree).encode(), content_type=None, schemas=schemas, limits=Limits())


def test_a_submission_of_another_shape_that_tells_of_a_child_is_taken(schemas: SchemaRegister) -> None:
    tree = {"pages": [{"answers": [{"field_id": "child-first-name_text_1", "answer": {"text": "Testina"}}]}]}

    checked = gate(FORM, json.dumps(tree).encode(), content_type=None, schemas=schemas, limits=Limits())

    assert checked.needs_correction


@pytest.mark.parametrize("tree", ["x", [], {"attachments": "x"}, {"actions": []}])
def test_nothing_is_noticed_where_nothing_is(tree: Tree) -> None:
    assert list(noticed_in(tree)) == []
