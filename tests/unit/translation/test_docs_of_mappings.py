"""docs/mappings.md tells what the code does."""

import re
from pathlib import Path

import pytest

from gateway.translation import read_rows
from gateway.translation.library import Library
from gateway.translation.transforms import TRANSFORMS

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "mappings.md").read_text()
CODE = "".join(path.read_text() for path in sorted((ROOT / "gateway" / "translation").glob("*.py")))
TOLD = re.findall(r"^\| `([a-z0-9-]+)` \|", PAGE.split("## Warnings")[1].split("## Adding")[0], re.MULTILINE)


@pytest.mark.parametrize("name", TRANSFORMS)
def test_every_transform_is_told_as_the_code_tells_it(name: str) -> None:
    assert f"| `{name}` | {TRANSFORMS[name].says} |" in PAGE


def test_every_inverse_is_told() -> None:
    inverses = ", ".join(f"`{name}`" for name, made in TRANSFORMS.items() if made.inverse)

    assert f"{inverses}." in PAGE


@pytest.mark.parametrize("key", sorted(read_rows.FIELD_KEYS | read_rows.GROUP_KEYS | read_rows.PREDICATES))
def test_every_key_is_told(key: str) -> None:
    assert re.search(rf"`{key}\b|\[\[(group\.)?{key}\]\]", PAGE)


def test_the_warnings_told_are_those_the_code_gives() -> None:
    written = set(re.findall(r'"([a-z0-9]+(?:-[a-z0-9]+)+)"', CODE))

    assert written - {"if-any-child", "utf-8", "utf-8-sig"} == set(TOLD)


def test_the_count_of_rows_that_join_is_the_published_one(library: Library) -> None:
    assert f"used in {sum(mapping.several for mapping in library)} rows" in PAGE
