"""One canonical document made of another: an episode of a referral's child, or of a pupil's record."""

from collections.abc import Callable

import pytest

from gateway.errors import TranslationError, UnsupportedFormatError
from gateway.model.tree import Group
from gateway.translation.library import Library
from gateway.translation.message_translator import Translated, project

Read = Callable[..., list[Translated]]


@pytest.fixture
def siblings(read: Read) -> Group:
    return read("mash/govuk-forms-1", "mash/govuk-forms-two-siblings.json", "application/json")[0].tree


def episode(library: Library, referral: Group, index: int) -> Translated:
    return project(library.projection("mash.referral", "ecaf.episode"), referral, index=index)


@pytest.mark.parametrize("index", [0, 1])
def test_each_child_of_a_referral_has_an_episode_of_its_own(library: Library, siblings: Group, index: int) -> None:
    made = episode(library, siblings, index)

    assert made.document == "ecaf.episode"
    assert made.tree["child"] == siblings["children"][index]
    assert (made.tree["state"], made.tree["source_reference"]) == ("requested", siblings["reference"])


def test_the_other_child_stays_out_and_is_said_to(library: Library, siblings: Group) -> None:
    made = episode(library, siblings, 0)

    assert "Bea" not in str(made.tree)
    assert next(loss.path for loss in made.losses) == "children[1]"
    assert "an episode of their own" in made.losses[0].why


def test_the_family_and_those_who_work_with_it_come_along(library: Library, siblings: Group) -> None:
    made = episode(library, siblings, 1)

    assert made.tree["family"] == [*siblings["parents"], *siblings.get("household", [])]
    assert made.tree["requested_by"] == siblings["referrer"]
    assert made.tree["consent"] == siblings["consent"]
    assert made.tree["reason"] == siblings["worry"]


def test_what_an_episode_has_no_field_for_is_carried_or_listed(library: Library, read: Read) -> None:
    (referral,) = read("mash/govuk-forms-1", "mash/govuk-forms-single-child.json", "application/json")

    made = episode(library, referral.tree, 0)

    assert made.tree["local"][-3:] == [
        {"key": "x-referral", "question": "Type and history of harm", "answer": referral.tree["harm"]},
        {"key": "x-referral", "question": "What is going well", "answer": referral.tree["going_well"]},
        {
            "key": "x-referral",
            "question": "How the referrer has been involved",
            "answer": referral.tree["referrer_involvement"],
        },
    ]
    assert made.tree["local"][:-3] == referral.tree["local"]
    assert [loss.path for loss in made.losses] == [
        "form_name",
        "request_type",
        "level",
        "immediate_danger",
        "safeguarding_lead_consulted",
        "parenting",
    ]


@pytest.mark.parametrize("index", [-1, 2, 99])
def test_a_child_that_is_not_there_has_no_episode(library: Library, siblings: Group, index: int) -> None:
    with pytest.raises(TranslationError) as refused:
        episode(library, siblings, index)

    assert refused.value.place.path == f"children[{index}]"


def test_a_referral_without_children_has_no_episode(library: Library) -> None:
    with pytest.raises(TranslationError):
        episode(library, {"reference": "7"}, 0)


def test_a_pupil_s_record_becomes_an_episode(library: Library, read: Read) -> None:
    pupils = read("sims/superstar-1", "sims/superstar-three-pupils.xml", "application/xml")
    mapping = library.projection("sims.pupil", "ecaf.episode")

    made = [project(mapping, one.tree) for one in pupils]

    assert [one.tree["state"] for one in made] == ["requested", "draft", "draft"]
    assert [one.tree["source_reference"] for one in made] == ["1001", "1002", "0977"]
    assert made[0].tree["family"] == pupils[0].tree["contacts"]
    assert made[0].tree["forms"] == pupils[0].tree["forms"]
    assert [[loss.path for loss in one.losses] for one in made] == [["school"]] * 3


def test_there_is_no_way_back(library: Library) -> None:
    with pytest.raises(UnsupportedFormatError):
        library.projection("ecaf.episode", "mash.referral")


def test_a_projection_reads_no_partner_s_format(library: Library) -> None:
    mapping = library.projection("sims.pupil", "ecaf.episode")

    assert (mapping.outbound, mapping.format) == (None, "")


def test_an_episode_says_who_said_it_and_when(library: Library, siblings: Group, read: Read) -> None:
    pupil = read("sims/superstar-1", "sims/superstar-three-pupils.xml", "application/xml")[1]

    of_referral = episode(library, siblings, 0).tree["provenance"]
    of_school = project(library.projection("sims.pupil", "ecaf.episode"), pupil.tree).tree["provenance"]

    referrer = siblings["referrer"]
    assert of_referral == [
        {
            "system": "mash",
            "at": siblings["submitted_at"],
            "organisation": referrer["organisation"],
            "by": referrer["name"],
        }
    ]
    assert of_school == [{"system": "sims"}]
