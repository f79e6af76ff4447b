"""What may come in, what never, and which records does it hold?"""

import contextlib
import json
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.errors import PermanentError, SchemaViolationError, TooLargeError, UnsupportedFormatError
from gateway.formats.gate import Checked, gate, split
from gateway.formats.limits import Limits
from gateway.formats.register import FORMATS
from gateway.formats.schema_register import SchemaRegister
from gateway.model.document import to_tree
from gateway.model.referral import Referral
from gateway.model.tree import Tree

LIMITS = Limits()
URLENCODED = "application/x-www-form-urlencoded"


@pytest.fixture
def checked(schemas: SchemaRegister) -> Callable[..., Checked]:
    """Return the gate with our schemas and limits."""

    def ask(name: str, body: bytes | Tree, content_type: str | None = None) -> Checked:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return gate(FORMATS[name], raw, content_type=content_type, schemas=schemas, limits=LIMITS)

    return ask


@pytest.mark.parametrize(
    ("name", "file", "records"),
    [
        ("mash/govuk-forms-1", "mash/govuk-forms-single-child.json", 1),
        ("mash/govuk-forms-1", "mash/govuk-forms-two-siblings.json", 1),
        ("mash/govuk-forms-1", "mash/govuk-forms-s47-unknown-child.json", 1),
        ("mash/govuk-forms-1", "mash/govuk-forms-early-help-consent.json", 1),
        ("mash/govuk-forms-1", "mash/govuk-forms-consent-refused.json", 1),
        ("mash/flat-1", "mash/flat-hackney.form", 1),
        ("mash/flat-1", "mash/flat-hackney.json", 1),
        ("mash/decision-1", "mash/decision-acknowledged.json", 1),
        ("mash/decision-1", "mash/decision-early-help.json", 1),
        ("mash/decision-1", "mash/decision-returned.json", 1),
        ("sims/superstar-1", "sims/superstar-three-pupils.xml", 3),
        ("sims/superstar-1", "sims/superstar-windows-1252.xml", 1),
    ],
)
def test_every_example_comes_in_without_a_warning(
    checked: Callable[..., Checked], example: Callable[[str], bytes], name: str, file: str, records: int
) -> None:
    found = checked(name, example(file))

    assert found.records == records == len(list(split(FORMATS[name], example(file), limits=LIMITS)))
    assert found.warnings == ()
    assert not found.needs_correction


def test_a_form_post_its_parts_and_its_json_are_one_and_the_same(
    checked: Callable[..., Checked], example: Callable[[str], bytes]
) -> None:
    posted = checked("mash/flat-1", example("mash/flat-hackney.form"), URLENCODED)
    fields = [(name, value) for name, values in posted.tree.items() for value in values]  # type: ignore[union-attr]
    parts = (
        "".join(f'--B\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n' for n, v in fields) + "--B--\r\n"
    )

    as_json = checked("mash/flat-1", example("mash/flat-hackney.json"), "application/json")
    in_parts = checked("mash/flat-1", parts.encode(), "multipart/form-data; boundary=B")

    assert posted.tree == as_json.tree == in_parts.tree
    assert len(posted.tree["mother_address"]) == 3  # type: ignore[index,arg-type]


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("mash/govuk-forms-1", "application/json; charset=UTF-8"),
        ("mash/govuk-forms-1", "Application/JSON"),
        ("sims/superstar-1", "text/xml; charset=utf-8"),
        ("sims/superstar-1", "application/xml"),
    ],
)
def test_a_content_type_may_be_written_in_any_usual_way(
    checked: Callable[..., Checked], example: Callable[[str], bytes], name: str, content_type: str
) -> None:
    files = {
        "mash/govuk-forms-1": "mash/govuk-forms-single-child.json",
        "sims/superstar-1": "sims/superstar-three-pupils.xml",
    }

    assert checked(name, example(files[name]), content_type).records > 0


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("mash/govuk-forms-1", "text/plain"),
        ("mash/govuk-forms-1", URLENCODED),
        ("mash/flat-1", "text/csv"),
        ("sims/superstar-1", "application/json"),
        ("sims/superstar-1", "; charset=utf-8"),
    ],
)
def test_another_content_type_is_refused_with_what_is_taken(
    checked: Callable[..., Checked], name: str, content_type: str
) -> None:
    with pytest.raises(UnsupportedFormatError, match=FORMATS[name].media_types[0]) as caught:
        checked(name, b"{}", content_type)

    assert caught.value.code == "unsupported-media-type"


