"""Canonical documents become trees and come back; what is not of the model is refused by its place."""

from dataclasses import fields
from datetime import UTC, date, datetime

import pytest

from gateway.errors import SchemaViolationError
from gateway.model.assessment import ElementCode, Elements
from gateway.model.category import Category
from gateway.model.child import Child, Sex
from gateway.model.document import DOCUMENTS, from_tree, leaves_of, to_tree
from gateway.model.family import Address, Answer, Person
from gateway.model.referral import Referral
from gateway.model.tree import Group

REFERRAL = Referral(
    reference="R1",
    submitted_at=datetime(2026, 11, 23, 9, tzinfo=UTC),
    immediate_danger=Answer.NO,
    children=(
        Child(
            family_name="Exampleton",
            born=date(2016, 6, 14),
            sex=Sex.FEMALE,
            address=Address(lines=("1 Nowhere Lane",)),
        ),
    ),
    parents=(Person(name="Mona Exampleton", priority=1),),
)

FREE = {
    "worry",
    "harm",
    "parenting",
    "going_well",
    "support_tried",
    "support_wanted",
    "reason",
    "content",
    "answer",
    "needs",
    "strengths",
    "evidence",
    "text",
    "heading",
    "difference",
    "conclusions",
    "change_wanted",
    "goals",
    "child_comment",
    "parent_comment",
    "situation",
    "desired_outcome",
    "progress",
    "dropped_because",
    "declined_because",
    "discussion",
    "decisions",
    "unmet_needs",
    "new_needs",
    "consent_changes",
    "child_view",
    "parent_view",
    "summary",
    "onward_support",
    "comment",
    "missing_because",
    "services_needed",
    "action_if_not",
    "information_excluded",
    "special_requirements",
    "purpose",
    "note",
}
"""Fields people write sentences into."""


def test_a_document_comes_back_from_its_tree() -> None:
    tree = to_tree(REFERRAL)

    assert isinstance(tree, dict)
    assert from_tree("mash.referral", tree) == REFERRAL


def test_absent_parts_are_not_in_the_tree() -> None:
    assert to_tree(Referral(reference="R1")) == {"reference": "R1"}


@pytest.mark.parametrize(
    ("tree", "path"),
    [
        pytest.param({"surprise": "x"}, "surprise", id="unknown field"),
        pytest.param({"children": "x"}, "children", id="not a list"),
        pytest.param({"children": [{"born": "14/06/2016"}]}, "children[0].born", id="not an ISO date"),
        pytest.param({"children": [{"sex": "F"}]}, "children[0].sex", id="not a code"),
        pytest.param({"parents": [{"priority": True}]}, "parents[0].priority", id="true is no number"),
        pytest.param({"reference": 7}, "reference", id="a number is no text"),
        pytest.param({"referrer": "x"}, "referrer", id="not a group"),
    ],
)
def test_what_is_not_of_the_model_is_refused_by_its_place_and_never_repeated(tree: Group, path: str) -> None:
    with pytest.raises(SchemaViolationError) as caught:
        from_tree("mash.referral", tree)

    assert caught.value.place.path == path
    assert "14/06" not in caught.value.message


@pytest.mark.parametrize("document", sorted(DOCUMENTS))
def test_every_leaf_that_tells_an_address_locates(document: str) -> None:
    leaves = leaves_of(document).values()

    quiet = [leaf.path for leaf in leaves if leaf.category in {Category.ADDR, Category.CONTACT} and not leaf.locates]

    assert quiet == []


@pytest.mark.parametrize("document", sorted(DOCUMENTS))
def test_every_free_text_locates(document: str) -> None:
    """People write addresses into free text, so a redaction of addresses must take free text too."""
    leaves = leaves_of(document).values()

    quiet = [
        leaf.path
        for leaf in leaves
        if leaf.path.split(".")[-1].removesuffix("[]") in FREE
        and not leaf.locates
        and leaf.kind is str
        and leaf.category is not Category.ROUTING
    ]

    assert quiet == []


def test_an_unknown_document_is_refused() -> None:
    with pytest.raises(SchemaViolationError):
        leaves_of("mash.gossip")


def test_a_field_is_of_the_kind_of_the_part_it_stands_in_where_it_says_none() -> None:
    leaves = leaves_of("ecaf.episode")

    kinds = {
        name: leaves[f"assessment.elements.{name}.needs"].category
        for name in ("general_health", "emotional_and_social", "progress", "basic_care", "domestic_abuse", "offending")
    }

    assert kinds == {
        "general_health": Category.HEALTH_G,
        "emotional_and_social": Category.EMO,
        "progress": Category.EDU,
        "basic_care": Category.PARENT,
        "domestic_abuse": Category.DA,
        "offending": Category.CRIME,
    }
    assert leaves["child.born_about.year"].category is Category.ID
    assert leaves["family[].born_about.year"].category is Category.FAMILY


@pytest.mark.parametrize("document", sorted(DOCUMENTS))
def test_every_leaf_has_a_kind(document: str) -> None:
    assert [leaf.path for leaf in leaves_of(document).values() if not isinstance(leaf.category, Category)] == []


def test_every_part_of_a_checklist_is_internal_and_nothing_else_is() -> None:
    leaves = leaves_of("ecaf.episode").values()

    assert {leaf.path.partition(".")[0] for leaf in leaves if leaf.internal} == {"checklist"}
    assert all(leaf.internal for leaf in leaves if leaf.path.startswith("checklist."))


def test_every_kind_of_information_has_a_place_in_an_episode() -> None:
    """What a family may ask to have left out must be told apart, or asking would change nothing."""
    assert {leaf.category for leaf in leaves_of("ecaf.episode").values()} == set(Category)


def test_there_are_nineteen_elements_in_three_domains() -> None:
    codes = [code.value for code in ElementCode]
    named = {field.name for field in fields(Elements)}

    assert [sum(code.startswith(domain) for code in codes) for domain in ("1.", "2.", "3.")] == [12, 3, 4]
    assert {code.name.lower() for code in ElementCode} <= named
