"""Does nobody stay in a document who may be a hidden person, wherever the model has people?"""

import json
from dataclasses import is_dataclass, replace
from typing import Any, Final

import pytest

from gateway.consent.clearance import Clearance, CurrentFacts, clear
from gateway.consent.content_filter import Withheld, cut
from gateway.consent.decision import Permit, Redaction
from gateway.consent.hidden_person import HiddenPerson, Told
from gateway.consent.person_filter import told_of, without
from gateway.consent.question_json import permit_from_json, permit_to_json
from gateway.errors import SchemaViolationError
from gateway.model.category import Category
from gateway.model.document import DOCUMENTS, parts_of, prove
from gateway.model.family import Person
from gateway.model.tree import Group
from tests.unit.consent.questions import AT
from tests.unit.consent.test_content_filter import a_permit

FATHER: Final = HiddenPerson(name="Otto Fatherly")
HIDES: Final = Redaction(reason="R-THIRD", persons=True)
HIM: Final[Group] = {
    "name": "Otto Fatherly",
    "reference": "P2",
    "relationship": "father",
    "born": "1980-02-03",
    "helped": "Y",
    "episode": "NW-OTTO",
    "telephones": ["00000 777777"],
    "emails": ["otto@nowhere.example"],
    "address": {"lines": ["7 Otto Street"]},
    "provenance": [{"by": "Otto's worker"}],
}
HER: Final[Group] = {"name": "Mona Exampleton", "reference": "P1", "telephones": ["00000 111111"]}
RUBI: Final[Group] = {"name": "Rubi Fatherly", "born": "2015-04-05", "reference": "P3"}


def left(tree: Group, *hidden: HiddenPerson, document: str = "ecaf.episode") -> Any:
    prove(document, tree)
    return cut(document, tree, a_permit(HIDES), hidden).tree