def answer(**parts: Tree) -> Tree:
    """Return a submission with one answer that lacks its text unless *parts* has one."""
    return {"submission_reference": "ODD1", "answers": [{"question_id": "worry"}, parts]}


@pytest.mark.parametrize(
    "body",
    [
        answer(question_id="child_name", answer_text="Testina"),
        answer(question_id="child_2_location", question_text="Where?", answer_text="5 Nowhere Lane"),
        answer(question_id="a1b2", question_text="What is the child's date of birth?", answer_text=20160614),
        answer(question_id="a1b2", first_name="Testina", last_name=None),
        answer(question_id="child_name", question_text="Name?", answer_text=["Testina", None]),
        answer(question_id="child_name", question_text="Name?", answer_text={"first": "Testina"}),
    ],
    ids=["no question text", "a place", "a number", "a name question", "null in a list", "a group"],
)
def test_a_referral_out_of_shape_that_tells_of_a_child_comes_in_for_a_person_to_put_right(
    checked: Callable[..., Checked], body: Tree
) -> None:
    found = checked("mash/govuk-forms-1", body)

    assert found.tree == body
    assert found.needs_correction
    assert {warning.code for warning in found.warnings} == {"schema"}
    assert "answers[0]" in {warning.path for warning in found.warnings}


@pytest.mark.parametrize(
    "body",
    [
        answer(question_id="worry", answer_text="Something is wrong"),
        answer(question_id="referrer_name", question_text="Your name?", first_name="Mo"),
        answer(question_id="child_name", answer_text=" "),
        answer(question_id="child_name", answer_text=[None, False]),
        {"answers": "Testina"},
        {"submission_reference": "ODD1"},
        [1],
    ],
    ids=["nobody", "the referrer", "blank", "nothing", "no list", "no answers", "no object"],
)
def test_a_referral_out_of_shape_that_names_nobody_is_refused(checked: Callable[..., Checked], body: Tree) -> None:
    with pytest.raises(SchemaViolationError):
        checked("mash/govuk-forms-1", body)


def test_a_flat_form_out_of_shape_is_written_out_and_nothing_of_it_dropped(checked: Callable[..., Checked]) -> None:
    body = {"first_name": "Testina", "age": 9, "twin": True, "none": None, "more": {"a": [1]}, "list": ["x", 2]}

    found = checked("mash/flat-1", body)

    assert found.tree == {
        "first_name": ["Testina"],
        "age": ["9"],
        "twin": ["true"],
        "none": [""],
        "more": ['{"a":[1]}'],
        "list": ["x", "2"],
    }
    assert found.needs_correction


def test_a_canonical_referral_out_of_shape_that_tells_of_a_child_comes_in(checked: Callable[..., Checked]) -> None:
    document = to_tree(Referral(reference="R1"))
    body = {"format": "mash/referral-1", "document": document | {"children": [{"given_names": "Testina"}]}}  # type: ignore[operator]

    assert checked("mash/referral-1", body).needs_correction


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("mash/referral-1", {"document": {"children": [{"sex": "1"}]}}),
        ("mash/referral-1", {"children": [{"given_names": "Testina"}]}),
        ("mash/flat-1", {"referralReason": "x", "age": 9}),
        ("mash/decision-1", {"reference": "R1", "child_name": "Testina"}),
        ("ecaf/episode-1", {"document": {"child": {"given_names": "Testina"}}}),
    ],
    ids=["nobody in it", "no envelope", "a flat form naming nobody", "no referral", "an episode"],
)
def test_only_a_referral_that_tells_of_a_child_is_let_off_its_shape(
    checked: Callable[..., Checked], name: str, body: Tree
) -> None:
    with pytest.raises(SchemaViolationError):
        checked(name, body)


def test_parts_nobody_agreed_on_are_no_fault_of_a_partners_form(checked: Callable[..., Checked]) -> None:
    body = {
        "form_slug": "x",
        "answers": [{"question_id": 5, "question_text": "?", "answer_text": "", "colour": {"hue": 1}}],
    }

    found = checked("mash/govuk-forms-1", body)

    assert found.tree == body
    assert found.warnings == ()


@pytest.mark.parametrize("name", ["mash/govuk-forms-1", "mash/flat-1", "sims/superstar-1"])
def test_over_the_size_limit_is_refused(schemas: SchemaRegister, name: str) -> None:
    with pytest.raises(TooLargeError, match="101 bytes; at most 100"):
        gate(FORMATS[name], b"x" * 101, content_type=None, schemas=schemas, limits=Limits(size_bytes=100))


