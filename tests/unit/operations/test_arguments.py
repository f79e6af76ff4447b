"""Are arguments taken as strictly as they are told?"""

import pytest

from gateway.app.operations.arguments import Argument, Kind, checked
from gateway.errors import SchemaViolationError
from gateway.model.tree import Group, Tree

ARGUMENTS = (
    Argument(name="user", help="account", pattern=r"[a-z.]+", required=True, most=20),
    Argument(name="choice", help="which", choices=("permit", "refuse")),
    Argument(name="limit", help="how many", kind=Kind.NUMBER, most=100),
    Argument(name="sure", help="really", kind=Kind.YES_NO),
    Argument(name="roles", help="what for", kind=Kind.TEXTS, choices=("A", "B"), most=2),
    Argument(name="from", help="when", kind=Kind.MOMENT),
    Argument(name="on", help="which day", kind=Kind.DAY),
    Argument(name="profile", help="a table", kind=Kind.GROUP),
)


def test_what_fits_comes_back_as_it_was_given() -> None:
    given: Group = {
        "user": "t.exampleton",
        "choice": "permit",
        "limit": 5,
        "sure": False,
        "roles": ["A"],
        "from": "2026-11-23T09:00:00Z",
        "on": "2026-11-23",
        "profile": {"name": "x"},
    }

    assert checked(ARGUMENTS, given) == given


def test_what_is_null_is_absent() -> None:
    assert checked(ARGUMENTS, {"user": "mo", "choice": None}) == {"user": "mo"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param("user", "", id="empty text"),
        pytest.param("user", 7, id="number for text"),
        pytest.param("user", "x" * 21, id="too long"),
        pytest.param("user", "T Exampleton", id="not of the pattern"),
        pytest.param("choice", "maybe", id="not a choice"),
        pytest.param("limit", 101, id="too many"),
        pytest.param("limit", -1, id="below zero"),
        pytest.param("limit", True, id="truth for number"),
        pytest.param("limit", "5", id="text for number"),
        pytest.param("sure", "yes", id="text for truth"),
        pytest.param("roles", "A", id="text for list"),
        pytest.param("roles", ["C"], id="list with no choice"),
        pytest.param("roles", ["A", "B", "A"], id="too long a list"),
        pytest.param("from", "2026-11-23T09:00:00", id="time without zone"),
        pytest.param("from", "soon", id="no time"),
        pytest.param("from", "0001-01-01T00:00:00+05:00", id="before the first moment in UTC"),
        pytest.param("from", "9999-12-31T23:59:59-05:00", id="after the last moment in UTC"),
        pytest.param("on", "23/11/2026", id="no ISO day"),
        pytest.param("profile", ["x"], id="list for group"),
        pytest.param("nobody", "x", id="unknown"),
    ],
)
def test_what_does_not_fit_is_refused_by_its_name_and_not_by_its_value(name: str, value: Tree) -> None:
    with pytest.raises(SchemaViolationError) as refused:
        checked(ARGUMENTS, {"user": "mo", name: value})

    assert str(refused.value.place.path).startswith(name)
    assert "Exampleton" not in refused.value.message


def test_what_is_missing_is_named() -> None:
    with pytest.raises(SchemaViolationError) as refused:
        checked(ARGUMENTS, {})

    assert refused.value.place.path == "user"
