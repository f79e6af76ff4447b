"""Nobody gets what the never-see matrix keeps from them, in any format; and whoever is entitled does."""

from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest

from gateway.consent.decide import decide
from gateway.consent.decision import Decision, Permit, Review
from gateway.consent.explain import explain
from gateway.consent.policy import Policy, load_policy
from gateway.consent.question import Mode, Purpose
from gateway.consent.question_json import answer_to_json
from gateway.consent.trial import trial_permit
from gateway.errors import TranslationError
from gateway.flows.by_hand.aftercare import PARTS
from gateway.formats.json import write_json
from gateway.formats.register import Format
from gateway.model.annotation import annotation, kind_at
from gateway.model.category import Tells
from gateway.model.document import Leaf, leaves_of
from gateway.model.tree import Group
from gateway.translation.library import Library
from tests.interference.leaks import forget
from tests.interference.matrix import (
    AT,
    CANARY,
    CORRECTION,
    MATRIX,
    OUTBOUND,
    Never,
    answered,
    cleared,
    full,
    noted,
    paths_of,
    question,
    written,
)

_ROOT = Path(__file__).parents[2]
_LEVELS = ("L2", "L3", "L4", "IMMEDIATE")
CASES = [(row, form) for row, form in product(MATRIX, OUTBOUND) if paths_of(row, form.document)]
IDS = [f"{row.name}, {form.name}" for row, form in CASES]
_LEAVING = sorted({form.document for form in OUTBOUND if form is not CORRECTION})
NOTED = [(row, document) for row, document in product(MATRIX, _LEAVING) if paths_of(row, document)]
NOTED_IDS = [f"{row.name}, {document}" for row, document in NOTED]


@pytest.fixture(scope="session")
def library() -> Library:
    folder = _ROOT / "mappings"
    kinds = ("inbound", "outbound", "both", "project")
    tables = {
        str(path.relative_to(folder)): path.read_bytes() for kind in kinds for path in folder.rglob(f"*.{kind}.toml")
    }
    lists = {path.name: path.read_bytes() for path in (folder / "codes").glob("*.csv")}
    aliases = {path.name: path.read_bytes() for path in (folder / "aliases").glob("*.csv")}
    return Library(tables, lists, aliases)


@pytest.fixture(scope="session")
def policy() -> Policy:
    return load_policy((_ROOT / "mappings" / "policy" / "sharing-2026.1.toml").read_bytes())


def decisions(row: Never, form: Format, policy: Policy) -> Iterator[Decision]:
    """Yield what is said to everybody of *row* who must never see, for every purpose and level of need."""
    for kind, purpose, level in product(row.never, row.only - row.but, _LEVELS):
        is_need = level in {"L4", "IMMEDIATE"} or (purpose is Purpose.STEP_UP and level == "L3")
        if not (row.but and is_need):
            yield answered(question(row, form, kind, purpose, Mode.DISCLOSE, level=level), policy)


def left_of(permit: Permit, form: Format, tree: Group, library: Library) -> bytes:
    """Return what leaves under *permit*: nothing, where what is left cannot be written in that format."""
    try:
        return written(cleared(permit, form, tree), form, library)
    except TranslationError:
        return b""


def place_of(document: str, leaf: Leaf) -> str:
    """Return where in a correction a note beside *leaf* of *document* stands."""
    made = annotation(leaf.path, CANARY, (leaf,))
    inside = "note" if "note" in made else f"{next(iter(made))}.note"
    return f"{PARTS[kind_at(document, leaf.path)]}[].{inside}"


def leaks(row: Never, form: Format, library: Library, policy: Policy, tree: Group | None = None) -> list[bytes]:
    """Return what leaves with a canary of *row* for somebody who must never see it, of *tree* or a whole document."""
    tree = tree or full(form.document, paths_of(row, form.document))
    permits = [decision for decision in decisions(row, form, policy) if isinstance(decision, Permit)]
    unlike = {(one.kept, one.redactions): one for one in permits}.values()
    left = (left_of(permit, form, tree, library) for permit in unlike)
    return [body for body in left if CANARY.encode() in body]


@pytest.mark.parametrize(("row", "form"), CASES, ids=IDS)
def test_nobody_gets_what_they_must_never_see(row: Never, form: Format, library: Library, policy: Policy) -> None:
    assert leaks(row, form, library, policy) == []


_SHOWN_BY = {
    Tells.WORDS: ("an adopted child's birth identity", "ecaf/episode-1"),
    Tells.INFORMANT: ("who told us, in confidence, to those who safeguard", "mash/referral-1"),
    Tells.BIRTH: ("an adopted child's birth identity", "ecaf/episode-1"),
    Tells.CHILD: ("what a young person tells in confidence", "ecaf/episode-1"),
    Tells.RELATIVE: ("the other parent", "ecaf/episode-1"),
    Tells.SIBLING: ("a brother or sister", "mash/referral-1"),
    Tells.PARENT_HEALTH: ("a parent's own health", "ecaf/episode-1"),
    Tells.STAFF: ("who somebody is who works with the family", "ecaf/episode-1"),
    Tells.CHECK: ("what a MASH asks its partners", "mash/partner-check-1"),
}