def test_a_report_is_split_into_pupils_and_resumed_where_it_stopped(example: Callable[[str], bytes]) -> None:
    body = example("sims/superstar-three-pupils.xml")

    whole = list(split(FORMATS["sims/superstar-1"], body, limits=LIMITS))
    rest = list(split(FORMATS["sims/superstar-1"], body, limits=LIMITS, start=1))

    assert [(record.position, record.key) for record in whole] == [
        (0, "multiple_id:1001"),
        (1, "multiple_id:1002"),
        (2, "multiple_id:0977"),
    ]
    assert rest == whole[1:]
    assert [len(record.tree["Record"]) for record in whole] == [4, 4, 3]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "file", "key"),
    [
        ("mash/govuk-forms-1", "mash/govuk-forms-single-child.json", "3C25NTGQ"),
        ("mash/decision-1", "mash/decision-returned.json", "W9JB3CKF"),
        ("mash/flat-1", "mash/flat-hackney.form", ""),
    ],
)
def test_a_single_document_is_its_own_only_record(
    checked: Callable[..., Checked], example: Callable[[str], bytes], name: str, file: str, key: str
) -> None:
    records = list(split(FORMATS[name], example(file), limits=LIMITS))

    assert [(record.position, record.key, record.tree) for record in records] == [
        (0, key, checked(name, example(file)).tree)
    ]
    assert list(split(FORMATS[name], example(file), limits=LIMITS, start=1)) == []


@given(name=st.sampled_from(sorted(FORMATS)), body=st.binary(max_size=100))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_come_in_or_are_refused_with_a_reason(schemas: SchemaRegister, name: str, body: bytes) -> None:
    with contextlib.suppress(PermanentError):
        gate(FORMATS[name], body, content_type=None, schemas=schemas, limits=LIMITS)


LEAVES = st.none() | st.booleans() | st.integers(-9, 9) | st.sampled_from(["", "Testina", "decided", "MO1"])
NAMES = st.sampled_from(
    ["answers", "question_id", "answer_text", "child_name", "document", "children", "given_names", "reference", "step"]
)
TREES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4))


@given(name=st.sampled_from([name for name in sorted(FORMATS) if name != "sims/superstar-1"]), tree=TREES)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_json_comes_in_as_a_group_or_is_refused_with_a_reason(
    schemas: SchemaRegister, name: str, tree: Tree
) -> None:
    body = json.dumps(tree).encode()

    with contextlib.suppress(PermanentError):
        found = gate(FORMATS[name], body, content_type="application/json", schemas=schemas, limits=LIMITS)
        records = list(split(FORMATS[name], body, limits=LIMITS, content_type="application/json"))
        assert [record.tree for record in records] == [found.tree]


COLUMNS = st.sampled_from(
    [
        "<UPN>B1</UPN>",
        "<Adno> 7 </Adno>",
        "<Adno/>",
        "<multiple_id>1,2</multiple_id>",
        "<First_x0020_Name>Aur\u00e9lie</First_x0020_Name>",
        "<Note><![CDATA[a < b]]></Note>",
        "<Note>a > b<!-- c --></Note>",
        "<Note x='1'>n</Note>",
        "<Note><b>n</b></Note>",
        "<N\u00f6te>n</N\u00f6te>",
        "<?p x?>",
        "stray",
        "&amp;",
    ]
)
ROWS = st.lists(COLUMNS, max_size=4).map(lambda columns: f"<Record>{''.join(columns)}</Record>")
REPORTS = st.lists(ROWS | st.just("<Other/>"), max_size=4).map("".join)


@given(head=st.sampled_from(["", '<?xml version="1.0"?>\n', '<?xml version="1.0" encoding="utf-8"?>']), rows=REPORTS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_splitter_finds_the_rows_the_gate_found(schemas: SchemaRegister, head: str, rows: str) -> None:
    form, body = FORMATS["sims/superstar-1"], f"{head}<SuperStarReport>{rows}</SuperStarReport>".encode()

    with contextlib.suppress(PermanentError):
        found = gate(form, body, content_type="application/xml", schemas=schemas, limits=LIMITS)
        records = list(split(form, body, limits=LIMITS))
        assert [row for record in records for row in record.tree["Record"]] == found.tree["Record"]  # type: ignore[union-attr]
        assert len(records) == found.records
