"""The published schema of mapping files and the loader say the same."""

import json
import tomllib
from pathlib import Path

import jsonschema_rs
import pytest

from gateway.model.tree import Group
from gateway.translation import read_rows
from gateway.translation.rows import Direction, Missing, Take

ROOT = Path(__file__).parents[3]
SCHEMA = json.loads((ROOT / "schemas" / "gateway" / "mapping-1.schema.json").read_text())
SHIPPED = sorted(
    path for kind in ("inbound", "both", "project") for path in (ROOT / "mappings").rglob(f"*.{kind}.toml")
)
ROW = {"from": "a", "to": "worry"}
HEAD = {"title": "t", "direction": "inbound", "document": "mash.referral", "format": "a/b-1"}


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_shipped_mapping_has_the_published_shape(path: Path) -> None:
    jsonschema_rs.validator_for(SCHEMA).validate(tomllib.loads(path.read_text()))


@pytest.mark.parametrize(
    ("table", "keys"),
    [
        (None, read_rows.FILE_KEYS),
        ("field", read_rows.FIELD_KEYS),
        ("same", read_rows.SAME_KEYS),
        ("group", read_rows.GROUP_KEYS),
        ("choose", read_rows.CHOOSE_KEYS),
        ("branch", read_rows.PREDICATES | read_rows.ROWS),
        ("key", read_rows.KEY_KEYS),
        ("carry", read_rows.CARRY_KEYS),
        ("not_carried", read_rows.NOT_CARRIED_KEYS),
        ("envelope", read_rows.ENVELOPE_KEYS),
    ],
)
def test_schema_and_loader_know_the_same_keys(table: str | None, keys: frozenset[str]) -> None:
    described = SCHEMA if table is None else SCHEMA["$defs"][table]

    assert set(described["properties"]) == keys
    assert described["additionalProperties"] is False


def test_schema_and_loader_know_the_same_words() -> None:
    group = SCHEMA["$defs"]["group"]["properties"]

    assert SCHEMA["properties"]["direction"]["enum"] == [one.value for one in Direction]
    assert group["take"]["enum"] == [one.value for one in Take]
    assert tuple(group["emit"]["enum"]) == read_rows.EMITS
    assert SCHEMA["$defs"]["field"]["properties"]["missing"]["oneOf"][0]["enum"] == [one.value for one in Missing]


@pytest.mark.parametrize(
    "odd",
    [
        {"titel": "x"},
        {"direction": "sideways"},
        {"field": [{**ROW, "form": "b"}]},
        {"field": [{**ROW, "const": "b"}]},
        {"field": [{"to": "worry"}]},
        {"group": [{"each": "a"}]},
        {"choose": [{"on": "a", "when": [{}]}]},
        {"choose": [{"on": "a", "when": [{"present": True, "equals": "b"}]}]},
        {"carry": [{"to": "local[]", "key": "x"}] * 2},
        {"envelope": {"body": "document"}},
    ],
    ids=lambda odd: next(iter(odd)),
)
def test_what_the_loader_refuses_by_its_shape_the_schema_refuses_too(odd: Group) -> None:
    assert not jsonschema_rs.validator_for(SCHEMA).is_valid({**HEAD, **odd})
    assert jsonschema_rs.validator_for(SCHEMA).is_valid({**HEAD, "field": [ROW]})
