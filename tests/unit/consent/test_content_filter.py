"""Does a document lose all that may not go, and nothing else?"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.consent.content_filter import Cut, Withheld, categories_in, categories_of, cut, lets_go
from gateway.consent.decision import Permit, Redaction
from gateway.consent.trial import trial_permit
from gateway.errors import SchemaViolationError
from gateway.model.category import Category, Tells
from gateway.model.document import DOCUMENTS, leaves_of
from gateway.model.tree import Group, Tree
from tests.unit.consent.questions import AT
from tests.unit.consent.strategies import trees

EVERYTHING = tuple(Category)
WHEREABOUTS = Redaction(reason="R-ADDR", categories=(Category.ADDR, Category.CONTACT), locating=True)


def a_permit(*redactions: Redaction, kept: tuple[Category, ...] = EVERYTHING) -> Permit:
    """Return a permit that keeps *kept* less what is redacted."""
    gone = {category for redaction in redactions for category in redaction.categories}
    permit = trial_permit("ecaf.episode", recipient="ecaf-1", at=AT)
    return replace(permit, redactions=redactions, kept=tuple(one for one in kept if one not in gone))


def an_episode() -> Group:
    """Return an episode that holds a little of everything."""
    return {
        "reference": "E-1",
        "child": {
            "given_names": "Testina",
            "ethnicity": "invented",
            "address": {"lines": ["1 Nowhere Lane"], "postcode": "ZZ99 3AA"},
            "telephones": ["00000 000000"],
            "schooling": {"name": "Nowhere School", "year_group": "4"},
        },
        "family": [
            {"name": "Mother Exampleton", "address": {"town": "Nowhere"}},
            {"telephones": ["00000 000001"]},
        ],
        "reason": "sleeps badly at 1 Nowhere Lane",
        "local": [{"key": "x-1", "answer": "free text"}],
    }


def test_a_permit_for_everything_leaves_everything() -> None:
    assert cut("ecaf.episode", an_episode(), a_permit()) == Cut(tree=an_episode(), withheld=())


def test_a_withheld_address_takes_everything_that_can_tell_the_place() -> None:
    made = cut("ecaf.episode", an_episode(), a_permit(WHEREABOUTS))

    assert made.tree == {
        "reference": "E-1",
        "child": {"given_names": "Testina", "ethnicity": "invented", "schooling": {"year_group": "4"}},
        "family": [{"name": "Mother Exampleton"}],
    }


def test_what_is_withheld_is_told_by_kind_never_by_content() -> None:
    made = cut("ecaf.episode", an_episode(), a_permit(WHEREABOUTS))

    assert made.withheld == (Withheld(reason="R-ADDR", categories=(Category.ADDR, Category.CONTACT), locating=True),)
    assert "Nowhere" not in repr(made.withheld)


def test_what_is_withheld_reads_as_a_line() -> None:
    assert (
        str(Withheld(reason="R-ADDR", categories=(Category.ADDR, Category.CONTACT))) == "R-ADDR: CAT-ADDR CAT-CONTACT"
    )
    assert str(Withheld(reason="R-STAFF", categories=(), telling=(Tells.STAFF,))) == "R-STAFF"


def test_a_category_goes_whole_and_groups_left_empty_vanish() -> None:
    made = cut("ecaf.episode", an_episode(), a_permit(kept=(Category.RELIG_ETH,)))

    assert made.tree == {"reference": "E-1", "child": {"ethnicity": "invented"}}


def test_a_cut_by_kind_alone_does_not_say_that_it_hides_a_place() -> None:
    made = cut("ecaf.episode", an_episode(), a_permit(Redaction(reason="R-MINIMUM", categories=(Category.EDU,))))

    assert made.withheld == (Withheld(reason="R-MINIMUM", categories=(Category.EDU,), locating=False),)


def test_what_handling_needs_is_never_withheld() -> None:
    everything = Redaction(reason="R-MINIMUM", categories=EVERYTHING, locating=True)

    made = cut("ecaf.episode", an_episode(), a_permit(everything, kept=()))

    assert made.tree == {"reference": "E-1"}


def test_a_category_the_permit_does_not_keep_is_cut_though_no_redaction_names_it() -> None:
    assert "child" not in cut("ecaf.episode", an_episode(), a_permit(kept=(Category.OPINION,))).tree


def test_a_redacted_category_is_cut_though_a_broken_permit_keeps_it() -> None:
    broken = replace(a_permit(), redactions=(Redaction(reason="R-ADDR", categories=(Category.ADDR,)),))

    assert "address" not in str(cut("ecaf.episode", an_episode(), broken).tree)


@pytest.mark.parametrize(
    ("tree", "path"),
    [
        pytest.param({"secret": "x"}, "secret", id="at the top"),
        pytest.param({"child": {"secret": "x"}}, "child.secret", id="inside"),
        pytest.param({"family": [{"secret": "x"}]}, "family[].secret", id="in a list"),
        pytest.param({"child": "x"}, "child", id="a value for a group"),
        pytest.param({"reason": {"x": "y"}}, "reason", id="a group for a value"),
    ],
)
def test_what_the_document_has_not_is_refused_where_it_is(tree: Any, path: str) -> None:
    with pytest.raises(SchemaViolationError) as caught:
        cut("ecaf.episode", tree, a_permit())

    assert caught.value.place.path == path


def test_what_tells_of_a_relative_goes_and_what_does_not_stays() -> None:
    kept_back = Redaction(reason="R-OTHERS", categories=(), telling=(Tells.RELATIVE,))

    made = cut("ecaf.episode", {"child": {"given_names": "Testina"}, "family": [{"name": "N N"}]}, a_permit(kept_back))

    assert made.tree == {"child": {"given_names": "Testina"}}


def test_one_leaf_is_let_go_as_the_whole_document_would_be() -> None:
    permit = a_permit(WHEREABOUTS)

    assert lets_go("ecaf.episode", "child.given_names", permit) is True
    assert lets_go("ecaf.episode", "child.address.lines[]", permit) is False


@pytest.mark.parametrize(
    ("tree", "path"),
    [
        pytest.param({"refuge": "x"}, "refuge", id="at the top"),
        pytest.param({"child": {"refuge": "x"}}, "child.refuge", id="in a group"),
        pytest.param({"child": "x"}, "child", id="a value for a group"),
    ],
)
def test_what_a_document_cannot_hold_is_refused_in_words(tree: Any, path: str) -> None:
    with pytest.raises(SchemaViolationError) as caught:
        categories_in("ecaf.episode", tree)

    assert caught.value.place.path == path
    assert caught.value.message in {"the document has no such field", "expected a group of fields"}


def test_what_a_document_holds_is_told_by_category() -> None:
    held = categories_in("ecaf.episode", {"reference": "E-1", "family": [{"telephones": ["0"]}], "forms": []})

    assert held == {Category.ROUTING, Category.CONTACT}


def test_an_empty_list_holds_nothing() -> None:
    assert categories_in("ecaf.episode", {"child": {"telephones": []}}) == frozenset()


@pytest.mark.parametrize("document", DOCUMENTS)
def test_what_a_document_can_hold_is_every_category_of_its_leaves(document: str) -> None:
    assert set(categories_of(document)) == {leaf.category for leaf in leaves_of(document).values()}


def an_assessed_child() -> Group:
    """Return an episode with an assessment whose parts came from several systems."""
    return {
        "reference": "E-2",
        "checklist": {"services_needed": "a nursery place", "completed_by": "Nora Neverwas"},
        "assessment": {
            "version": 2,
            "elements": {
                "general_health": {"needs": "no dentist", "provenance": [{"of": ["needs"], "by": "Hal Visitor"}]},
                "mental_health": {"needs": "sleeps badly", "provenance": [{"system": "camhs", "on": "2026-10-01"}]},
                "progress": {"strengths": "reads a lot", "evidence": "a list of books"},
            },
            "factors": {"health": ["4B"], "disability": ["5A"]},
            "provenance": [
                {"system": "barnet-ehm", "at": "2026-10-02T09:00:00+00:00"},
                {"of": ["elements.mental_health", "factors.health"], "by": "Cam Hs"},
                {"of": ["elements.general_health.needs", "conclusions"], "on": "2026-10-01"},
            ],
        },
        "scores": [{"element": "1.1", "value": 4, "stage": "BASELINE"}],
    }


def test_an_internal_part_never_goes_and_is_not_asked_for() -> None:
    made = cut("ecaf.episode", an_assessed_child(), a_permit())

    assert "checklist" not in made.tree
    assert categories_in("ecaf.episode", {"checklist": {"services_needed": "a nursery place"}}) == frozenset()


def test_an_element_goes_by_its_own_kind_and_its_provenance_with_it() -> None:
    kept = tuple(one for one in EVERYTHING if one is not Category.HEALTH_S)

    made = cut("ecaf.episode", an_assessed_child(), a_permit(kept=kept))

    told: Any = made.tree["assessment"]
    assert list(told["elements"]) == ["general_health", "progress"]
    assert told["factors"] == {"disability": ["5A"]}
    assert told["provenance"] == [
        {"system": "barnet-ehm", "at": "2026-10-02T09:00:00+00:00"},
        {"of": ["elements.general_health.needs", "conclusions"], "on": "2026-10-01"},
    ]


def test_a_part_of_which_only_its_provenance_is_left_is_not_there() -> None:
    made = cut("ecaf.episode", an_assessed_child(), a_permit(WHEREABOUTS))

    told: Any = made.tree["assessment"]
    assert told == {
        "version": 2,
        "factors": {"health": ["4B"], "disability": ["5A"]},
        "provenance": [{"at": "2026-10-02T09:00:00+00:00"}],
    }


def test_what_a_provenance_says_of_a_field_nobody_knows_does_not_go() -> None:
    tree: Group = {"reference": "E-3", "provenance": [{"of": ["refuge", "reference"], "by": "N N"}, {"of": ["refuge"]}]}

    made = cut("ecaf.episode", tree, a_permit())

    assert made.tree == {"reference": "E-3", "provenance": [{"of": ["reference"], "by": "N N"}]}


def test_a_provenance_goes_on_naming_a_group_of_which_a_part_stays() -> None:
    tree: Group = {"reference": "E-4", "provenance": [{"of": ["child", "child.address"], "by": "N N"}]}

    made = cut("ecaf.episode", tree, a_permit(kept=(Category.ID, Category.OPINION)))

    assert made.tree == {"reference": "E-4", "provenance": [{"of": ["child"], "by": "N N"}]}
    assert cut("ecaf.episode", tree, a_permit()).tree == tree


def test_what_a_provenance_names_without_words_does_not_go() -> None:
    tree: Group = {"reference": "E-5", "provenance": [{"of": [True, "reference"], "by": "N N"}]}

    made = cut("ecaf.episode", tree, a_permit())

    assert made.tree == {"reference": "E-5", "provenance": [{"of": ["reference"], "by": "N N"}]}


def test_what_is_left_goes_though_nothing_of_its_provenance_does() -> None:
    tree: Group = {"reference": "E-6", "provenance": [{"of": ["refuge"], "by": "N N"}]}

    assert cut("ecaf.episode", tree, a_permit()).tree == {"reference": "E-6"}


def test_a_document_of_which_nothing_but_its_provenance_is_left_is_empty() -> None:
    assert cut("ecaf.episode", {"provenance": [{"of": ["reference"], "by": "N N"}]}, a_permit()).tree == {}


@pytest.mark.parametrize("document", DOCUMENTS)
@pytest.mark.parametrize("category", [one for one in Category if one is not Category.ROUTING])
def test_no_leaf_of_a_kind_passes_that_the_permit_does_not_keep(document: str, category: Category) -> None:
    whole: Any = {}
    for path in leaves_of(document):
        _plant(whole, path.split("."), path)
    kept = tuple(one for one in Category if one is not category)

    made = cut(document, whole, a_permit(kept=kept))

    passed = {path for path, _ in leaves(made.tree)}
    model = by_path(document)
    assert {path for path in passed if model[path].category is category or model[path].internal} == set()
    assert passed == {
        path
        for path, leaf in model.items()
        if leaf.category is not category and not leaf.internal and ".provenance." not in f".{path}"
    }


def _plant(group: Any, path: list[str], value: str) -> None:
    name, *below = path
    new: Any = {} if below else value
    here = group.setdefault(name.removesuffix("[]"), [new] if name.endswith("[]") else new)
    if below:
        _plant(here[0] if isinstance(here, list) else here, below, value)


REDACTIONS = st.lists(
    st.builds(
        Redaction,
        reason=st.just("R-X"),
        categories=st.lists(st.sampled_from(Category), max_size=4, unique=True).map(tuple),
        locating=st.booleans(),
        telling=st.lists(st.sampled_from(Tells), max_size=2, unique=True).map(tuple),
    ),
    max_size=3,
)
KEPT = st.lists(st.sampled_from(Category), unique=True).map(tuple)
PERMITS = st.builds(lambda redactions, kept: a_permit(*redactions, kept=kept), REDACTIONS, KEPT)
DOCUMENT = st.shared(st.sampled_from(sorted(DOCUMENTS)), key="document")
TREE = DOCUMENT.flatmap(trees)


def leaves(tree: Tree, path: str = "") -> list[tuple[str, object]]:
    """Return every leaf with its path, list positions left out, as a multiset in order.

    Where something came from is left out: it goes with what it speaks of, whatever kind it is itself.
    """
    match tree:
        case Mapping():
            parts = {name: part for name, part in tree.items() if name != "provenance"}
            return [leaf for name, part in parts.items() for leaf in leaves(part, f"{path}.{name}".lstrip("."))]
        case list():
            return [leaf for part in tree for leaf in leaves(part, path)]
        case _:
            return [(path, tree)]


def by_path(document: str) -> dict[str, Any]:
    """Return what the model says of each leaf, by its path without list marks."""
    return {path.replace("[]", ""): leaf for path, leaf in leaves_of(document).items()}


@settings(max_examples=80, deadline=None)
@given(DOCUMENT, TREE, PERMITS)
def test_the_filter_keeps_exactly_what_may_go_in_the_order_it_came(document: str, tree: Group, permit: Permit) -> None:
    model = by_path(document)
    gone = {category for redaction in permit.redactions for category in redaction.categories}
    locating = any(redaction.locating for redaction in permit.redactions)
    untold = {mark for redaction in permit.redactions for mark in redaction.telling}

    expected = [
        (path, value)
        for path, value in leaves(tree)
        if not model[path].internal
        and (
            model[path].category is Category.ROUTING
            or (
                model[path].category in set(permit.kept) - gone
                and not (locating and model[path].locates)
                and model[path].tells.isdisjoint(untold)
            )
        )
    ]

    assert leaves(cut(document, tree, permit).tree) == expected


@settings(max_examples=80, deadline=None)
@given(DOCUMENT, TREE, PERMITS)
def test_cutting_twice_is_cutting_once(document: str, tree: Group, permit: Permit) -> None:
    once = cut(document, tree, permit)

    assert cut(document, once.tree, permit) == once


@settings(max_examples=80, deadline=None)
@given(DOCUMENT, TREE, PERMITS, st.text(max_size=5))
def test_nobody_can_tell_what_was_withheld(document: str, tree: Group, permit: Permit, secret: str) -> None:
    """Two documents that differ in nothing but what is withheld leave the same document and the same list."""
    model = by_path(document)
    shown = {path for path, _ in leaves(cut(document, tree, permit).tree)}

    other = _with_secret(tree, secret, shown, "")

    assert model.keys() >= shown
    assert cut(document, other, permit) == cut(document, tree, permit)


def _with_secret(tree: Any, secret: str, shown: set[str], path: str) -> Any:
    match tree:
        case dict():
            return {
                name: part if name == "provenance" else _with_secret(part, secret, shown, f"{path}.{name}".lstrip("."))
                for name, part in tree.items()
            }
        case list():
            return [_with_secret(part, secret, shown, path) for part in tree]
        case _:
            return tree if path in shown else secret


@settings(max_examples=80, deadline=None)
@given(DOCUMENT, TREE, PERMITS)
def test_the_list_of_what_is_withheld_follows_from_the_permit_alone(document: str, tree: Group, permit: Permit) -> None:
    assert cut(document, tree, permit).withheld == cut(document, {}, permit).withheld
