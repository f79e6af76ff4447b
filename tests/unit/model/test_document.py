"""Canonical documents become trees and come back; what is not of the model is refused by its place."""

from datetime import UTC, date, datetime

import pytest

from gateway.errors import SchemaViolationError
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
    free = {
        "worry",
        "harm",
        "parenting",
        "going_well",
        "support_tried",
        "support_wanted",
        "reason",
        "content",
        "answer",
    }
    leaves = leaves_of(document).values()

    quiet = [
        leaf.path
        for leaf in leaves
        if leaf.path.split(".")[-1].removesuffix("[]") in free
        and not leaf.locates
        and leaf.category is not Category.ROUTING
    ]

    assert quiet == []


def test_an_unknown_document_is_refused() -> None:
    with pytest.raises(SchemaViolationError):
        leaves_of("mash.gossip")