def _lists(cls: type, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Return the way to every list of people below *cls*."""
    parts = [(name, kind) for name, (kind, _) in parts_of(cls).items() if is_dataclass(kind)]
    here = [(*path, name) for name, kind in parts if kind is Person]
    return here + [way for name, kind in parts if kind is not Person for way in _lists(kind, (*path, name))]


EVERY_LIST: Final = [(name, way) for name, cls in DOCUMENTS.items() for way in _lists(cls)]


@pytest.mark.parametrize(("document", "way"), EVERY_LIST, ids=str)
def test_the_hidden_one_goes_whole_from_every_list_of_people_there_is(document: str, way: tuple[str, ...]) -> None:
    (name,) = way

    assert left({name: [HIM, HER, RUBI]}, FATHER, document=document) == {name: [HER, RUBI]}


def test_there_are_lists_of_people_to_look_at() -> None:
    assert {document for document, _ in EVERY_LIST} >= {"ecaf.episode", "mash.referral", "sims.pupil", "ecaf.request"}


def test_without_a_redaction_of_persons_everybody_stays() -> None:
    assert cut("ecaf.episode", {"family": [HIM]}, a_permit(), (FATHER,)).tree == {"family": [HIM]}


def test_where_nobody_is_named_no_adult_stays() -> None:
    assert left({"family": [HIM, HER, RUBI]}) == {"family": [RUBI]}


def test_two_hidden_ones_both_go() -> None:
    assert left({"family": [HIM, HER, RUBI]}, FATHER, HiddenPerson(name="Mona Exampleton")) == {"family": [RUBI]}


def test_whoever_has_the_hidden_one_s_reference_goes_under_any_name() -> None:
    again: Group = {"name": "Zed Nobody", "reference": "P2"}

    assert left({"family": [HIM, again, HER]}, FATHER) == {"family": [HER]}


TRACES: Final[dict[str, tuple[Group, Group]]] = {
    "a signatory": (
        {"consent": {"agrees_to_share": "Y", "signatory": "Otto Fatherly"}},
        {"consent": {"agrees_to_share": "Y"}},
    ),
    "a signature": (
        {"consent": {"signatures": [{"name": "O Fatherly", "capacity": "PARENT_PR"}, {"name": "Mona Exampleton"}]}},
        {"consent": {"signatures": [{"name": "Mona Exampleton"}]}},
    ),
    "somebody at a meeting": (
        {"meetings": [{"invited": [{"name": "Otto Fatherly", "role": "father"}, {"role": "teacher"}]}]},
        {"meetings": [{"invited": [{"role": "teacher"}]}]},
    ),
    "who has the minutes": (
        {"meetings": [{"minutes_shared_with": ["school-1", "Otto Fatherly"]}]},
        {"meetings": [{"minutes_shared_with": ["school-1"]}]},
    ),
    "somebody present": (
        {"assessment": {"people_present": [{"name": "Otto", "relationship": "father"}, {"name": "Mona Exampleton"}]}},
        {"assessment": {"people_present": [{"name": "Mona Exampleton"}]}},
    ),
    "who does what": (
        {"plans": [{"actions": [{"reference": "A1", "responsible": "Otto Fatherly"}]}]},
        {"plans": [{"actions": [{"reference": "A1"}]}]},
    ),
    "for whom": (
        {"family": [HIM], "plans": [{"actions": [{"reference": "A1", "for_person": "P2"}]}]},
        {"plans": [{"actions": [{"reference": "A1"}]}]},
    ),
    "who does what, by what the document calls him": (
        {"family": [HIM], "plans": [{"actions": [{"reference": "A1", "responsible": "P2"}]}]},
        {"plans": [{"actions": [{"reference": "A1"}]}]},
    ),
    "whose view it is": (
        {"assessment": {"elements": {"behaviour": {"views": [{"whose": "parent", "name": "Otto Fatherly"}]}}}},
        {"assessment": {"elements": {"behaviour": {"views": [{"whose": "parent"}]}}}},
    ),
    "who wrote what is attached": (
        {"forms": [{"kind": "letter", "author": "Otto Fatherly"}]},
        {"forms": [{"kind": "letter"}]},
    ),
    "who signed as assessor": (
        {"consent": {"agrees_to_share": "Y", "assessor_signature": {"name": "Otto Fatherly", "capacity": "worker"}}},
        {"consent": {"agrees_to_share": "Y"}},
    ),
    "somebody present of whom only the family tie is told": (
        {"assessment": {"version": 1, "people_present": [{"relationship": "father"}]}},
        {"assessment": {"version": 1}},
    ),
    "an entry without a name": (
        {"reason": "told", "family": [{"telephones": ["0"]}, HER]},
        {"reason": "told", "family": [HER]},
    ),
    "whose scores they are": (
        {"scores": [{"about": "Otto Fatherly", "respondent": "parent", "value": 4}, {"about": "Mona Exampleton"}]},
        {"scores": [{"respondent": "parent", "value": 4}, {"about": "Mona Exampleton"}]},
    ),
    "whose scores they are, as the document calls him": (
        {"family": [HIM], "scores": [{"about": "P2", "value": 4}]},
        {"scores": [{"value": 4}]},
    ),
    "who asked": ({"requested_by": {"name": "Otto Fatherly", "telephones": ["0"]}}, {}),
    "who told": (
        {"reason": "told", "provenance": [{"by": "Otto Fatherly", "system": "ecaf"}]},
        {"reason": "told", "provenance": [{"system": "ecaf"}]},
    ),
}


@pytest.mark.parametrize(("tree", "kept"), TRACES.values(), ids=TRACES.keys())
def test_the_hidden_one_s_name_goes_wherever_else_the_model_has_it(tree: Group, kept: Group) -> None:
    assert left(tree, FATHER) == kept


def test_the_hidden_one_s_name_goes_from_a_checklist_and_a_worker_s_stays() -> None:
    filled: Group = {"can_provide": "N", "completed_by": "Otto Fatherly", "who_will_do_it": "Petra Practise"}

    whole = without("ecaf.episode", {"checklist": filled}, (FATHER,), on=AT.date())

    assert whole == {"checklist": {"can_provide": "N", "who_will_do_it": "Petra Practise"}}


STAY: Final[dict[str, Group]] = {
    "what is done for somebody else": {
        "family": [RUBI],
        "plans": [{"actions": [{"reference": "A1", "for_person": "P3"}]}],
    },
    "what is done for somebody whom the document does not list": {"plans": [{"actions": [{"for_person": "P7"}]}]},
    "an assessor of no name who signed": {"consent": {"assessor_signature": {"capacity": "worker"}}},
    "a school of his name": {"child": {"schooling": {"name": "Fatherly School"}}},
    "a service of his name": {"services": [{"name": "Otto House", "kind": "nursery"}]},
    "somebody at work of no name": {"practitioners": [{"role": "nurse", "telephones": ["0"]}]},
}


@pytest.mark.parametrize("hidden", [(FATHER,), ()], ids=["somebody named", "nobody named"])
@pytest.mark.parametrize("tree", STAY.values(), ids=STAY.keys())
def test_what_does_not_name_one_of_the_family_stays(tree: Group, hidden: tuple[HiddenPerson, ...]) -> None:
    assert left(tree, *hidden) == tree


def test_a_note_beside_what_is_told_of_somebody_else_stays() -> None:
    tree: Group = {"identity": [{"of_child": {"field": "child.given_names", "note": "Spelled otherwise."}}]}

    assert left(tree, FATHER, document="ecaf.correction") == tree


ODD: Final[dict[str, Group]] = {
    "a text for a list of people": {"family": "Otto Fatherly"},
    "a text for a person": {"family": ["Otto Fatherly"]},
    "a group for a text": {"reason": {"name": "Otto Fatherly"}},
    "a field there is not": {"father": {"name": "Otto Fatherly"}},
}


@pytest.mark.parametrize("tree", ODD.values(), ids=ODD.keys())
def test_what_is_no_such_document_is_refused_not_cut(tree: Group) -> None:
    with pytest.raises(SchemaViolationError):
        cut("ecaf.episode", tree, a_permit(HIDES), (FATHER,))


def test_a_number_where_a_name_should_be_names_nobody() -> None:
    odd: Group = {"requested_by": {"name": 7, "role": "nurse"}, "family": [{"name": 7, "relationship": "father"}]}

    assert cut("ecaf.episode", odd, a_permit(HIDES), (FATHER,)).tree == {"requested_by": {"name": 7, "role": "nurse"}}


SAID: Final[dict[str, tuple[Group, Told]]] = {
    "all of it": (
        {"name": "Otto F", "given_names": "Otto", "family_name": "Fatherly", "born": "1980-02-03", "reference": "P2"},
        Told(names=("Otto F", "Otto", "Fatherly"), born="1980-02-03", reference="P2"),
    ),
    "nothing": ({"relationship": "father"}, Told()),
    "a child expected": ({"expected": "2027-01-01"}, Told(unborn=True)),
    "a child expected, and born since": (
        {"expected": "2027-01-01", "born": "2027-01-03"},
        Told(born="2027-01-03"),
    ),
}


@pytest.mark.parametrize(("group", "said"), SAID.values(), ids=SAID.keys())
def test_a_group_says_who_it_is_about_by_names_birth_and_reference(group: Group, said: Told) -> None:
    assert told_of(group) == said


def test_people_at_work_stay_where_nobody_is_named() -> None:
    tree: Group = {"lead_professional": {"name": "Mockteacher Exampleton"}, "practitioners": [{"role": "nurse"}]}

    assert left(tree) == tree


def test_a_note_beside_what_is_told_of_one_of_the_family_goes_for_it_does_not_say_of_whom() -> None:
    note: Group = {"field": "family[0].telephones", "note": "His number is 00000 777777."}
    other: Group = {"field": "child.given_names", "note": "Spelled otherwise."}

    tree: Group = {"contact": [{"of_family": note}], "identity": [other]}

    assert left(tree, FATHER, document="ecaf.correction") == {"identity": [other]}


def test_what_is_withheld_is_told_alike_whether_or_not_anybody_was_found() -> None:
    permit = a_permit(HIDES)

    lists = [cut("ecaf.episode", tree, permit, (FATHER,)).withheld for tree in ({"family": [HIM]}, {"reason": "none"})]

    assert lists == [(Withheld(reason="R-THIRD", categories=(), persons=True),)] * 2
    assert str(lists[0][0]) == "R-THIRD"


def _cleared(permit: Permit, *hidden: HiddenPerson) -> Clearance:
    facts = CurrentFacts(recipient=permit.grounds.recipient, epochs=permit.epochs, hidden=hidden)
    made = clear(permit, facts, AT, document="ecaf.episode", tree={"family": [HIM, HER, RUBI]})
    assert isinstance(made, Clearance)
    return made


def test_whom_the_facts_name_at_hand_over_is_not_in_the_clearance() -> None:
    permit = replace(a_permit(HIDES), kept=tuple(Category))

    assert _cleared(permit, FATHER).tree == {"family": [HER, RUBI]}
    assert _cleared(permit).tree == {"family": [RUBI]}


def test_a_permit_is_stored_and_read_back_with_nobody_s_name_in_it() -> None:
    permit = a_permit(HIDES)

    stored = permit_to_json(permit)

    assert permit_from_json(stored) == permit
    assert '"persons": true' in json.dumps(stored)


def test_a_permit_from_before_this_hid_nobody() -> None:
    old: Any = permit_to_json(a_permit(HIDES))
    del old["redactions"][0]["persons"]

    assert permit_from_json(old).redactions[0].persons is False


def test_the_facts_at_hand_over_show_nobody_when_printed() -> None:
    assert "Fatherly" not in repr(CurrentFacts(recipient="gp-1", epochs={}, hidden=(FATHER,)))
