"""A partner check holds identifiers alone: the model leaves no room for anything else."""

import tomllib
from pathlib import Path

from gateway.model.category import Category
from gateway.model.document import leaves_of

ROOT = Path(__file__).parents[3]


def test_a_check_holds_only_what_a_check_of_existence_may_carry() -> None:
    policy = tomllib.loads((ROOT / "mappings/policy/sharing-2026.1.toml").read_text(encoding="utf-8"))

    held = {leaf.category.value for leaf in leaves_of("mash.check").values()} - {Category.ROUTING.value}

    assert held == set(policy["minimum"]["CHECK_EXISTS"]) == {"CAT-ID"}


def test_nothing_in_a_check_tells_where_somebody_is_but_what_may_be_taken_out() -> None:
    """A pupil number names the school that gave it, and people write anything where a birthday should be."""
    told = [path for path, leaf in leaves_of("mash.check").items() if leaf.locates]

    assert told == ["children[].born_as_written", "children[].upn"]


def test_no_question_of_a_check_is_free_text() -> None:
    assert [path for path, leaf in leaves_of("mash.check").items() if leaf.kind is str and "[]" not in path] == [
        "reference"
    ]