@pytest.mark.parametrize("mark", Tells)
def test_a_mark_that_is_forgotten_is_found(
    mark: Tells, library: Library, policy: Policy, monkeypatch: pytest.MonkeyPatch
) -> None:
    row, form = next(case for case in CASES if (case[0].name, case[1].name) == _SHOWN_BY[mark])
    forget(monkeypatch, mark)

    assert leaks(row, form, library, policy) != []


@pytest.mark.parametrize(("row", "form"), CASES, ids=IDS)
def test_whoever_is_entitled_gets_it(row: Never, form: Format, library: Library, policy: Policy) -> None:
    tree = full(form.document, paths_of(row, form.document))
    asked = question(row, form, row.entitled, row.purpose, Mode.DISCLOSE, organisation="entitled", listed=True)
    whole = cleared(trial_permit(form.document, recipient="entitled", at=AT), form, tree)

    permit = answered(asked, policy)

    assert isinstance(permit, Permit)
    clearance = cleared(permit, form, tree)
    assert CANARY.encode() in write_json(clearance.tree)
    assert (CANARY.encode() in written(clearance, form, library)) is (CANARY.encode() in written(whole, form, library))


@pytest.mark.parametrize(("row", "document"), NOTED, ids=NOTED_IDS)
def test_a_note_beside_what_somebody_must_never_see_does_not_reach_them(
    row: Never, document: str, library: Library, policy: Policy
) -> None:
    """Whoever corrects writes down again what the field says."""
    assert leaks(row, CORRECTION, library, policy, noted(row, document)) == []


@pytest.mark.parametrize(("row", "document"), NOTED, ids=NOTED_IDS)
def test_a_note_reaches_whoever_is_entitled_to_the_field(
    row: Never, document: str, library: Library, policy: Policy
) -> None:
    asked = question(row, CORRECTION, row.entitled, row.purpose, Mode.DISCLOSE, organisation="entitled", listed=True)

    permit = answered(asked, policy)

    assert isinstance(permit, Permit)
    assert CANARY.encode() in left_of(permit, CORRECTION, noted(row, document), library)


@pytest.mark.parametrize("document", sorted({document for _, document in NOTED}))
def test_a_note_beside_a_field_is_guarded_like_the_field(document: str) -> None:
    """What can be said of the field can be said of the note: of whom it tells, that it locates, how sensitive it is."""
    fields = [leaf for leaf in leaves_of(document).values() if leaf.category in PARTS and not leaf.internal]
    notes = [leaves_of("ecaf.correction")[place_of(document, leaf)] for leaf in fields]

    assert [
        leaf.path
        for leaf, note in zip(fields, notes, strict=True)
        if not (leaf.tells <= note.tells and leaf.locates <= note.locates and leaf.sensitivity <= note.sensitivity)
    ] == []


@pytest.mark.parametrize("row", MATRIX, ids=lambda row: row.name)
def test_neither_an_answer_nor_its_explanation_says_what_was_withheld(row: Never, policy: Policy) -> None:
    form = next(form for other, form in CASES if other is row)
    said = [
        (*explain(decision, policy=policy).as_lines(), write_json(answer_to_json(decision)).decode())
        for decision in decisions(row, form, policy)
    ]

    assert len(said) > 0
    assert [line for lines in said for line in lines if CANARY in line] == []


@pytest.mark.parametrize("form", OUTBOUND, ids=lambda form: form.name)
def test_a_format_that_has_no_field_for_something_is_known(form: Format) -> None:
    nowhere = {row.name for row in MATRIX if not paths_of(row, form.document)}

    assert nowhere == NOWHERE[form.document]


_CHECKS = {"what a MASH asks its partners", "what a partner answers a MASH"}
_NO_ASSESSMENT = {*_CHECKS, "what the police told", "a parent's own health"}
_ALL = {row.name for row in MATRIX}
NOWHERE = {
    "ecaf.episode": _CHECKS,
    "mash.referral": _NO_ASSESSMENT,
    "ecaf.request": _NO_ASSESSMENT,
    "ecaf.enquiry": {*_NO_ASSESSMENT, "who somebody is who works with the family"},
    "ecaf.family": {*_NO_ASSESSMENT, "who somebody is who works with the family"},
    "ecaf.registration": _ALL
    - {
        *("a withheld address", "an adopted child's birth identity", "who told us"),
        *("who told us, in confidence", "who told us, in confidence, to those who safeguard"),
    },
    "sims.pupil": _NO_ASSESSMENT,
    "mash.feedback": _ALL,
    "ecaf.notice": _ALL,
    "ecaf.correction": _ALL,
    "ecaf.answer": _ALL,
    "mash.answer": _ALL - {"what a partner answers a MASH"},
    "mash.check": _ALL
    - {
        *("a withheld address", "a brother or sister", "a brother or sister, when a child moves"),
        "what a MASH asks its partners",
    },
}
"""What a document has no field at all for: feedback and notices are routing data, a check identifiers. A correction has
notes beside fields of other documents: see `NOTED`."""


def test_a_subject_access_request_is_answered_by_a_person(policy: Policy) -> None:
    row, form = MATRIX[0], OUTBOUND[0]

    asked = question(row, form, "parent", Purpose.SAR, Mode.DISCLOSE)

    assert isinstance(decide(asked, policy=policy), Review)
